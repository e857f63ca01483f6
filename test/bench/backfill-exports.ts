/** Exports of days that are over, each day as long as it was, from yesterday backwards: what is sent when the past is filled in. */
import { DAY_MS } from '../../collector/core/duration.ts';
import { dayOf, sessionsOfDay } from '../../collector/demo/generate.ts';
import type { Person } from '../../collector/demo/people.ts';
import type { DemoExport } from '../../collector/demo/wire.ts';

export class BackfillExports {
  readonly #seed: string;
  readonly #everyone: readonly Person[];
  #dayMs: number;

  constructor(seed: string, everyone: readonly Person[], nowMs: number) {
    this.#seed = seed;
    this.#everyone = everyone;
    this.#dayMs = nowMs - DAY_MS;
  }

  /** Of days that were not taken before. */
  take(signals: readonly DemoExport['signal'][], count: number): DemoExport[] {
    const exports: DemoExport[] = [];
    while (exports.length < count) exports.push(...this.#takeDay(signals));
    exports.length = count;
    return exports;
  }

  #takeDay(signals: readonly DemoExport['signal'][]): DemoExport[] {
    const exports: DemoExport[] = [];
    for (const session of sessionsOfDay(this.#seed, this.#everyone, dayOf(this.#dayMs))) {
      for (const sent of session.exports) if (signals.includes(sent.signal)) exports.push(sent);
    }
    this.#dayMs -= DAY_MS;
    return exports.sort((a, b) => a.timeMs - b.timeMs);
  }
}
