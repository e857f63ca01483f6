/** The writer's thread, so that the event loop of the receiver never waits for the disk. */
import { dirname } from 'node:path';
import { type Failure, failureOf } from '../../core/failure.ts';
import { serveWorker, type WorkerParent, type WorkerService } from '../../core/worker-rpc.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import { Decoder, type Job } from '../batch-codec.ts';
import { WaitingJobs } from '../group-commit.ts';
import type { Appended, FileOptions, WriterProtocol } from '../writer-messages.ts';
import { CommitPace } from './commit-pace.ts';
import { CommitSignal } from './commit-signal.ts';
import { storeError } from './failure.ts';
import { SqliteStore } from './ledger-store.ts';
import { lockLedger } from './lock.ts';
import { finishRestore } from './restore-journal.ts';

function start(options: FileOptions, parent: WorkerParent<WriterProtocol<FileOptions>>): WorkerService<WriterProtocol<FileOptions>> {
  const lock = lockLedger(options.file);
  finishRestore(dirname(options.file));
  const commits = new Commits(new SqliteStore(options.file, options, options.limits), new CommitSignal(options.file));
  const { store } = commits;
  const decoder = new Decoder();
  const applyWaiting = () => {
    for (const group of waiting.take()) parent.post(commits.apply(group));
  };
  const waiting = new WaitingJobs<Job>(applyWaiting, { gathers: false });
  /** In its turn, behind the exports that came before. What cannot be written now must not end the thread. */
  const inTurn = <Result>(act: () => Result): Result => {
    applyWaiting();
    commits.commit();
    return classified(act);
  };
  return {
    ready: undefined,
    answers: {
      prune: (beforeMs) => inTurn(() => store.prune(beforeMs)),
      apiRequests: (requests) => inTurn(() => store.addApiRequests(requests)),
      closeMonth: (month, nowMs) => inTurn(() => store.closeMonth(month, nowMs)),
      noteRepricing: (repricing) => inTurn(() => store.noteRepricing(repricing)),
      clockLead: (nowMs) => inTurn(() => store.clockLead(nowMs)),
      erase: (erasure) => inTurn(() => store.erase(erasure)),
      rename: (renaming) => inTurn(() => store.rename(renaming)),
      wipe: (isRewritten) => inTurn(() => store.wipe(isRewritten)),
      probe: () => inTurn(() => void store.probe()),
    },
    onPost: (batch) => waiting.add(decoder.decode(batch)),
    close: () => {
      applyWaiting();
      commits.end();
      try {
        store.close();
      } finally {
        lock.release();
      }
    },
  };
}

/** Applies groups, and commits those that were deferred when it is time, or when somebody waits to read them. */
class Commits {
  readonly store: SqliteStore;
  readonly #signal: CommitSignal;
  readonly #pace = new CommitPace(() => this.commit());

  constructor(store: SqliteStore, signal: CommitSignal) {
    this.store = store;
    this.#signal = signal;
    void signal.onWaiting(() => this.commit());
  }

  apply(jobs: readonly Job[]): Appended {
    const startedMs = performance.now();
    const isDeferred = this.#pace.isDeferred(startedMs, this.store.deferredBytes);
    const outcomes = applyOrIsolate(this.store, jobs, isDeferred);
    const endedMs = performance.now();
    this.#pace.note(endedMs, this.store.isOpen);
    this.#signal.note(this.store.isOpen);
    return { ids: jobs.map((job) => job.id), outcomes, durationMs: endedMs - startedMs };
  }

  /** Where it fails, what was deferred is still in the redo log, and committed when that works again. */
  commit(): void {
    try {
      this.store.commit();
      this.#pace.committed(performance.now());
    } catch {
      this.#pace.failed();
    }
    this.#signal.note(false);
  }

  end(): void {
    this.commit();
    this.#pace.end();
  }
}

/** One export that cannot be applied must not take the others in its group with it. */
function applyOrIsolate(store: SqliteStore, jobs: readonly Job[], isDeferred: boolean): readonly (AppendOutcome | Failure)[] {
  try {
    return store.apply(jobs, { isDeferred });
  } catch (error) {
    const failure = failureOf(storeError(error));
    if (jobs.length === 1 || failure.code === 'unavailable') return jobs.map(() => failure);
    return jobs.flatMap((job) => applyOrIsolate(store, [job], false));
  }
}

/** Throws what says who is at fault. */
function classified<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw storeError(error);
  }
}

void serveWorker<WriterProtocol<FileOptions>>((options, parent) => classified(() => start(options, parent)));
