/**
 * Limits as they go over the wire: JSON of /v1/organizations/spend_limits. Amounts are strings of whole cents. Made from what is documented about
 * the API; see docs/gateway.md for what of it has been tried.
 */
import { z } from 'zod';
import type { LimitScope, ListedLimit, Listing, SpendLimit } from './limits.ts';

const cents = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .nullable();

const scope = z.looseObject({ type: z.string(), user_id: z.string().optional(), rbac_group_id: z.string().optional() });

const listed = z.looseObject({
  id: z.string().min(1),
  scope,
  amount: cents,
  period: z.string(),
  currency: z.string().optional(),
  pooled_budget: z.looseObject({ amount: cents, paused: z.boolean().default(false) }).nullish(),
  pooled_conflict_rule: z.string().nullish(),
});

const page = z.looseObject({
  data: z.array(listed),
  has_more: z.boolean().nullish(),
  last_id: z.string().nullish(),
  next_page: z.string().nullish(),
  pooled_conflict_rule: z.string().nullish(),
});

export interface LimitPage extends Listing {
  /** Parameters of the next page; undefined on the last. */
  readonly next: Readonly<Record<string, string>> | undefined;
}

/** Undefined for what is no page of limits in US dollars. */
export function readPage(body: unknown): LimitPage | undefined {
  const read = page.safeParse(body);
  if (!read.success) return undefined;
  const { data } = read.data;
  if (data.some(({ currency = 'USD' }) => currency !== 'USD')) return undefined;
  const rule = [read.data, ...data].find(({ pooled_conflict_rule: said }) => typeof said === 'string')?.pooled_conflict_rule;
  return { limits: data.map(limitOf), conflictRule: rule ?? undefined, next: nextOf(read.data) };
}

/** The gateway pages by the last id, Anthropic's own API by a cursor. */
function nextOf({ data, has_more, last_id, next_page }: z.output<typeof page>): LimitPage['next'] {
  if (typeof next_page === 'string' && next_page !== '') return { page: next_page };
  const after = last_id ?? data.at(-1)?.id;
  return has_more === true && after !== undefined ? { after_id: after } : undefined;
}

/** Undefined for what is no limit. */
export function readLimit(body: unknown): ListedLimit | undefined {
  const read = listed.safeParse(body);
  return read.success ? limitOf(read.data) : undefined;
}

function limitOf({ id, scope: of, amount, period, pooled_budget: pool }: z.output<typeof listed>): ListedLimit {
  return {
    ...{ id, scope: scopeOf(of), period, cents: amount },
    pool: pool === undefined || pool === null ? undefined : { cents: pool.amount, isPaused: pool.paused },
  };
}

/** Scopes of other kinds have ids of their own, which tell one from another. */
function scopeOf({ type, user_id, rbac_group_id, ...rest }: z.output<typeof scope>): LimitScope {
  if (type === 'user') return { type, id: user_id ?? '' };
  if (type === 'rbac_group') return { type, id: rbac_group_id ?? '' };
  return { type, id: Object.values(rest).join(' ') };
}

/** The body that sets a limit. A pool that there was and is no longer wanted is set to null. */
export function limitBody({ scope: { type, id }, period, cents: amount, pool }: SpendLimit, current: SpendLimit | undefined): object {
  return {
    scope: type === 'user' ? { type, user_id: id } : { type, rbac_group_id: id },
    period,
    amount: textOf(amount),
    ...(pool !== undefined && { pooled_budget: { amount: textOf(pool.cents), paused: current?.pool?.isPaused ?? pool.isPaused } }),
    ...(pool === undefined && current?.pool !== undefined && { pooled_budget: null }),
  };
}

const textOf = (amount: bigint | null): string | null => (amount === null ? null : amount.toString());
