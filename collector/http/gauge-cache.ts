/** Costly gauges are not computed for every reader: each says how old its samples may be. */
import type { Gauge, GaugeContext, GaugeSample } from '../gauge.ts';

/** Each choice of filters is an entry of its own; the oldest gives way. */
const ENTRIES_MAX = 300;

interface Kept {
  readonly atMs: number;
  readonly samples: readonly GaugeSample[];
}

export class GaugeCache {
  readonly #kept = new Map<string, Kept>();

  /** `isNow` is false for an instant before: such samples stay true for as long as they are kept. */
  read(name: string, gauge: Gauge, context: GaugeContext, isNow: boolean): readonly GaugeSample[] {
    if (gauge.maxAgeMs === 0) return gauge.read(context);
    const { calendar, where, nowMs } = context;
    const key = JSON.stringify([name, calendar, where, ...(isNow ? [] : [nowMs])]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && Math.abs(context.nowMs - kept.atMs) < gauge.maxAgeMs) return kept.samples;
    const samples = gauge.read(context);
    this.#kept.delete(key);
    this.#kept.set(key, { atMs: nowMs, samples });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > ENTRIES_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return samples;
  }
}
