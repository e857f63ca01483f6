/** What was set at gateways, as every store keeps it. JSON has no bigint: amounts are text. */
import type { SpendLimit } from '../gateway/limits.ts';
import type { LimitRecord } from '../gateway/records.ts';

interface StoredLimit {
  readonly scope: SpendLimit['scope'];
  readonly period: string;
  readonly cents: string | null;
  readonly pool?: { readonly cents: string | null; readonly isPaused: boolean };
}

const textOf = (cents: bigint | null): string | null => (cents === null ? null : cents.toString());
const centsOf = (text: string | null): bigint | null => (text === null ? null : BigInt(text));

function stored(limit: SpendLimit | undefined): StoredLimit | undefined {
  if (limit === undefined) return undefined;
  const { scope, period, cents, pool } = limit;
  return { scope, period, cents: textOf(cents), ...(pool !== undefined && { pool: { cents: textOf(pool.cents), isPaused: pool.isPaused } }) };
}

function restored(limit: StoredLimit | undefined): SpendLimit | undefined {
  if (limit === undefined) return undefined;
  const { scope, period, cents, pool } = limit;
  return { scope, period, cents: centsOf(cents), pool: pool && { cents: centsOf(pool.cents), isPaused: pool.isPaused } };
}

interface StoredBody extends Pick<LimitRecord, 'budgets'> {
  readonly limitId?: string;
  readonly before?: StoredLimit;
  readonly after?: StoredLimit;
  readonly error?: string;
}

export function limitRecordOf({ at_ms, who, gateway, what, outcome, body }: Readonly<Record<string, unknown>>): LimitRecord {
  // What limitBody() made.
  const { limitId, budgets, before, after, error } = JSON.parse(String(body)) as StoredBody;
  return {
    ...{ atMs: Number(at_ms), who: String(who), gateway: String(gateway) },
    ...{ what: what as LimitRecord['what'], outcome: outcome as LimitRecord['outcome'] },
    ...{ limitId, budgets, before: restored(before), after: restored(after), error },
  };
}

export const limitBody = ({ limitId, budgets, before, after, error }: LimitRecord): string =>
  JSON.stringify({ limitId, budgets, before: stored(before), after: stored(after), error });
