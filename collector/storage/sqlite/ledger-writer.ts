/** The ledger as the receiver sees it: sends batches to the writer thread and waits for their commit. */
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LedgerlineError } from '../../core/error.ts';
import { errorOf } from '../../core/failure.ts';
import { type RunningWorker, startWorker } from '../../core/worker-rpc.ts';
import type { ApiRequest, ApiRequestsOutcome } from '../../ledger/api-requests.ts';
import type { ClosedMonth } from '../../ledger/closed-months.ts';
import type { AppendOutcome, Batch } from '../../ledger/entry.ts';
import type { Erased, Erasure, Renamed, Renaming } from '../../ledger/erasure.ts';
import type { LedgerWriter } from '../../ledger/ledger.ts';
import type { NotedRepricing } from '../../ledger/repricing-record.ts';
import { backupLedger } from './backup.ts';
import { Encoder } from './batch-codec.ts';
import { makePrivateFolder } from './private-files.ts';
import type { Appended, WriterOptions, WriterProtocol } from './writer-messages.ts';

/** What waits for its commit gets so long when the ledger is closed; an export whose commit came later was not acknowledged. */
const CLOSE_MS = 60_000;

export interface SqliteWriterOptions extends WriterOptions {
  /** Called after each commit: how long it took and how many exports it held. */
  readonly onCommit?: (durationMs: number, exports: number) => void;
}

/** Opens (and where needed creates or migrates) the ledger file. Rejects with a sentence when it cannot be used. */
export async function openWriter(options: SqliteWriterOptions): Promise<LedgerWriter> {
  makeFolder(dirname(options.file));
  const { file, timeZone, weekStart, limits } = options;
  const appends = new PendingAppends(options);
  const worker = await startWorker<WriterProtocol>({
    url: new URL('./writer-worker.ts', import.meta.url),
    name: 'writer',
    options: { file, timeZone, weekStart, limits },
    answers: {},
    onPost: (message) => appends.settle(message),
    closeMs: CLOSE_MS,
  });
  return new SqliteWriter(worker, appends, options);
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

/** Until those who read an older state are done, which is EXPORT_MAX_MS at most. */
const WIPE_WAIT_MS = 250;

const CLOSED = new LedgerlineError('unavailable', 'The ledger is closed.');

/** Exports that are with the writer thread. */
export class PendingAppends {
  readonly #options: Pick<SqliteWriterOptions, 'onCommit'>;
  readonly #waiting = new Map<number, PromiseWithResolvers<AppendOutcome>>();
  /** Did the last attempt to write fail because nothing can be written now? */
  lastFailed = false;

  constructor(options: Pick<SqliteWriterOptions, 'onCommit'>) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(id: number): Promise<AppendOutcome> {
    const waiting = Promise.withResolvers<AppendOutcome>();
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }

  settle({ ids, outcomes, durationMs }: Appended): void {
    this.#options.onCommit?.(durationMs, ids.length);
    this.lastFailed = outcomes.some((outcome) => 'code' in outcome && outcome.code !== 'invalid');
    for (const [index, id] of ids.entries()) {
      const waiting = this.#waiting.get(id);
      const outcome = outcomes[index];
      this.#waiting.delete(id);
      if (waiting === undefined || outcome === undefined) continue;
      if ('code' in outcome) waiting.reject(errorOf(outcome));
      else waiting.resolve(outcome);
    }
  }

  rejectAll(error: LedgerlineError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export class SqliteWriter implements LedgerWriter {
  readonly #worker: RunningWorker<WriterProtocol>;
  readonly #appends: PendingAppends;
  readonly #options: SqliteWriterOptions;
  readonly #encoder = new Encoder();
  #failure: LedgerlineError | undefined;
  #isClosing = false;

  constructor(worker: RunningWorker<WriterProtocol>, appends: PendingAppends, options: SqliteWriterOptions) {
    this.#worker = worker;
    this.#appends = appends;
    this.#options = options;
    void worker.ended.then((reason) => {
      this.#failure = this.#isClosing ? CLOSED : reason;
      appends.rejectAll(this.#failure);
    });
  }

  get pending(): number {
    return this.#appends.size;
  }

  get lost(): Promise<LedgerlineError> {
    return this.#worker.lost;
  }

  async isWritable(): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    if (!this.#appends.lastFailed) return true;
    return this.#noting(this.#worker.request('probe')).then(
      () => true,
      () => false,
    );
  }

  append(batch: Batch): Promise<AppendOutcome> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const message = this.#encoder.encode(batch);
    this.#worker.post(message);
    return this.#appends.add(message.id);
  }

  appendApiRequests(requests: readonly ApiRequest[]): Promise<ApiRequestsOutcome> {
    return this.#noting(this.#worker.request('apiRequests', requests));
  }

  async prune(beforeMs: number): Promise<number> {
    let total = 0;
    for (;;) {
      const { removed, isDone } = await this.#noting(this.#worker.request('prune', beforeMs));
      total += removed;
      if (isDone) return total;
    }
  }

  closeMonth(month: string, nowMs: number): Promise<ClosedMonth> {
    return this.#worker.request('closeMonth', month, nowMs);
  }

  noteRepricing(repricing: NotedRepricing): Promise<number> {
    return this.#noting(this.#worker.request('noteRepricing', repricing));
  }

  clockLead(nowMs: number): Promise<number> {
    return this.#noting(this.#worker.request('clockLead', nowMs));
  }

  async erase(erasure: Erasure): Promise<Erased> {
    const erased = await this.#noting(this.#worker.request('erase', erasure));
    if (erasure.isTrial) return erased;
    for (let isRewritten = false; !(await this.#noting(this.#worker.request('wipe', isRewritten))); isRewritten = true)
      await setTimeout(WIPE_WAIT_MS);
    return erased;
  }

  rename(renaming: Renaming): Promise<Renamed> {
    return this.#noting(this.#worker.request('rename', renaming));
  }

  backup(file: string): Promise<void> {
    return backupLedger(this.#options.file, file);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.close();
  }

  /** Remembers whether writing works. */
  async #noting<Result>(request: Promise<Result>): Promise<Result> {
    try {
      const result = await request;
      this.#appends.lastFailed = false;
      return result;
    } catch (error) {
      this.#appends.lastFailed = true;
      throw error;
    }
  }
}
