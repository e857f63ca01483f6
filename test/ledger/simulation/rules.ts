/** Rules that could say what a session cost, from what was reported of it. The product has the last one; see ADR 2 for the table. */
import { type BookingItem, SessionBook } from '../../../collector/ledger/booking.ts';

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

/** Intervals that touch are a window, of which each is judged by itself. */
const perWindow =
  (slackMs: number, inWindow: InWindow): Rule =>
  (items) => {
    const timeRanges = incrementsOf(items)
      .map((one) => (one.source === 'events' ? { a: one.toMs, b: one.toMs, one } : { a: one.fromMs - slackMs, b: one.toMs + slackMs, one }))
      .toSorted((x, y) => x.a - y.a);
    let total = 0n;
    let group: Increment[] = [];
    let endMs = Number.NEGATIVE_INFINITY;
    for (const { a, b, one } of timeRanges) {
      if (a > endMs) {
        total += inWindow(group);
        group = [];
      }
      group.push(one);
      endMs = Math.max(endMs, b);
    }
    return total + inWindow(group);
  };

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

const booked: Rule = (items) => new SessionBook<number>().bookAll(items).reduce((total, { cost }) => total + cost, 0n);

export const RULES: Readonly<Record<string, Rule>> = {
  'larger per model': perModel,
  'larger per session': perSession,
  'metric, then later events': upToLastReading(0),
  'metric, then events 2 min later': upToLastReading(120_000),
  'larger per window': perWindow(SLACK_MS, largerSource),
  'events and excess, per window': booked,
};
