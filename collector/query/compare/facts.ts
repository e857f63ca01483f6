/** What a comparison is made of, read from one snapshot of the ledger. */
import { measuresOf } from '../../catalog/figure-values.ts';
import type { DimensionName } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import type { LedgerSnapshot, Row } from '../../ledger/ledger.ts';
import { COARSE } from '../../ledger/rollups.ts';
import type { Range } from '../compared-range.ts';
import { TOKEN_MEASURES } from '../token-prices.ts';
import { USAGE_MEASURES } from '../usage-figures.ts';

export const MEASURES = [...new Set([...USAGE_MEASURES, ...TOKEN_MEASURES, ...measuresOf(['latency_p50', 'latency_p95', 'error_ratio'])])];
/** More than the ledger keeps apart. */
const ROWS_MAX = 10_000_000;

export interface TimeRequest {
  readonly range: Range;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
}

/** Sums in the order of MEASURES. */
export interface Sums {
  readonly values: readonly bigint[];
  /** Known users with spend; undefined where counting them would scan the finest roll-up. */
  readonly developers: number | undefined;
}

export interface TimeFacts {
  readonly whole: Sums;
  readonly asOfMs: number | undefined;
}

type Ledger = Pick<LedgerSnapshot, 'query'>;

export async function readWhole(ledger: Ledger, request: TimeRequest): Promise<TimeFacts> {
  const { totals, asOfMs } = await ledger.query({ measures: MEASURES, by: [], ...common(request) });
  const users = await usersBy(ledger, request, []);
  return { whole: { values: totals, developers: users?.get('') ?? (users && 0) }, asOfMs };
}

/** By the stored value of a dimension. */
export async function readValues(ledger: Ledger, request: TimeRequest, dimension: DimensionName): Promise<ReadonlyMap<string, Sums>> {
  const { rows } = await ledger.query({ measures: MEASURES, by: [dimension], ...common(request) });
  const users = await usersBy(ledger, request, [dimension]);
  return new Map(rows.map(({ key: [value = ''], values }) => [value, { values, developers: users && (users.get(value) ?? 0) }]));
}

const common = ({ range, calendar, where }: TimeRequest) =>
  ({ ...range, grain: 'total', timeZone: calendar.timeZone, where, rowsMax: ROWS_MAX }) as const;

/** How many known users cost anything, by value, or '' for all. */
async function usersBy(ledger: Ledger, request: TimeRequest, by: readonly DimensionName[]): Promise<ReadonlyMap<string, number> | undefined> {
  const names = new Set<DimensionName>([...by, 'user', ...request.where.map(({ dimension }) => dimension)]);
  if (!COARSE.some(({ dimensions }) => [...names].every((name) => dimensions.includes(name)))) return undefined;
  // Who is asked for by user is the user.
  const { rows } = await ledger.query({ measures: ['cost'], by: [...new Set<DimensionName>([...by, 'user'])], ...common(request) });
  const known = rows.filter(({ key, values: [cost = 0n] }) => key.at(-1) !== '' && cost > 0n);
  return new Map([...Map.groupBy(known, (row) => groupOf(row, by))].map(([value, own]) => [value, own.length]));
}

const groupOf = ({ key }: Row, by: readonly DimensionName[]): string => (by.length === 0 ? '' : (key[0] ?? ''));
