/** Costly gauges are not read for every scrape and every reader of a board: what was read is shown again for a while. */
import { type Gauge, keptMs } from './gauge.ts';

/** Gauges that are read together, or one alone. */
interface Round<Samples> {
  readonly atMs: number;
  /** What the dearest of them took: only the first pays for an answer that they share. */
  tookMs: number;
  readonly samples: Map<string, Samples>;
}

export class GaugeReadings<Samples> {
  readonly #rounds = new Map<string, Round<Samples>>();
  readonly #elapsedMs: () => number;
  readonly #roundsMax: number;

  /** `elapsedMs`: a clock that tells how long reading took. Beyond `roundsMax` the oldest give way. */
  constructor(elapsedMs: () => number, roundsMax: number) {
    this.#elapsedMs = elapsedMs;
    this.#roundsMax = roundsMax;
  }

  /** `about`: what else tells readings of the same gauge apart. */
  read({ series, maxAgeMs, together = series }: Gauge, about: string, nowMs: number, read: () => Samples): Samples {
    if (maxAgeMs === 0) return read();
    const group = `${together} ${about}`;
    const last = this.#rounds.get(group);
    const isKept = last !== undefined && Math.abs(nowMs - last.atMs) < keptMs({ maxAgeMs }, last.tookMs);
    const known = isKept ? last.samples.get(series) : undefined;
    if (known !== undefined) return known;
    const round = isKept ? last : { atMs: nowMs, tookMs: 0, samples: new Map<string, Samples>() };
    const startedMs = this.#elapsedMs();
    const samples = read();
    round.tookMs = Math.max(round.tookMs, this.#elapsedMs() - startedMs);
    round.samples.set(series, samples);
    this.#keep(group, round);
    return samples;
  }

  #keep(group: string, round: Round<Samples>): void {
    this.#rounds.delete(group);
    this.#rounds.set(group, round);
    const [oldest] = this.#rounds.keys();
    if (this.#rounds.size > this.#roundsMax && oldest !== undefined) this.#rounds.delete(oldest);
  }
}
