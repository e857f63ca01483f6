/** Keeps the alerting side running: a thread that ended by itself is said and started again, since silence would look like all is well. */
import { Worker } from 'node:worker_threads';
import type { AlertSideOptions, AlertSideStarted } from './alert-side.ts';
import { createAsk } from './ask.ts';
import { LedgerlineError } from './error.ts';

const AGAIN_MS = 10_000;

/** Resolves when it runs. Throws LedgerlineError with the remedy when its configuration cannot work. */
export async function startAlertSide(options: AlertSideOptions, log: (line: string) => void): Promise<{ stop(): Promise<void> }> {
  let worker = await startWorker(options);
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  const watch = (): void => {
    worker.once('error', (error) => log(`alerts: the thread failed: ${String(error)}`));
    worker.once('exit', () => {
      if (isStopping) return;
      log(`alerts: the thread ended and is started again in ${AGAIN_MS / 1000} s.`);
      timer = setTimeout(restart, AGAIN_MS);
    });
  };
  const restart = (): void => {
    startWorker(options).then(
      (started) => {
        worker = started;
        if (isStopping) void worker.terminate();
        else watch();
      },
      (error: unknown) => {
        log(`alerts: ${LedgerlineError.from(error).message}`);
        if (!isStopping) timer = setTimeout(restart, AGAIN_MS);
      },
    );
  };
  watch();
  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      // A thread that has just ended answers nothing any more.
      await Promise.race([createAsk(worker)('close'), new Promise((resolve) => worker.once('exit', resolve))]);
      await worker.terminate();
    },
  };
}

async function startWorker(options: AlertSideOptions): Promise<Worker> {
  const worker = new Worker(new URL('./alert-side.ts', import.meta.url), { workerData: options });
  const started = Promise.withResolvers<AlertSideStarted>();
  worker.once('message', started.resolve);
  worker.once('error', started.reject);
  const answer = await started.promise;
  worker.off('error', started.reject);
  if ('started' in answer) return worker;
  await worker.terminate();
  throw new LedgerlineError('invalid', answer.failed, { hint: answer.hint });
}
