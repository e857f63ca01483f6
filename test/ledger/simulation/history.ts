/**
 * True histories of a session and what the client reports of them: requests with a cost, reported as events and as points of a metric
 * by processes that are interrupted, killed, put to sleep or lose exports. What is true is known here, so rules can be judged by it.
 */
import type { BookingItem } from '../../../collector/ledger/booking.ts';
import { identityOf } from '../../support/entries.ts';
import type { Random } from '../../support/random.ts';

type Item = BookingItem<number>;

export interface History {
  /** What the session really cost. */
  readonly truth: bigint;
  readonly items: readonly Item[];
  /** What lost its session on the way. */
  readonly pool?: readonly Item[];
}

/** Probabilities in 0…1 unless said otherwise. */
export interface Faults {
  /** A request is interrupted: priced in the metric, no event. */
  readonly interrupt?: number;
  /** The process ends without its last exports. */
  readonly isKilled?: boolean;
  readonly lostEventExport?: number;
  readonly lostMetricExport?: number;
  /** The event names another model than the metric. */
  readonly servedModelDiffers?: number;
  /** A second model is consulted: in the event's cost, a point of its own in the metric. */
  readonly advisor?: number;
  readonly isCumulative?: boolean;
  /** The machine sleeps for hours in the middle; the metric is read after it wakes. */
  readonly sleeps?: boolean;
  readonly metricIntervalMs?: number;
  readonly withoutEvents?: boolean;
  readonly withoutMetrics?: boolean;
}

interface Request {
  readonly ms: number;
  readonly cost: bigint;
  readonly advisorCost: bigint;
  readonly model: string;
  readonly isInterrupted: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const EVENT_EXPORT_MS = 5 * SECOND;
const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];
const ADVISOR = 'claude-fable-5-1';
const CENT = 10_000_000_000n;

const between = (random: Random, low: number, high: number): number => low + random.below(high - low + 1);

/** One process of a session. `name` keeps its series apart from those of other processes. */
export function processHistory(random: Random, startMs: number, faults: Faults, name = 'process'): History {
  const requests = makeRequests(random, startMs, faults);
  const lastMs = requests.at(-1)?.ms ?? startMs;
  const endMs = faults.isKilled === true ? random.pick(requests).ms + random.below(20 * SECOND) : lastMs + random.below(30 * SECOND);
  const done = requests.filter(({ ms }) => ms <= endMs);
  const wake = faults.sleeps === true ? sleepAt(startMs + between(random, 30 * SECOND, 10 * MINUTE), between(random, 1, 8) * HOUR) : awake;
  return {
    truth: done.reduce((sum, { cost, advisorCost }) => sum + cost + advisorCost, 0n),
    items: [
      ...(faults.withoutEvents === true ? [] : reportEvents(random, done, { startMs, endMs, wake }, faults, name)),
      ...(faults.withoutMetrics === true ? [] : reportMetrics(random, done, { startMs, endMs, wake }, faults, name)),
    ],
  };
}

/** Something between client and collector takes session.id off one source. */
export const withoutSession = (source: Item['source'], { truth, items }: History): History => ({
  truth,
  items: items.filter((one) => one.source !== source),
  pool: items.filter((one) => one.source === source),
});

export const together = (...histories: readonly History[]): History => ({
  truth: histories.reduce((sum, { truth }) => sum + truth, 0n),
  items: histories.flatMap(({ items }) => items),
});

function makeRequests(random: Random, startMs: number, faults: Faults): Request[] {
  const requests: Request[] = [];
  const count = 1 + random.below(random.chance(0.3) ? 60 : 15);
  let ms = startMs;
  for (let index = 0; index < count; index++) {
    ms += random.chance(0.15) ? between(random, MINUTE, 15 * MINUTE) : between(random, SECOND, 40 * SECOND);
    requests.push({
      ms,
      cost: BigInt(between(random, 1, 500)) * CENT,
      advisorCost: random.chance(faults.advisor ?? 0) ? BigInt(between(random, 1, 200)) * CENT : 0n,
      model: random.pick(MODELS),
      isInterrupted: random.chance(faults.interrupt ?? 0),
    });
  }
  return requests;
}

