/** A scrape of a ledger without a server around it. */
import { configSchema } from '../../collector/config/config.ts';
import { createLedgerText } from '../../collector/exposition/ledger-text.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';

export interface ExposedOptions {
  readonly nowMs: number;
  /** The section of the configuration. */
  readonly exposition?: object | undefined;
}

/** Each call of the result is a scrape. */
export function exposition(reader: LedgerReader, { nowMs, exposition = {} }: ExposedOptions): () => AsyncIterable<string> {
  const config = configSchema.parse({ exposition, limits: { exposition_series: 100_000_000 } });
  return createLedgerText({ reader, config, prices: loadPriceBook(), now: () => nowMs, budgets: async () => [], version: 'bench' });
}
