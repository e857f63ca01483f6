/** The ledger as the receiver sees it, whichever the store: sends batches to the writer thread and waits for their commit. */
import { setTimeout } from 'node:timers/promises';
import { LedgerlineError } from '../core/error.ts';
import type { RunningWorker } from '../core/worker-rpc.ts';
import type { ApiRequest, ApiRequestsOutcome } from '../ledger/api-requests.ts';
import type { ClosedMonth } from '../ledger/closed-months.ts';
import type { AppendOutcome, Batch } from '../ledger/entry.ts';
import type { Erased, Erasure, Renamed, Renaming } from '../ledger/erasure.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { NotedRepricing } from '../ledger/repricing-record.ts';
import { Encoder } from './batch-codec.ts';
import type { PendingAppends } from './pending-appends.ts';
import type { WriterProtocol } from './writer-messages.ts';

/** Until those who read an older state are done, which is EXPORT_MAX_MS at most. */
const WIPE_WAIT_MS = 250;

const CLOSED = new LedgerlineError('unavailable', 'The ledger is closed.');

export class ThreadWriter implements LedgerWriter {
  readonly #worker: RunningWorker<WriterProtocol>;
  readonly #appends: PendingAppends;
  readonly #backup: LedgerWriter['backup'];
  readonly #encoder = new Encoder();
  #failure: LedgerlineError | undefined;
  #isClosing = false;

  constructor(worker: RunningWorker<WriterProtocol>, appends: PendingAppends, backup: LedgerWriter['backup']) {
    this.#worker = worker;
    this.#appends = appends;
    this.#backup = backup;
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

  async prune(beforeMs: number, confirm?: () => Promise<void>): Promise<number> {
    let total = 0;
    for (;;) {
      await confirm?.();
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
    return this.#backup(file);
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
