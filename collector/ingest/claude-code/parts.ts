/**
 * From readings of data points to usages. Points of one Metric message that are alike in series, start and time are parts of one: a
 * processor took the attribute away that told them apart. They add up. Alike points of different messages are repeats, and each is a usage
 * with the same identity.
 */
import type { MeasureName } from '../../catalog/measures.ts';
import { PICO_PER_USD, type PicoUsd, RECORD_USD_MAX, toFloatUsd } from '../../core/money.ts';
import type { DataPoint } from '../telemetry.ts';
import type { Rejection, Usage } from '../usage.ts';
import { rejectCost } from './api-request.ts';
import { POINT_COUNT_MAX } from './attributes.ts';
import type { Clock } from './believable-time.ts';
import { rejectCount } from './draft.ts';
import { identifyArrival, identifyDelta, identifyReading, placeOf } from './identity.ts';
import type { AcceptedValue } from './metrics.ts';
import type { Result } from './result.ts';
import type { SeriesReading } from './series.ts';

export interface PointReading {
  readonly name: string;
  readonly point: DataPoint;
  readonly reading: SeriesReading;
  readonly measure: MeasureName;
  readonly value: AcceptedValue;
  readonly clock: Clock;
}

/** A usage and where it stands among the result's. */
interface Part {
  readonly index: number;
  readonly value: AcceptedValue;
}

export class Parts {
  readonly #result: Result;
  /** Of the message being read: messages come one after the other. */
  readonly #parts = new Map<string, Part>();
  #message = -1;

  constructor(result: Result) {
    this.#result = result;
  }

  /** Says why the point cannot be booked, if so. */
  add(read: PointReading): Rejection | undefined {
    const { message, startMs, timeMs } = read.point;
    if (message !== this.#message) this.#parts.clear();
    this.#message = message;
    const key = placeOf(read.reading.series, startMs, timeMs);
    const part = this.#parts.get(key);
    const value = part === undefined ? read.value : sum(read.name, part.value, read.value);
    if ('reason' in value) return value;
    const index = part?.index ?? this.#result.usages.length;
    this.#result.usages[index] = toUsage(read, key, value, part === undefined ? this.#result : undefined);
    this.#parts.set(key, { index, value });
    return undefined;
  }
}

function sum(name: string, one: AcceptedValue, other: AcceptedValue): AcceptedValue | Rejection {
  if ('cost' in one && 'cost' in other) {
    const cost = one.cost + other.cost;
    return cost <= COST_MAX ? { cost } : rejectCost(name, toFloatUsd(cost));
  }
  if ('amount' in one && 'amount' in other) {
    const amount = one.amount + other.amount;
    return amount <= POINT_COUNT_MAX ? { amount } : rejectCount(name, amount, POINT_COUNT_MAX);
  }
  return rejectCount(name, undefined, POINT_COUNT_MAX);
}

const COST_MAX: PicoUsd = BigInt(RECORD_USD_MAX) * PICO_PER_USD;

/** `result` counts a time that had to be corrected, or lies outside the window. */
function toUsage({ name, point, reading, measure, clock }: PointReading, place: string, value: AcceptedValue, result: Result | undefined): Usage {
  const { timeMs, isCertain, outside } = clock.date([point.timeMs, point.startMs]);
  if (outside !== undefined) result?.outside(outside);
  else if (result !== undefined && (!isCertain || timeMs !== point.timeMs)) result.correctedTimes++;
  return {
    source: 'metrics',
    kind: name,
    timeMs,
    isTimeCertain: isCertain,
    startMs: outside === undefined && clock.isBelievable(point.startMs) ? point.startMs : undefined,
    sessionId: reading.sessionId,
    identity: identify(point, place, value, clock),
    claims: reading.claims,
    cost: 'cost' in value ? value.cost : undefined,
    tokens: undefined,
    amounts: 'cost' in value ? {} : { [measure]: value.amount },
    dimensions: reading.dimensions,
    ...(point.temporality === 'cumulative' && { cumulative: { series: reading.series, startMs: point.startMs } }),
    ...(outside !== undefined && { isSetAside: true }),
  };
}

function identify({ temporality, startMs, timeMs }: DataPoint, place: string, value: AcceptedValue, clock: Clock): string {
  if (temporality === 'cumulative') return identifyReading(place, 'cost' in value ? value.cost : value.amount);
  return startMs === 0 && timeMs === 0 ? identifyArrival(place, clock.arrivalMs) : identifyDelta(place);
}
