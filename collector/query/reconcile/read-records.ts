/** What the provider's records say of a range of days, from the store of statements. */
import type { StatementColumn, StatementDay, StatementReader } from '../../imports/statements.ts';
import type { Range } from '../compared-range.ts';
import type { Records } from './cells.ts';
import type { RecordLine } from './records.ts';
import type { RecordDay } from './sources.ts';
import { dayOf } from './telemetry.ts';

const TEXTS = [
  ...(['source', 'account', 'day', 'workspace', 'model', 'provider', 'region', 'product', 'costType', 'tokenClass'] as const),
  ...(['serviceTier', 'speed', 'contextWindow', 'inferenceGeo'] as const),
] satisfies readonly StatementColumn[];
const ROWS_MAX = 1_000_000;

export type StatementsOf = Pick<StatementReader, 'sums' | 'days' | 'runs' | 'origins' | 'names' | 'close'>;

export const daysOfRange = ({ fromMs, toMs }: Range) => ({ from: dayOf(fromMs), to: dayOf(toMs) });

export async function readRecords(statements: StatementsOf, range: Range): Promise<Records> {
  const days = daysOfRange(range);
  const sums = await statements.sums({ ...days, by: TEXTS, rowsMax: ROWS_MAX });
  const lines = sums.map(({ key, totals: { billed, list, tokens } }) => ({
    ...(Object.fromEntries(TEXTS.map((text, index) => [text, key[index] ?? ''])) as Record<(typeof TEXTS)[number], string>),
    ...{ billed, list, tokens },
  }));
  return { lines: lines satisfies RecordLine[], days: recordDays(await statements.days(days)) };
}

export const recordDays = (days: readonly StatementDay[]): readonly RecordDay[] =>
  days.map(({ source, account, day, lines, totals, isComplete }) => {
    const has = (amount: 'billed' | 'tokens'): boolean => lines === 0 || totals[amount] !== undefined;
    return { source, account, day, hasBilled: has('billed'), hasTokens: has('tokens'), isEmpty: lines === 0, isComplete };
  });

/** What the provider counted of one user. Money in pico-dollars; undefined where the record does not say. */
export interface UserRecord {
  /** As stored in the ledger; '': neither user nor key is known. */
  readonly user: string;
  /** An API key that no user is configured for. */
  readonly apiKey: string;
  readonly cost: bigint | undefined;
  readonly tokens: bigint | undefined;
}

/** The first of each that knows users is used: the others repeat it. */
const BY_USER = [['anthropic-analytics', 'claude-code-analytics'], ['litellm'], ['aws-cur'], ['gcp-billing']] as const;

export interface UserNames {
  /** API keys, principals and accounts to users. */
  readonly configured: Readonly<Record<string, string>>;
  /** How the ledger spells a user. */
  readonly storedUser: (user: string) => string;
  /** Products that Claude Code is. */
  readonly products: readonly string[];
}

/** By user, from the sources that know them. `sources`: what was used. */
export async function readUserRecords(statements: StatementsOf, range: Range, names: UserNames) {
  // Other products of the provider have no telemetry; a record that names no product is of Claude Code's or cannot say.
  const where = [{ column: 'product' as const, values: ['', ...names.products] }];
  const sums = await statements.sums({ ...daysOfRange(range), by: ['source', 'user', 'apiKey'], where, rowsMax: ROWS_MAX });
  const bySource = Map.groupBy(
    sums.filter(({ key: [, user, apiKey] }) => user !== '' || apiKey !== ''),
    ({ key: [source = ''] }) => source,
  );
  const sources = BY_USER.flatMap((order) => order.filter((source) => bySource.has(source)).slice(0, 1));
  const records = new Map<string, UserRecord>();
  for (const { key, totals } of sources.flatMap((source) => bySource.get(source) ?? [])) {
    const [, named = '', apiKey = ''] = key;
    const known = names.configured[apiKey] ?? names.configured[named] ?? named;
    const user = known === '' ? '' : names.storedUser(known);
    const place = JSON.stringify([user, user === '' ? apiKey : '']);
    const before = records.get(place);
    records.set(place, {
      user,
      apiKey: user === '' ? apiKey : '',
      cost: plus(before?.cost, totals.list ?? totals.estimated ?? totals.billed),
      tokens: plus(before?.tokens, totals.tokens),
    });
  }
  return { sources, records: [...records.values()] };
}

const plus = (one: bigint | undefined, other: bigint | undefined): bigint | undefined =>
  one === undefined ? other : other === undefined ? one : one + other;
