/** Rules that could say what a session cost, from what was reported of it. The product has the last one; see ADR 2 for the table. */
import { type BookingItem, SessionBook } from '../../../collector/ledger/booking.ts';
import type { History } from './history.ts';

type Item = BookingItem<number>;

/** What one record adds, and the time that it covers. */
interface Increment {
  readonly source: Item['source'];
  readonly fromMs: number;
  readonly toMs: number;
  readonly cost: bigint;
  readonly model: number;
}

export type Rule = (items: readonly Item[]) => bigint;

/** Running totals become what each adds to the one before. */
export function incrementsOf(items: readonly Item[]): Increment[] {
  const reached = new Map<string, { readonly ms: number; readonly cost: bigint }>();
  return items
    .toSorted((a, b) => a.timeMs - b.timeMs)
    .map(({ source, timeMs, startMs, cost, cumulative, dims }) => {
      const before = cumulative && reached.get(cumulative.series);
      if (cumulative !== undefined) reached.set(cumulative.series, { ms: timeMs, cost });
      return {
        source,
        fromMs: before?.ms ?? startMs ?? (source === 'events' ? timeMs : Number.NEGATIVE_INFINITY),
        toMs: timeMs,
        cost: cost - (before?.cost ?? 0n),
        model: dims,
      };
    });
}

const sum = (increments: readonly Increment[]): bigint => increments.reduce((total, { cost }) => total + cost, 0n);
const of = (increments: readonly Increment[], source: Item['source']): Increment[] => increments.filter((one) => one.source === source);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const largerSource = (increments: readonly Increment[]): bigint => larger(sum(of(increments, 'events')), sum(of(increments, 'metrics')));

const perModel: Rule = (items) =>
  [...Map.groupBy(incrementsOf(items), ({ model }) => model).values()].reduce((total, group) => total + largerSource(group), 0n);

const perSession: Rule = (items) => largerSource(incrementsOf(items));

const upToLastReading =
  (graceMs: number): Rule =>
  (items) => {
    const increments = incrementsOf(items);
    const lastMs = Math.max(...of(increments, 'metrics').map(({ toMs }) => toMs)) + graceMs;
    const later = increments.filter(({ source, toMs }) => source === 'events' && toMs > lastMs);
    return largerSource(increments.filter((one) => !later.includes(one))) + sum(later);
  };

type InWindow = (increments: readonly Increment[]) => bigint;

/** Intervals that touch are a window. */
function windowsOf(increments: readonly Increment[], slackMs: number): Increment[][] {
  const timeRanges = increments
    .map((one) => (one.source === 'events' ? { a: one.toMs, b: one.toMs, one } : { a: one.fromMs - slackMs, b: one.toMs + slackMs, one }))
    .toSorted((x, y) => x.a - y.a);
  const windows: Increment[][] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { a, b, one } of timeRanges) {
    if (a > endMs) windows.push([]);
    windows.at(-1)?.push(one);
    endMs = Math.max(endMs, b);
  }
  return windows;
}

const add = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** Each window is judged by itself. */
const perWindow =
  (slackMs: number, inWindow: InWindow): Rule =>
  (items) =>
    add(windowsOf(incrementsOf(items), slackMs).map(inWindow));

/** All events, and the most that the metric was ever ahead of those stamped until a little after its reading. */
const eventsAndExcess =
  (lagMs: number): InWindow =>
  (increments) => {
    let events = 0n;
    let metrics = 0n;
    let excess = 0n;
    const position = ({ source, toMs }: Increment): number => (source === 'events' ? toMs : toMs + lagMs);
    const rank = ({ source }: Increment): number => (source === 'events' ? 0 : 1);
    for (const { source, cost } of increments.toSorted((a, b) => position(a) - position(b) || rank(a) - rank(b))) {
      if (source === 'events') events += cost;
      else metrics += cost;
      if (source === 'metrics') excess = larger(excess, metrics - events);
    }
    return events + excess;
  };

const SLACK_MS = 60_000;
const LAG_MS = 60_000;

/** The reference for the product's rule, as plainly as it can be said. */
export const plainRule: Rule = perWindow(SLACK_MS, eventsAndExcess(LAG_MS));

type Case = Pick<History, 'items' | 'pool'>;
export type HistoryRule = (history: Case) => bigint;

/** The same beside a pool of one source: of each of its windows, what it exceeds that by which only one source of the session reports. */
export const plainlyJoined: HistoryRule = ({ items, pool = [] }) => {
  const alone = windowsOf(incrementsOf(items), SLACK_MS).filter((window) => new Set(window.map(({ source }) => source)).size === 1);
  const shadows = new Set(alone.flat());
  const windows = windowsOf([...incrementsOf(pool), ...shadows], SLACK_MS);
  return plainRule(items) + add(windows.map((window) => largerSource(window) - sum(window.filter((one) => shadows.has(one)))));
};

const booked: HistoryRule = ({ items, pool = [] }) => {
  const postings = [...new SessionBook<number>().bookAll(items), ...new SessionBook<number>().bookAll(pool, SessionBook.shadowsOf(items))];
  return add(postings.map(({ cost }) => cost));
};

/** Without a way to join what belongs together. */
const apart =
  (rule: Rule): HistoryRule =>
  ({ items, pool = [] }) =>
    rule(items) + (pool.length === 0 ? 0n : rule(pool));

export const RULES: Readonly<Record<string, HistoryRule>> = {
  'larger per model': apart(perModel),
  'larger per session': apart(perSession),
  'metric, then later events': apart(upToLastReading(0)),
  'metric, then events 2 min later': apart(upToLastReading(120_000)),
  'larger per window': apart(perWindow(SLACK_MS, largerSource)),
  'events and excess, per window': booked,
};
