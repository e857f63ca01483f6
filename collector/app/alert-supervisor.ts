/** Keeps the alerting side running: a thread that ended by itself is said and started again, since silence would look like all is well. */
import { Worker } from 'node:worker_threads';
import { LedgerlineError } from '../core/error.ts';
import { createAsk } from '../core/worker-rpc.ts';
import type { AlertSideOptions, AlertSideStarted } from './alert-worker.ts';

const AGAIN_MS = 10_000;
export const ALERT_THREAD = 'alerts';

export interface AlertSide {
  /** One sentence while nobody is told anything; undefined while all is well. */
  trouble(): string | undefined;
  stop(): Promise<void>;
}

interface Running {
  readonly worker: Worker;
  readonly exited: Promise<void>;
}

/** Resolves when it runs. Throws LedgerlineError with the remedy when its configuration cannot work. */
export async function startAlertSide(options: AlertSideOptions, log: (line: string) => void): Promise<AlertSide> {
  let running: Running | undefined = await startWorker(options);
  let trouble: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  const fail = (why: string): void => {
    running = undefined;
    if (isStopping) return;
    trouble = `No alerts are sent: ${why}. It is restarted every ${AGAIN_MS / 1000} s.`;
    log(`alerts: ${trouble}`);
    timer = setTimeout(restart, AGAIN_MS);
  };
  const watch = ({ worker, exited }: Running): void => {
    let why = 'the alert worker ended';
    worker.on('error', (error) => {
      why = `the alert worker failed (${String(error).slice(0, 200)})`;
    });
    void exited.then(() => fail(why));
  };
  const restart = (): void => {
    startWorker(options).then(
      (started) => {
        if (isStopping) return void started.worker.terminate();
        running = started;
        trouble = undefined;
        log('alerts: the alert worker is running again.');
        watch(started);
      },
      (error: unknown) => fail(`the alert worker cannot be started (${LedgerlineError.from(error).message})`),
    );
  };
  watch(running);
  return {
    trouble: () => trouble,
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      if (running === undefined) return;
      const { worker, exited } = running;
      // A thread that ends meanwhile answers nothing any more.
      await Promise.race([createAsk(worker)('close'), exited]);
      await worker.terminate();
    },
  };
}

async function startWorker(options: AlertSideOptions): Promise<Running> {
  const worker = new Worker(new URL('./alert-worker.ts', import.meta.url), { workerData: options, name: ALERT_THREAD });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const started = Promise.withResolvers<AlertSideStarted>();
  worker.once('message', started.resolve);
  worker.once('error', started.reject);
  void exited.then(() => started.reject(new Error('the thread ended while it was starting')));
  const answer = await started.promise;
  worker.off('error', started.reject);
  if ('started' in answer) return { worker, exited };
  await worker.terminate();
  throw new LedgerlineError('invalid', answer.failed, { hint: answer.hint });
}