interface Life {
  readonly startMs: number;
  readonly endMs: number;
  /** The clock as it shows after the machine slept. */
  readonly wake: (ms: number) => number;
}

const awake = (ms: number): number => ms;
const sleepAt = (fromMs: number, durationMs: number) => (ms: number) => (ms > fromMs ? ms + durationMs : ms);

function reportEvents(random: Random, requests: readonly Request[], { startMs, endMs, wake }: Life, faults: Faults, name: string): Item[] {
  const isLost = new Map<number, boolean>();
  return requests.flatMap(({ ms, cost, advisorCost, model, isInterrupted }, index) => {
    if (isInterrupted) return [];
    const batch = Math.floor((ms - startMs) / EVENT_EXPORT_MS);
    if (faults.isKilled === true && startMs + (batch + 1) * EVENT_EXPORT_MS > endMs) return [];
    if (isLost.getOrInsertComputed(batch, () => random.chance(faults.lostEventExport ?? 0))) return [];
    const served = random.chance(faults.servedModelDiffers ?? 0) ? `served-${model}` : model;
    // The event is stamped a little before or after the cost is added to the metric.
    const timeMs = wake(ms) + between(random, -300, 1_500);
    return [item({ id: `${name} event ${index}`, source: 'events', timeMs, startMs: timeMs, cost: cost + advisorCost, model: served })];
  });
}

interface Increment {
  readonly ms: number;
  readonly cost: bigint;
  readonly model: string;
}

const incrementsOf = ({ ms, cost, advisorCost, model }: Request): Increment[] => [
  { ms, cost, model },
  ...(advisorCost > 0n ? [{ ms, cost: advisorCost, model: ADVISOR }] : []),
];

interface Series {
  firstMs: number;
  lastReadMs: number;
  total: bigint;
}

/** Delta points as the client makes them: the first begins at its first increment, a series that was in the reading before begins there. */
function reportMetrics(random: Random, requests: readonly Request[], { startMs, endMs, wake }: Life, faults: Faults, name: string): Item[] {
  const intervalMs = faults.metricIntervalMs ?? MINUTE;
  const increments = requests.flatMap(incrementsOf);
  const series = new Map<string, Series>();
  const items: Item[] = [];
  const readings: number[] = [];
  for (let ms = startMs + random.below(intervalMs); ms <= endMs; ms += intervalMs) readings.push(ms);
  if (faults.isKilled !== true) readings.push(endMs);
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (const readMs of readings) {
    const isLost = random.chance(faults.lostMetricExport ?? 0);
    const fresh = Map.groupBy(
      increments.filter(({ ms }) => ms > beforeMs && ms <= readMs),
      ({ model }) => model,
    );
    for (const [model, added] of fresh) {
      const cost = added.reduce((sum, one) => sum + one.cost, 0n);
      const firstMs = added[0]?.ms ?? readMs;
      const known = series.getOrInsertComputed(model, () => ({ firstMs, lastReadMs: Number.NaN, total: 0n }));
      const fromMs = known.lastReadMs === beforeMs ? beforeMs : firstMs;
      known.total += cost;
      known.lastReadMs = readMs;
      if (faults.isCumulative === true || isLost) continue;
      items.push(point(`${name} ${model}`, { timeMs: wake(readMs), startMs: wake(fromMs), cost, model }));
    }
    if (faults.isCumulative === true && !isLost) {
      for (const [model, { firstMs, total }] of series) {
        const cumulative = { series: `${name} ${model}`, startMs: wake(firstMs) };
        items.push({ ...point(`${name} ${model}`, { timeMs: wake(readMs), startMs: wake(firstMs), cost: total, model }), cumulative });
      }
    }
    beforeMs = readMs;
  }
  return items;
}

interface Report {
  readonly timeMs: number;
  readonly startMs: number;
  readonly cost: bigint;
  readonly model: string;
}

const point = (series: string, report: Report): Item => item({ id: `${series} ${report.timeMs}`, source: 'metrics', ...report });

const item = ({ id, source, timeMs, startMs, cost, model }: Report & { readonly id: string; readonly source: Item['source'] }): Item => ({
  identity: identityOf(id),
  timeMs,
  startMs,
  source,
  dims: MODELS.indexOf(model),
  cost,
  listCost: 0n,
  amounts: {},
});
