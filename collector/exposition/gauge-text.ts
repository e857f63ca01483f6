/** The catalog of gauges as text. Each is computed no more often than it says; one that fails does not take the scrape with it. */
import { LedgerlineError } from '../core/error.ts';
import { GaugeReadings } from '../query/gauges/cache.ts';
import type { Gauge, GaugeContext } from '../query/gauges/gauge.ts';
import { gauge, samplesText } from './families.ts';
import { boundedValue } from './label-text.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A scrape gives reading gauges this long: Prometheus gives up after 10 s, and then has no figure of the ledger at all. */
const SCRAPE_MS = 2_000;

export class GaugeTexts {
  readonly #gauges: readonly Gauge[];
  readonly #readings: GaugeReadings<readonly Sample[]>;
  readonly #elapsedMs: () => number;
  /** What was shown last of each series. */
  readonly #last = new Map<string, readonly Sample[]>();
  /** Those that a scrape had no time for: who has waited longest is first. */
  readonly #waiting = new Set<Gauge>();

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(gauges: readonly Gauge[], elapsedMs: () => number) {
    this.#gauges = gauges;
    this.#readings = new GaugeReadings(elapsedMs, gauges.length);
    this.#elapsedMs = elapsedMs;
  }

  /**
   * The text of one series after the other. Costly ones that a scrape has no time for are shown as they were, and come first in the next:
   * where what stands before them has to be read anew each time, they would wait for ever.
   */
  async *texts(context: GaugeContext): AsyncIterable<string> {
    const untilMs = this.#elapsedMs() + SCRAPE_MS;
    for (const one of new Set([...this.#waiting, ...this.#gauges])) {
      try {
        if (this.#elapsedMs() >= untilMs && one.maxAgeMs > 0 && !this.#readings.isKept(one, '', context.nowMs)) {
          this.#waiting.add(one);
          yield this.#textBefore(one);
          continue;
        }
        this.#waiting.delete(one);
        const samples = await this.#readings.read(one, '', context.nowMs, () => samplesOf(one, context));
        this.#last.set(one.series, samples);
        yield samplesText(gauge(one.series, one.help), samples);
      } catch (thrown) {
        yield `# ${one.series} could not be computed: ${oneLine(LedgerlineError.from(thrown).message)}\n`;
      }
    }
  }

  #textBefore({ series, help }: Gauge): string {
    const samples = this.#last.get(series);
    return samples === undefined
      ? `# ${series} will be read in a later scrape: the others took ${SCRAPE_MS} ms.\n`
      : samplesText(gauge(series, help), samples);
  }
}

/** Values that look alike once shown are one label set, which may appear only once: the first stands. */
async function samplesOf(one: Gauge, context: GaugeContext): Promise<readonly Sample[]> {
  const samples = new Map<string, Sample>();
  for (const { labels, value } of await one.read(context)) {
    const shown = one.labels.flatMap((name, index): [string, string][] => {
      const value = boundedValue(labels[index] ?? '');
      return one.isOfSelection === true && value === '' ? [] : [[name, value]];
    });
    samples.getOrInsertComputed(JSON.stringify(shown), () => [Object.fromEntries(shown), value]);
  }
  return [...samples.values()];
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
