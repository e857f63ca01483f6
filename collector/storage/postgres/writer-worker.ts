/** The writer's thread. */
import { type Failure, failureOf } from '../../core/failure.ts';
import { serveWorker, type WorkerParent, type WorkerService } from '../../core/worker-rpc.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import { Decoder, type Job } from '../batch-codec.ts';
import { WaitingJobs } from '../group-commit.ts';
import type { Appended } from '../writer-messages.ts';
import { isPassing, PATIENCE_MS } from './attempts.ts';
import { storeError } from './failure.ts';
import { PostgresStore } from './ledger-store.ts';
import type { PostgresWriterOptions, PostgresWriterProtocol as Protocol } from './opening.ts';
import { storableJob } from './storable-job.ts';

interface TimedJob extends Job {
  /** By performance.now(). */
  readonly untilMs: number;
}

async function start(options: PostgresWriterOptions, parent: WorkerParent<Protocol>): Promise<WorkerService<Protocol>> {
  const store = await classified(() => PostgresStore.open(options, (waiting) => parent.post({ waiting })));
  const decoder = new Decoder();
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other. */
  const next = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const result = last.then(act);
    last = result.catch(() => undefined);
    return result;
  };
  const commitWaiting = async () => {
    for (const group of waiting.take()) parent.post(await commit(store, group));
  };
  const waiting = new WaitingJobs<TimedJob>(() => void next(commitWaiting), { gathers: true });
  /** In its turn, behind the exports that came before. */
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    void next(commitWaiting);
    return next(() => classified(act));
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
      wipe: () => inTurn(() => store.wipe()),
      probe: () => inTurn(() => store.probe()),
    },
    onPost: (batch) => waiting.add({ ...storableJob(decoder.decode(batch)), untilMs: performance.now() + PATIENCE_MS }),
    close: async () => {
      void next(commitWaiting);
      await next(() => Promise.resolve());
      await store.close();
    },
  };
}

async function commit(store: PostgresStore, jobs: readonly TimedJob[]): Promise<Appended> {
  const startedMs = performance.now();
  const outcomes = await applyOrDivide(store, jobs);
  return { ids: jobs.map((job) => job.id), outcomes, durationMs: performance.now() - startedMs };
}

type Outcome = AppendOutcome | Failure;

/** One export that cannot be applied must not take the others in its group with it, nor one that has waited for too long. */
async function applyOrDivide(store: PostgresStore, jobs: readonly TimedJob[]): Promise<readonly Outcome[]> {
  const untilMs = Math.min(...jobs.map((job) => job.untilMs));
  try {
    return await store.apply(jobs, untilMs);
  } catch (error) {
    const failure = failureOf(storeError(error));
    if (jobs.length === 1) return [failure];
    if (failure.code === 'unavailable') return isPassing(error) ? waitOn(store, jobs, failure) : jobs.map(() => failure);
    const middle = jobs.length >> 1;
    return [...(await applyOrDivide(store, jobs.slice(0, middle))), ...(await applyOrDivide(store, jobs.slice(middle)))];
  }
}

/** Those that came later have time left. */
async function waitOn(store: PostgresStore, jobs: readonly TimedJob[], failure: Failure): Promise<readonly Outcome[]> {
  const [oldest] = jobs.toSorted((a, b) => a.untilMs - b.untilMs);
  // With the oldest goes what came at about the same time.
  const isLate = ({ untilMs }: TimedJob): boolean => untilMs - (oldest?.untilMs ?? 0) < PATIENCE_MS / 8;
  const left = jobs.filter((job) => !isLate(job));
  const outcomes = left.length === 0 ? [] : await applyOrDivide(store, left);
  const byJob = new Map(left.map((job, index) => [job, outcomes[index]]));
  return jobs.map((job) => byJob.get(job) ?? failure);
}

/** Rejects with what says who is at fault. */
async function classified<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw storeError(error);
  }
}

void serveWorker<Protocol>(start);
