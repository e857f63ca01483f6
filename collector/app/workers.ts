/** The threads that the collector runs beside its own; the ledger starts its own two. See docs/adr/0007-threads.md. */

import type { Log } from '../catalog/log-codes.ts';
import type { Handlers } from '../core/rpc-channel.ts';
import { type SupervisedWorker, superviseWorker } from '../core/supervised-worker.ts';
import { type RunningWorker, startWorker } from '../core/worker-rpc.ts';
import type { AlertWorkerOptions, AlertWorkerProtocol } from './alert-worker.ts';
import type { ReadWorkerOptions, ReadWorkerProtocol } from './read-worker.ts';

export const ALERT_THREAD = 'alerts';

/** Resolves when REST and /metrics listen. It is not restarted: the collector ends with it, since nobody would see that figures are missing. */
export function startReadWorker(
  options: ReadWorkerOptions,
  answers: Handlers<ReadWorkerProtocol['parent']>,
  onPost: (refused: ReadWorkerProtocol['toParent']) => void,
): Promise<RunningWorker<ReadWorkerProtocol>> {
  return startWorker<ReadWorkerProtocol>({
    url: new URL('./read-worker.ts', import.meta.url),
    name: 'reader',
    options,
    answers,
    onPost,
  });
}

/** Resolves when it runs. Rejects with the remedy when its configuration cannot work. */
export function startAlertWorker(options: AlertWorkerOptions, log: Log): Promise<SupervisedWorker> {
  const definition = { url: new URL('./alert-worker.ts', import.meta.url), name: ALERT_THREAD, options, answers: {} };
  return superviseWorker<AlertWorkerProtocol>(definition, { consequence: 'No alerts are sent', log });
}
