/** The writer's thread, so that the event loop of the receiver never waits for the disk. */
import { dirname } from 'node:path';
import { type Failure, failureOf } from '../../core/failure.ts';
import { serveWorker, type WorkerParent, type WorkerService } from '../../core/worker-rpc.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import { Decoder, type Job } from '../batch-codec.ts';
import { WaitingJobs } from '../group-commit.ts';
import type { Appended, FileOptions, WriterProtocol } from '../writer-messages.ts';
import { storeError } from './failure.ts';
import { SqliteStore } from './ledger-store.ts';
import { lockLedger } from './lock.ts';
import { finishRestore } from './restore-journal.ts';

function start(options: FileOptions, parent: WorkerParent<WriterProtocol<FileOptions>>): WorkerService<WriterProtocol<FileOptions>> {
  const lock = lockLedger(options.file);
  finishRestore(dirname(options.file));
  const store = new SqliteStore(options.file, options, options.limits);
  const decoder = new Decoder();
  const commitWaiting = () => {
    for (const group of waiting.take()) parent.post(commit(store, group));
  };
  const waiting = new WaitingJobs<Job>(commitWaiting);
  /** In its turn, behind the exports that came before. What cannot be written now must not end the thread. */
  const inTurn = <Result>(act: () => Result): Result => {
    commitWaiting();
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
      commitWaiting();
      store.close();
      lock.release();
    },
  };
}

function commit(store: SqliteStore, jobs: readonly Job[]): Appended {
  const startedMs = performance.now();
  const outcomes = applyOrIsolate(store, jobs);
  return { ids: jobs.map((job) => job.id), outcomes, durationMs: performance.now() - startedMs };
}

/** One export that cannot be applied must not take the others in its group with it. */
function applyOrIsolate(store: SqliteStore, jobs: readonly Job[]): readonly (AppendOutcome | Failure)[] {
  try {
    return store.apply(jobs);
  } catch (error) {
    const failure = failureOf(storeError(error));
    if (jobs.length === 1 || failure.code === 'unavailable') return jobs.map(() => failure);
    return jobs.flatMap((job) => applyOrIsolate(store, [job]));
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
