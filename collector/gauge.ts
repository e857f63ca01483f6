/**
 * Gauges: figures at an instant that are no sum of measures, such as active people, forecasts or the age of what a person last sent.
 * Each is computed once, here in collector/, and shown twice: as a series on /metrics and as a panel of the built-in boards.
 */
import type { CalendarOptions } from './calendar.ts';
import type { Config } from './config.ts';
import type { Filter, LedgerReader } from './ledger.ts';
import type { PriceBook } from './price.ts';

export interface GaugeContext {
  readonly reader: LedgerReader;
  readonly config: Config;
  readonly prices: PriceBook;
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  /** What the reader of a board narrowed it to; /metrics asks for everything. A gauge that cannot be narrowed by a dimension gives no samples then. */
  readonly where: readonly Filter[];
}

export interface GaugeSample {
  /** Values as shown (unallocated, unknown …), in the order of Gauge.labels. */
  readonly labels: readonly string[];
  /** In the series' base unit: USD, seconds, ratio or count. */
  readonly value: number;
}

export interface Gauge {
  /** Name of the series, from names.ts. */
  readonly series: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly unit: 'usd' | 'tokens' | 'count' | 'ratio' | 'seconds' | 'timestamp';
  /** How old the samples on /metrics may be: costly gauges are not computed on every scrape. 0: always fresh. */
  readonly maxAgeMs: number;
  /** Does read() answer for a past nowMs as it would have then, from what the ledger knows today? */
  readonly isHistoric?: true;
  read(context: GaugeContext): readonly GaugeSample[];
}
