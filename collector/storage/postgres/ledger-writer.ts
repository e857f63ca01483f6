/** Opens the ledger on PostgreSQL for writing. */
import { LedgerlineError } from '../../core/error.ts';
import { startWorker } from '../../core/worker-rpc.ts';
import type { LedgerWriter } from '../../ledger/ledger.ts';
import { type CommitListener, PendingAppends } from '../pending-appends.ts';
import { ThreadWriter } from '../thread-writer.ts';
import type { PostgresWriterOptions, PostgresWriterProtocol } from './opening.ts';
import type { OnWaiting } from './updating.ts';

/** What waits for its commit gets so long when the ledger is closed; an export whose commit came later was not acknowledged. */
const CLOSE_MS = 60_000;

/** Makes or updates the tables where needed. Rejects with a sentence when they cannot be used. */
export async function openWriter(
  options: PostgresWriterOptions & CommitListener & { readonly onWaiting?: OnWaiting | undefined },
): Promise<LedgerWriter> {
  const { target, timeZone, weekStart, limits, otherCalendar, rememberedMax, afterEach, onWaiting } = options;
  const appends = new PendingAppends(options);
  const worker = await startWorker<PostgresWriterProtocol>({
    url: new URL('./writer-worker.ts', import.meta.url),
    name: 'writer',
    // Named one by one: what cannot go to a thread, as a function, has no way in.
    options: { target, timeZone, weekStart, limits, otherCalendar, rememberedMax, afterEach },
    answers: {},
    onPost: (message) => ('waiting' in message ? onWaiting?.(message.waiting) : appends.settle(message)),
    closeMs: CLOSE_MS,
  });
  return new ThreadWriter(worker, appends, () => Promise.reject(noCopy()));
}

const noCopy = (): LedgerlineError =>
  new LedgerlineError('invalid', 'A ledger on PostgreSQL is copied by the tools of PostgreSQL, not by Ledgerline.', {
    hint: 'Use pg_dump, pg_basebackup or what your provider offers; docs/operations.md says what a copy has to hold.',
  });
