/** The threads that the collector runs beside its own; the ledger starts its own two. See docs/adr/0007-threads.md. */

import type { Log } from '../catalog/log-codes.ts';
import type { Handlers } from '../core/rpc-channel.ts';
import { type RestartedWorker, type SupervisedWorker, superviseWorker } from '../core/supervised-worker.ts';
import { type RunningWorker, startWorker, type WorkerDefinition } from '../core/worker-rpc.ts';
import type { AlertWorkerOptions, AlertWorkerProtocol } from './alert-worker.ts';
import type { ExportWorkerOptions, ExportWorkerProtocol } from './export-worker.ts';
import type { FoldWorkerOptions, FoldWorkerProtocol } from './fold-worker.ts';
import type { FrontWorkerOptions, FrontWorkerProtocol } from './front-worker.ts';
import type { ImportWorkerOptions, ImportWorkerProtocol } from './import-worker.ts';
import type { ReadWorkerOptions, ReadWorkerProtocol } from './read-worker.ts';

export const ALERT_THREAD = 'alerts';
export const READ_THREAD = 'reader';
const EXPORT_THREAD = 'exports';
const IMPORT_THREAD = 'imports';
const FOLD_THREAD = 'roll-ups';

/** Its sockets and connections come back at once; those who ask meanwhile are asked to come again in a few seconds. */
const READER_AGAIN_MS = 1_000;

/** Resolves when REST and the text of /metrics can be asked for. Rejects with the remedy when its configuration cannot work. */
export function startReadWorker(
  options: () => ReadWorkerOptions,
  more: Pick<WorkerDefinition<ReadWorkerProtocol>, 'answers' | 'onPost'>,
  log: Log,
): Promise<RestartedWorker<ReadWorkerProtocol>> {
  const definition: WorkerDefinition<ReadWorkerProtocol> = {
    ...{ url: new URL('./read-worker.ts', import.meta.url), name: READ_THREAD, ...more },
    heapMb: options().config.limits.reader_memory_mb,
    // Whoever starts again begins with what holds then.
    get options() {
      return options();
    },
  };
  return superviseWorker<ReadWorkerProtocol>(definition, { consequence: 'REST and /metrics answer 503', log, againMs: READER_AGAIN_MS });
}

/** Resolves when the ports of REST and /metrics are open. It is not restarted: the collector ends with it, since nothing else listens there. */
export function startFrontWorker(
  options: FrontWorkerOptions,
  answers: Handlers<FrontWorkerProtocol['parent']>,
  onPost: (message: FrontWorkerProtocol['toParent']) => void,
): Promise<RunningWorker<FrontWorkerProtocol>> {
  return startWorker<FrontWorkerProtocol>({ url: new URL('./front-worker.ts', import.meta.url), name: 'front', options, answers, onPost });
}

/** Resolves when it runs. Rejects with the remedy when its configuration cannot work. */
export function startAlertWorker(options: AlertWorkerOptions, log: Log): Promise<SupervisedWorker> {
  const definition = { url: new URL('./alert-worker.ts', import.meta.url), name: ALERT_THREAD, options, answers: {} };
  return superviseWorker<AlertWorkerProtocol>(definition, { consequence: 'No alerts are sent', log });
}

/** The same for the scheduled exports. */
export function startExportWorker(options: ExportWorkerOptions, log: Log): Promise<SupervisedWorker> {
  const definition = { url: new URL('./export-worker.ts', import.meta.url), name: EXPORT_THREAD, options, answers: {} };
  return superviseWorker<ExportWorkerProtocol>(definition, { consequence: 'No scheduled exports are written', log });
}

/** The same for the imports on a schedule. */
export function startImportWorker(options: ImportWorkerOptions, log: Log): Promise<SupervisedWorker> {
  const definition = { url: new URL('./import-worker.ts', import.meta.url), name: IMPORT_THREAD, options, answers: {} };
  return superviseWorker<ImportWorkerProtocol>(definition, { consequence: 'Nothing is imported on a schedule', log });
}

/** The same for adding up roll-ups, where replicas share a ledger. */
export function startFoldWorker(options: FoldWorkerOptions, log: Log): Promise<SupervisedWorker> {
  const definition = { url: new URL('./fold-worker.ts', import.meta.url), name: FOLD_THREAD, options, answers: {} };
  return superviseWorker<FoldWorkerProtocol>(definition, { consequence: 'Roll-ups are not added up, so that reading becomes slower', log });
}
