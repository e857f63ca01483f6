/** Repricings of a running collector: one at a time, on a thread of its own. What is applied is noted in the ledger before it begins. */
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { type RunningWorker, startWorker } from '../core/worker-rpc.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { RepricingRequest, RepricingState } from '../query/repricing-answers.ts';
import type { RepriceWorkerProtocol } from './reprice-worker.ts';

export interface Repricings {
  /** Resolves when it has begun. Rejects with `invalid` while another one runs. */
  start(request: RepricingRequest): Promise<RepricingState>;
  /** The one that runs, else the last one since the collector started. */
  state(): RepricingState | null;
  /** Resolves when none runs any more. What was booked stays: the next one goes on from there. */
  cancel(): Promise<RepricingState | null>;
}

interface Running {
  readonly worker: RunningWorker<RepriceWorkerProtocol>;
  readonly done: Promise<void>;
}

export const isRunning = (): LedgerlineError =>
  new LedgerlineError('invalid', 'A repricing is running.', { hint: 'Wait for it, or break it off with Ctrl-C where it was started.' });

export function createRepricings(config: Config, ledger: Pick<LedgerWriter, 'append' | 'noteRepricing'>, now: () => number): Repricings {
  let state: RepricingState | null = null;
  let isStarting = false;
  let running: Running | undefined;

  const begin = async ({ asked, isApplied, who }: RepricingRequest): Promise<RepricingState> => {
    const worker = await startWorker<RepriceWorkerProtocol>({
      ...{ url: new URL('./reprice-worker.ts', import.meta.url), name: 'repricing', options: { config, asked, isApplied }, isBackground: true },
      answers: { append: (entries) => ledger.append({ entries, receivedMs: now() }) },
      onPost: (entries) => {
        if (state !== null) state = { ...state, entries };
      },
    });
    const { book, entries: of } = worker.ready;
    const startedMs = now();
    const begun = { startedMs, endedMs: undefined, who, book, asked, outcome: undefined };
    const id = isApplied ? await ledger.noteRepricing(begun) : undefined;
    state = { isApplied, isRunning: true, startedMs, book, asked, entries: 0, of, outcome: undefined, failure: undefined };
    const run = async (): Promise<Pick<RepricingState, 'outcome'>> => {
      const outcome = await worker.request('run');
      if (id !== undefined) await ledger.noteRepricing({ ...begun, id, endedMs: now(), outcome });
      return { outcome };
    };
    const finish = async (end: Partial<RepricingState>): Promise<void> => {
      await worker.close().catch(() => undefined);
      running = undefined;
      if (state !== null) state = { ...state, ...end, isRunning: false };
    };
    const done = run().then(finish, (error: unknown) => finish({ failure: LedgerlineError.from(error).message }));
    running = { worker, done };
    return state;
  };

  return {
    async start(request) {
      if (running !== undefined || isStarting) {
        throw isRunning();
      }
      isStarting = true;
      return begin(request).finally(() => {
        isStarting = false;
      });
    },
    state: () => state,
    async cancel() {
      const { worker, done } = running ?? {};
      await worker?.request('cancel').catch(() => undefined);
      await done;
      return state;
    },
  };
}
