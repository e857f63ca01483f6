/** A gauge's context over a real ledger. */

import type { GaugeName } from '../../../collector/catalog/gauges.ts';
import type { Filter } from '../../../collector/catalog/values.ts';
import { configSchema } from '../../../collector/config/config.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import type { GaugeContext, GaugeSample } from '../../../collector/query/gauges/gauge.ts';
import { GAUGE_READERS } from '../../../collector/query/gauges/registry.ts';
import { NOON } from '../../support/entries.ts';
import type { TestLedger } from '../../support/sqlite-ledger.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const prices = loadPriceBook();

export interface ContextOptions {
  readonly nowMs?: number;
  readonly timeZone?: string;
  readonly where?: readonly Filter[];
  /** As an operator would write it. */
  readonly config?: object;
  readonly prices?: GaugeContext['prices'];
  readonly budgets?: GaugeContext['budgets'];
}

export function contextOf({ reader }: TestLedger, options: ContextOptions = {}): GaugeContext {
  const { nowMs = NOON, timeZone = 'UTC', where = [] } = options;
  const config = configSchema.parse(options.config ?? {});
  return {
    reader,
    scope: 'all',
    config,
    budgets: options.budgets ?? config.budgets,
    prices: options.prices ?? prices,
    calendar: { timeZone, weekStart: 'monday' },
    nowMs,
    where,
  };
}

/** Samples as "label, label: value", so that a test shows all of a gauge at once. */
export const read = async (ledger: TestLedger, name: GaugeName, options: ContextOptions = {}): Promise<string[]> =>
  (await GAUGE_READERS[name].read(contextOf(ledger, options))).map(show).sort();

/** Of a gauge of a selection only what all together come to, without the two empty labels. */
export const readWhole = async (ledger: TestLedger, name: GaugeName, options: ContextOptions = {}): Promise<string[]> =>
  (await read(ledger, name, options)).filter((sample) => sample.startsWith(', ')).map((sample) => sample.replace(/^, (?:, |: )/, ''));

const show = ({ labels, value }: GaugeSample): string => `${labels.join(', ')}: ${value}`;

/** Appends each entry as an export of its own, in this order, received when it happened. */
export async function append({ writer }: TestLedger, entries: readonly Entry[]): Promise<void> {
  await Promise.all(entries.map((entry) => writer.append({ entries: [entry], receivedMs: entry.timeMs })));
}

export const only = (dimension: Filter['dimension'], ...values: string[]): Filter[] => [{ dimension, values }];
