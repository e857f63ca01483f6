/** The catalogue of gauges as text. Each is computed no more often than it says; one that fails does not take the scrape with it. */
import { LedgerlineError } from '../error.ts';
import type { Gauge, GaugeContext } from '../gauge.ts';
import { GaugeReadings } from '../gauge-readings.ts';
import { boundedValue } from '../label-text.ts';
import { gauge, samplesText } from './families.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

export class GaugeTexts {
  readonly #gauges: readonly Gauge[];
  readonly #readings: GaugeReadings<readonly Sample[]>;

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(gauges: readonly Gauge[], elapsedMs: () => number) {
    this.#gauges = gauges;
    this.#readings = new GaugeReadings(elapsedMs, gauges.length);
  }

  /** The text of one series after the other. */
  *texts(context: GaugeContext): Iterable<string> {
    for (const one of this.#gauges) {
      try {
        const samples = this.#readings.read(one, '', context.nowMs, () => samplesOf(one, context));
        yield samplesText(gauge(one.series, one.help), samples);
      } catch (thrown) {
        yield `# ${one.series} could not be computed: ${oneLine(LedgerlineError.from(thrown).message)}\n`;
      }
    }
  }
}

/** Values that look alike once shown are one label set, which may appear only once: the first stands. */
function samplesOf(one: Gauge, context: GaugeContext): readonly Sample[] {
  const samples = new Map<string, Sample>();
  for (const { labels, value } of one.read(context)) {
    const shown = one.labels.map((name, index): [string, string] => [name, boundedValue(labels[index] ?? '')]);
    samples.getOrInsertComputed(JSON.stringify(shown), () => [Object.fromEntries(shown), value]);
  }
  return [...samples.values()];
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
