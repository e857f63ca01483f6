/** A scrape of a ledger without a server around it. */
import { configSchema } from '../../collector/config.ts';
import type { LedgerReader } from '../../collector/ledger.ts';
import { loadPriceBook } from '../../collector/prices/load.ts';
import { createLedgerText } from '../../collector/prometheus/ledger-text.ts';

export interface ExposedOptions {
  readonly nowMs: number;
  /** The section of the configuration. */
  readonly exposition?: object;
}

export function exposedText(reader: LedgerReader, { nowMs, exposition = {} }: ExposedOptions): string {
  const config = configSchema.parse({ exposition, limits: { exposition_series: 100_000_000 } });
  const text = createLedgerText({ reader, config, prices: loadPriceBook(), now: () => nowMs, budgets: () => [], version: 'bench' });
  return [...text()].join('');
}
