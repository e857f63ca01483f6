/** All rows of a question about usage, for exports: in order, a page at a time, about one instant. */
import { EXPORT_MAX_MS, type LedgerReader, type Row, type RowsQuery } from '../ledger/ledger.ts';
import { readWithin } from '../ledger/snapshot-pages.ts';

export interface UsagePage {
  /** By period, then by key; values as stored. Their sums are the totals of the same query at that instant, to the last digit. */
  readonly rows: readonly Row[];
  /** When the ledger last committed then, epoch milliseconds; undefined while it is empty. The same on every page. */
  readonly asOfMs: number | undefined;
}

/**
 * At least one page, also where there are no rows, so that it is known of when they are. Takes filters as `knownFilters` leaves them.
 * Rejects with `unavailable` when it takes longer than EXPORT_MAX_MS, which slow readers make of it.
 */
export const usageRows = (query: RowsQuery, reader: LedgerReader): AsyncGenerator<UsagePage> =>
  readWithin(
    reader,
    async function* (ledger) {
      const { asOfMs } = await ledger.status();
      let isEmpty = true;
      for await (const rows of ledger.rows(query)) {
        isEmpty = false;
        yield { rows, asOfMs };
      }
      if (isEmpty) yield { rows: [], asOfMs };
    },
    { maxMs: EXPORT_MAX_MS },
  );
