/** Costly gauges are not computed for every reader: each says how old its samples may be. */
import { type Gauge, type GaugeContext, type GaugeSample, keptMs } from '../gauge.ts';

/** Each choice of filters is an entry of its own; the oldest gives way. */
const ENTRIES_MAX = 300;

interface Kept {
  readonly atMs: number;
  readonly keptMs: number;
  readonly samples: readonly GaugeSample[];
}

export class GaugeCache {
  readonly #kept = new Map<string, Kept>();
  readonly #elapsedMs: () => number;

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs;
  }

  /** `isNow` is false for an instant before: such samples stay true for as long as they are kept. */
  read(name: string, gauge: Gauge, context: GaugeContext, isNow: boolean): readonly GaugeSample[] {
    if (gauge.maxAgeMs === 0) return gauge.read(context);
    const { calendar, where, nowMs } = context;
    const key = JSON.stringify([name, calendar, where, ...(isNow ? [] : [nowMs])]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && Math.abs(context.nowMs - kept.atMs) < kept.keptMs) return kept.samples;
    const startedMs = this.#elapsedMs();
    const samples = gauge.read(context);
    this.#kept.delete(key);
    this.#kept.set(key, { atMs: nowMs, keptMs: keptMs(gauge, this.#elapsedMs() - startedMs), samples });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > ENTRIES_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return samples;
  }
}
