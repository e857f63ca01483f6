/** What is wrong beside the ledger, as its folder and its configuration say it. */
import { findingsOfImports } from '../app/import-findings.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/finding.ts';
import { exportFindings } from '../exports/scheduled/findings.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { readerFindings } from '../query/unknown-readers.ts';
import { unpricedFindings } from '../query/unpriced-models.ts';
import { type NamedScope, namedScopes } from '../server/reader-scope.ts';

interface Ledger {
  readonly reader: LedgerReader;
  readonly prices: PriceBook;
  readonly nowMs: number;
}

export const localFindings = async (config: Config, { reader, prices, nowMs }: Ledger): Promise<Finding[]> => [
  ...(await exportFindings(config, nowMs)),
  ...(await findingsOfImports(config, nowMs)),
  ...(await readerFindings(scopesOf(config), reader)),
  ...(await unpricedFindings(reader, prices, nowMs)),
];

/** None where the key of pseudonyms is the collector's alone to read: the collector itself finds them. */
function scopesOf({ auth, attribution }: Config): readonly NamedScope[] {
  try {
    return namedScopes(auth, loadStoredUser(attribution));
  } catch {
    return [];
  }
}
