/** Costly gauges are not computed for every reader: each says how old its samples may be. */

import { GaugeReadings } from '../query/gauges/cache.ts';
import type { Gauge, GaugeContext, GaugeSample } from '../query/gauges/gauge.ts';

/** Each choice of filters is an entry of its own; the oldest gives way. */
const ENTRIES_MAX = 300;

export class GaugeCache {
  readonly #readings: GaugeReadings<readonly GaugeSample[]>;

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#readings = new GaugeReadings(elapsedMs, ENTRIES_MAX);
  }

  /** `isNow` is false for an instant before: such samples stay true for as long as they are kept. */
  read(gauge: Gauge, context: GaugeContext, isNow: boolean): readonly GaugeSample[] {
    const { calendar, where, nowMs } = context;
    const about = JSON.stringify([calendar, where, ...(isNow ? [] : [nowMs])]);
    return this.#readings.read(gauge, about, nowMs, () => gauge.read(context));
  }
}
