/** What is read a page at a time within a snapshot, for whoever takes the pages outside of it. */
import type { LedgerReader, LedgerSnapshot, SnapshotBound } from './ledger.ts';

/** The snapshot begins with the first page that is asked for, and ends after the last, or when no more are taken. */
export async function* readWithin<Page>(
  reader: Pick<LedgerReader, 'snapshot'>,
  read: (ledger: LedgerSnapshot) => AsyncIterable<Page>,
  bound?: SnapshotBound,
): AsyncGenerator<Page> {
  const begun = Promise.withResolvers<LedgerSnapshot>();
  const done = Promise.withResolvers<void>();
  const snapshot = reader.snapshot((ledger) => {
    begun.resolve(ledger);
    return done.promise;
  }, bound);
  // One that is cut off refuses whatever is still asked in it.
  snapshot.catch(begun.reject);
  try {
    yield* read(await begun.promise);
  } finally {
    done.resolve();
    await snapshot.catch(() => undefined);
  }
}
