/** Every gauge with its samples as a table has them: for those who read a shared ledger by SQL, where nothing can be computed any more. */
import { GAUGE_NAMES, GAUGES, type GaugeDeclaration, type GaugeName } from '../../catalog/gauges.ts';
import { labelColumn } from '../../ledger/read-schema.ts';
import type { Sample } from '../../ledger/samples.ts';
import { wholeBudgets } from './budgets.ts';
import { GaugeReadings } from './cache.ts';
import type { GaugeContext, GaugeSample } from './gauge.ts';
import { GAUGE_READERS } from './registry.ts';

/** Those of which boards show the past. */
const HISTORIC = GAUGE_NAMES.filter((name) => 'isHistoric' in GAUGES[name]);

/** Reads gauges round after round, each no more often than it says. */
export class GaugeRounds {
  readonly #readings: GaugeReadings<readonly GaugeSample[]>;
  readonly #last = new Map<GaugeName, readonly Sample[]>();
  readonly #onFailure: (name: GaugeName, error: unknown) => void;

  /** `elapsedMs`: a clock that tells how long reading took. One gauge that fails stays as it was, and does not take the others with it. */
  constructor(elapsedMs: () => number, onFailure: (name: GaugeName, error: unknown) => void) {
    this.#readings = new GaugeReadings(elapsedMs, GAUGE_NAMES.length);
    this.#onFailure = onFailure;
  }

  /** The context is the whole ledger's: no filters. */
  async read(context: GaugeContext): Promise<Sample[]> {
    for (const name of GAUGE_NAMES) {
      try {
        const gauge = GAUGE_READERS[name];
        const samples = await this.#readings.read(gauge, '', context.nowMs, () => gauge.read(context));
        this.#last.set(name, named(name, samples));
      } catch (error) {
        this.#onFailure(name, error);
      }
    }
    return [...this.#last.values()].flat();
  }
}

/** What the gauges that have a past were in the last instant of a day, or are now. Of budgets as a whole: no member is kept by name. */
export async function samplesOfDay({ budgets, ...asked }: GaugeContext): Promise<Sample[]> {
  const context = { ...asked, budgets: wholeBudgets(budgets) };
  const samples: Sample[] = [];
  for (const name of HISTORIC) samples.push(...named(name, await GAUGE_READERS[name].read(context)));
  return samples;
}

function named(name: GaugeName, samples: readonly GaugeSample[]): Sample[] {
  const { labels: names }: GaugeDeclaration = GAUGES[name];
  return samples.map(({ labels, value }) => ({
    ...{ name, value },
    labels: Object.fromEntries(names.map((label, index) => [labelColumn(label), labels[index] ?? ''])),
  }));
}
