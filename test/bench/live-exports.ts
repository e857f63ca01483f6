/**
 * Exports as they come in production: their times run up to now. Each session of the demo's organization is moved by whole hours into one
 * and the same hour, which thereby is as busy as that of an organization some ten times as large. Then this hour is squeezed: the order of
 * all exports and records stays, and the exports follow each other at even distances.
 */
import { DAY_MS, HOUR_MS } from '../../collector/core/duration.ts';
import { dayOf, sessionsOfDay } from '../../collector/demo/generate.ts';
import type { Person } from '../../collector/demo/people.ts';
import type { DemoSession } from '../../collector/demo/session.ts';
import type { DemoAttributes, DemoExport, DemoLog, DemoMetric, DemoPoint } from '../../collector/demo/wire.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Of a file that does not say otherwise: short enough that even the first record belongs to the present quarter of an hour. */
const SPAN_MS = 30_000;

export class LiveExports {
  readonly #sessions: Generator<DemoSession, never>;

  constructor(seed: string, everyone: readonly Person[], nowMs: number) {
    this.#sessions = sessionsFrom(seed, everyone, nowMs + DAY_MS);
  }

  /** Of sessions that were not taken before. The last of them may be cut off, as by the end of any time range. */
  take(signals: readonly DemoExport['signal'][], count: number, span?: Span): DemoExport[] {
    const folded: Moved[] = [];
    while (folded.length < count) folded.push(...intoOneHour(this.#sessions.next().value, signals));
    folded.sort((a, b) => a.timeMs - b.timeMs);
    folded.length = count;
    const nowMs = Date.now();
    return squeezed(folded, span ?? { fromMs: nowMs - SPAN_MS, toMs: nowMs });
  }
}

/** Without end. Days to come, so that no session is also one of the backfill, and clients and models are those of today. */
function* sessionsFrom(seed: string, everyone: readonly Person[], fromMs: number): Generator<DemoSession, never> {
  for (let dayMs = fromMs; ; dayMs += DAY_MS) yield* sessionsOfDay(seed, everyone, dayOf(dayMs));
}

interface Moved {
  readonly sent: DemoExport;
  /** By how much its session was moved towards the past. */
  readonly byMs: number;
  /** After it was moved. */
  readonly timeMs: number;
}

function intoOneHour(session: DemoSession, signals: readonly DemoExport['signal'][]): Moved[] {
  const byMs = Math.floor(session.startMs / HOUR_MS) * HOUR_MS;
  return session.exports.filter(({ signal }) => signals.includes(signal)).map((sent) => ({ sent, byMs, timeMs: sent.timeMs - byMs }));
}

/** What happened between two exports of anybody happens there afterwards, too. */
function squeezed(ordered: readonly Moved[], { fromMs, toMs }: Span): DemoExport[] {
  const times = Float64Array.from(ordered, ({ timeMs }) => timeMs);
  const apartMs = (toMs - fromMs) / times.length;
  return ordered.map(({ sent, byMs }) => retimed(sent, (timeMs) => Math.floor(fromMs + firstFrom(times, timeMs - byMs) * apartMs)));
}

/** Index of the first that is not smaller. */
function firstFrom(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? value) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Retime = (timeMs: number) => number;

function retimed(sent: DemoExport, retime: Retime): DemoExport {
  const timeMs = retime(sent.timeMs);
  if (sent.signal === 'logs') return { ...sent, timeMs, logs: sent.logs.map((log) => retimedLog(log, retime)) };
  const point = (one: DemoPoint): DemoPoint => ({ ...one, startMs: retime(one.startMs), timeMs: retime(one.timeMs) });
  const metric = (one: DemoMetric): DemoMetric => ({ ...one, points: one.points.map(point) });
  return { ...sent, timeMs, metrics: sent.metrics.map(metric) };
}

function retimedLog(log: DemoLog, retime: Retime): DemoLog {
  const timeMs = retime(log.timeMs);
  const stamp = new Date(timeMs).toISOString();
  const attributes: DemoAttributes = log.attributes.map(([key, value]) => [key, key === 'event.timestamp' ? stamp : value]);
  return { ...log, timeMs, attributes };
}
