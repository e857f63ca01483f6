/** The catalogue of gauges as text. Each is computed no more often than it says; one that fails does not take the scrape with it. */
import { LedgerlineError } from '../error.ts';
import { type Gauge, type GaugeContext, keptMs } from '../gauge.ts';
import { boundedValue } from '../label-text.ts';
import { gauge, samplesText } from './families.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

export class GaugeTexts {
  readonly #gauges: readonly Gauge[];
  readonly #elapsedMs: () => number;
  readonly #known = new Map<Gauge, { readonly atMs: number; readonly keptMs: number; readonly samples: readonly Sample[] }>();

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(gauges: readonly Gauge[], elapsedMs: () => number) {
    this.#gauges = gauges;
    this.#elapsedMs = elapsedMs;
  }

  /** The text of one series after the other. */
  *texts(context: GaugeContext): Iterable<string> {
    for (const [series, members] of Map.groupBy(this.#gauges, ({ series }) => series)) {
      const [first] = members;
      if (first === undefined) continue;
      try {
        yield samplesText(
          gauge(series, first.help),
          members.flatMap((one) => this.#samples(one, context)),
        );
      } catch (thrown) {
        yield `# ${series} could not be computed: ${oneLine(LedgerlineError.from(thrown).message)}\n`;
      }
    }
  }

  #samples(one: Gauge, context: GaugeContext): readonly Sample[] {
    const known = this.#known.get(one);
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : context.nowMs - known.atMs;
    if (known !== undefined && ageMs >= 0 && ageMs < known.keptMs) return known.samples;
    const startedMs = this.#elapsedMs();
    const samples = samplesOf(one, context);
    this.#known.set(one, { atMs: context.nowMs, keptMs: keptMs(one, this.#elapsedMs() - startedMs), samples });
    return samples;
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
