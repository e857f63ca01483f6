/**
 * What the ledger has booked for many scopes at once, what was spent in its time. Requests for the same time range, measures and dimensions are one query, whose
 * rows are then found by their key: a thousand budgets of teams cost as much as one.
 */

import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot, Query, QueryResult, Row } from './ledger.ts';

export interface SpendRequest {
  readonly timeRange: Required<TimeRange>;
  readonly where: readonly Filter[];
  /** Added up. */
  readonly measures: readonly MeasureName[];
  /** Also the spend of each value of this dimension within the scope. */
  readonly per?: DimensionName | undefined;
  /** Also what was posted in it for closed months though it was spent before (spent-in-time.ts), as reports of spend have it. */
  readonly isAsPosted?: true;
}

export interface Spend {
  readonly total: bigint;
  /** Empty without `per`. Values as stored; '' is not known. */
  readonly members: ReadonlyMap<string, bigint>;
}

export interface SpendContext {
  readonly reader: Pick<LedgerSnapshot, 'query'>;
  /** That of the ledger, whose days it keeps ready. */
  readonly calendar: CalendarOptions;
  /** What was read before and is answered again; the rest is read. */
  readonly known?: { find(group: SpendGroup): SpendAnswer | undefined } | undefined;
}

/** What one answer of the ledger is enough for. */
export interface SpendGroup {
  /** Equal for the same time range, measures and dimensions, whatever values are asked for. */
  readonly key: string;
  readonly requests: readonly SpendRequest[];
  readonly query: Query;
}

export interface SpendAnswer {
  readonly sums: Sums;
  /** When the ledger had last committed; undefined when it is empty. */
  readonly asOfMs: number | undefined;
}

export interface Spends {
  /** In the order of the requests. */
  readonly spends: readonly Spend[];
  /** When the ledger last committed; undefined when it is empty or nothing was asked. */
  readonly asOfMs: number | undefined;
}

/** The ledger bounds its dimensions below this. */
export const ROWS_MAX = 10_000_000;
/** Beyond so many values of one dimension everything is read: a list of them costs more than it saves. */
const FILTER_VALUES_MAX = 200;
const SEPARATOR = '\u001f';

/** A dimension that is asked for by member is in the key once, last. */
export const dimensionsOf = ({ where, per }: Pick<SpendRequest, 'where' | 'per'>): DimensionName[] => {
  const scope = where.map(({ dimension }) => dimension).filter((dimension) => dimension !== per);
  return per === undefined ? scope : [...scope, per];
};

export async function readSpend(requests: readonly SpendRequest[], { reader, calendar, known }: SpendContext): Promise<Spends> {
  const found = new Map<SpendRequest, Spend>();
  let asOfMs: number | undefined;
  for (const group of spendGroups(requests, calendar)) {
    const answer = known?.find(group) ?? spendAnswer(await reader.query(group.query));
    asOfMs = answer.asOfMs ?? asOfMs;
    for (const request of group.requests) found.set(request, spendOf(request, answer.sums));
  }
  return { spends: requests.map((request) => found.get(request) ?? { total: 0n, members: new Map() }), asOfMs };
}

export function spendGroups(requests: readonly SpendRequest[], calendar: CalendarOptions): SpendGroup[] {
  return [...Map.groupBy(requests, keyOf)].flatMap(([key, group]) =>
    group.slice(0, 1).map((first) => ({ key, requests: group, query: questionOf(first, group, calendar) })),
  );
}

const keyOf = (request: SpendRequest): string =>
  [
    request.timeRange.fromMs,
    request.timeRange.toMs,
    request.measures.join(),
    dimensionsOf(request).join(),
    request.per ?? '',
    request.isAsPosted ?? '',
  ].join(SEPARATOR);

function questionOf(first: SpendRequest, requests: readonly SpendRequest[], { timeZone }: CalendarOptions): Query {
  const { measures, timeRange, isAsPosted } = first;
  const by = dimensionsOf(first);
  const where = commonFilter(requests, by);
  const query = { measures, by, fromMs: timeRange.fromMs, toMs: timeRange.toMs, grain: 'total', timeZone, where, rowsMax: ROWS_MAX } as const;
  return isAsPosted === true ? query : { ...query, isInTime: true };
}

function spendAnswer({ rows, asOfMs }: QueryResult): SpendAnswer {
  const sums = new SpendSums();
  for (const row of rows) sums.add(row);
  return { sums: sums.sums, asOfMs };
}

/** Leaves out what none of them asks for, where that is a short list. */
export function commonFilter(group: readonly Pick<SpendRequest, 'where'>[], by: readonly DimensionName[]): Filter[] {
  return by.flatMap((dimension) => {
    const values = new Set<string>();
    for (const { where } of group) {
      const own = where.find((filter) => filter.dimension === dimension);
      if (own === undefined || values.size > FILTER_VALUES_MAX) return [];
      for (const value of own.values) values.add(value);
    }
    return values.size > FILTER_VALUES_MAX ? [] : [{ dimension, values: [...values] }];
  });
}

/** Amounts by the scope's part of the key, then by the member's ('' without one). */
export type Sums = ReadonlyMap<string, ReadonlyMap<string, bigint>>;

/** Adds up the rows of a group, one after the other. */
export class SpendSums {
  readonly sums = new Map<string, Map<string, bigint>>();

  add({ key, values }: Row): void {
    const members = this.sums.getOrInsertComputed(key.slice(0, -1).join(SEPARATOR), () => new Map<string, bigint>());
    const member = key.at(-1) ?? '';
    let amount = members.get(member) ?? 0n;
    for (const value of values) amount += value;
    members.set(member, amount);
  }
}

function spendOf({ where, per }: SpendRequest, sums: Sums): Spend {
  const last = dimensionsOf({ where, per }).at(-1);
  const wanted = where.find(({ dimension }) => dimension === last)?.values;
  const members = new Map<string, bigint>();
  let total = 0n;
  for (const part of partsOf(
    where.filter(({ dimension }) => dimension !== last),
    sums,
  )) {
    for (const [member, amount] of within(part, wanted)) {
      total += amount;
      if (per !== undefined) members.set(member, (members.get(member) ?? 0n) + amount);
    }
  }
  return { total, members };
}

function within(part: ReadonlyMap<string, bigint>, wanted: readonly string[] | undefined): Iterable<readonly [string, bigint]> {
  if (wanted === undefined) return part;
  return wanted.flatMap((value) => {
    const amount = part.get(value);
    return amount === undefined ? [] : [[value, amount] as const];
  });
}

/** What lies under every combination of the scope's values: looked up, or looked through where there are fewer of those that exist. */
function partsOf(where: readonly Filter[], sums: Sums): ReadonlyMap<string, bigint>[] {
  const combinations = where.reduce((product, { values }) => product * values.length, 1);
  if (combinations > sums.size) return [...sums].filter(([key]) => isWithin(key.split(SEPARATOR), where)).map(([, part]) => part);
  let keys: string[] = [''];
  for (const [index, { values }] of where.entries()) {
    keys = keys.flatMap((key) => values.map((value) => (index === 0 ? value : `${key}${SEPARATOR}${value}`)));
  }
  return keys.flatMap((key) => sums.get(key) ?? []);
}

const isWithin = (key: readonly string[], where: readonly Filter[]): boolean => where.every(({ values }, index) => values.includes(key[index] ?? ''));
