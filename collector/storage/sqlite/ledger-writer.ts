/** Opens the embedded ledger for writing. */
import { dirname } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import { startWorker } from '../../core/worker-rpc.ts';
import type { LedgerWriter } from '../../ledger/ledger.ts';
import { type CommitListener, PendingAppends } from '../pending-appends.ts';
import { ThreadWriter } from '../thread-writer.ts';
import type { FileOptions, WriterProtocol } from '../writer-messages.ts';
import { backupLedger } from './backup.ts';
import { allCommitted, endCommits, shareCommits } from './commit-signal.ts';
import { type Conversion, conversionOf } from './conversion.ts';
import { makePrivateFolder } from './private-files.ts';

/** What waits for its commit gets so long when the ledger is closed; an export whose commit came later was not acknowledged. */
const CLOSE_MS = 60_000;

export interface SqliteWriterOptions extends FileOptions, CommitListener {
  /** Hears of a file of a former version, before it is brought up to this one. */
  readonly onConversion?: ((conversion: Conversion) => void) | undefined;
}

/** Opens (and where needed creates or migrates) the ledger file. Rejects with a sentence when it cannot be used. */
export async function openWriter(options: SqliteWriterOptions): Promise<LedgerWriter> {
  makeFolder(dirname(options.file));
  const { file, timeZone, weekStart, limits } = options;
  const conversion = conversionOf(file);
  if (conversion !== undefined) options.onConversion?.(conversion);
  const appends = new PendingAppends(options);
  shareCommits(file);
  const worker = await startWorker<WriterProtocol<FileOptions>>({
    url: new URL('./writer-worker.ts', import.meta.url),
    name: 'writer',
    options: { file, timeZone, weekStart, limits },
    answers: {},
    onPost: (message) => appends.settle(message),
    closeMs: CLOSE_MS,
  });
  void worker.ended.then(() => endCommits(file));
  return new ThreadWriter(worker, appends, async (copy) => {
    await allCommitted(file);
    await backupLedger(file, copy);
  });
}

function makeFolder(folder: string): void {
  try {
    makePrivateFolder(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerlineError('invalid', `The data folder ${folder} cannot be created: ${reason}.`, {
      hint: 'Name another folder with --data, or remove what is in the way.',
      cause,
    });
  }
}
