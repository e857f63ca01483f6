/** Costly gauges are not read for every scrape and every reader of a board: what was read is shown again for a while. */
import { LRUCache } from 'lru-cache';
import { type Gauge, type GaugeContext, type GaugeSample, keptMs } from './gauge.ts';

/** Gauges that are read together, or one alone. */
interface Round<Samples> {
  readonly atMs: number;
  /** What the most expensive of them took: only the first pays for an answer that they share. */
  tookMs: number;
  readonly samples: Map<string, Samples>;
}

const groupOf = ({ series, together = series }: Gauge, about: string): string => `${together} ${about}`;

export class GaugeReadings<Samples> {
  readonly #rounds: LRUCache<string, Round<Samples>>;
  readonly #elapsedMs: () => number;

  /** `elapsedMs`: a clock that tells how long reading took. Beyond `roundsMax` the oldest give way. */
  constructor(elapsedMs: () => number, roundsMax: number) {
    this.#elapsedMs = elapsedMs;
    // Where there are no gauges, none is kept; the cache asks for room for one.
    this.#rounds = new LRUCache({ max: Math.max(1, roundsMax) });
  }

  /** `about`: what else tells readings of the same gauge apart. */
  async read(gauge: Gauge, about: string, nowMs: number, read: () => Promise<Samples>): Promise<Samples> {
    const { series, maxAgeMs } = gauge;
    if (maxAgeMs === 0) return read();
    const kept = this.#kept(gauge, about, nowMs);
    const known = kept?.samples.get(series);
    if (known !== undefined) return known;
    const round = kept ?? { atMs: nowMs, tookMs: 0, samples: new Map<string, Samples>() };
    const startedMs = this.#elapsedMs();
    const samples = await read();
    round.tookMs = Math.max(round.tookMs, this.#elapsedMs() - startedMs);
    round.samples.set(series, samples);
    this.#rounds.set(groupOf(gauge, about), round);
    return samples;
  }

  /** Would read() answer without reading? */
  isKept(gauge: Gauge, about: string, nowMs: number): boolean {
    return this.#kept(gauge, about, nowMs)?.samples.has(gauge.series) === true;
  }

  #kept(gauge: Gauge, about: string, nowMs: number): Round<Samples> | undefined {
    // Only reading anew keeps a round longer, not showing it.
    const last = this.#rounds.peek(groupOf(gauge, about));
    return last !== undefined && Math.abs(nowMs - last.atMs) < keptMs(gauge, last.tookMs) ? last : undefined;
  }
}

/** Each choice of filters and each scope is an entry of its own. */
const ENTRIES_MAX = 300;

/** Gauges as the boards read them: each says how old its samples may be. */
export class GaugeCache {
  readonly #readings: GaugeReadings<readonly GaugeSample[]>;

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(elapsedMs: () => number) {
    this.#readings = new GaugeReadings(elapsedMs, ENTRIES_MAX);
  }

  /** `isNow` is false for an instant before: such samples stay true for as long as they are kept. */
  read(gauge: Gauge, context: GaugeContext, isNow: boolean): Promise<readonly GaugeSample[]> {
    const { calendar, where, scope, nowMs } = context;
    const about = JSON.stringify([calendar, where, scope, ...(isNow ? [] : [nowMs])]);
    return this.#readings.read(gauge, about, nowMs, () => gauge.read(context));
  }
}
