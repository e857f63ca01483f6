/** Adding up roll-ups where replicas share a ledger, a thread of its own: years of names and sums hold up neither exports nor readers. Wires only. */
import { setTimeout as delay } from 'node:timers/promises';
import { LOG_CODES } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { SECOND_MS } from '../core/duration.ts';
import type { Lease } from '../core/leases.ts';
import { createLogger, type LogSettings } from '../core/logger.ts';
import type { NoMethods } from '../core/rpc-channel.ts';
import { type Protocol, serveWorker } from '../core/worker-rpc.ts';
import { openFolding, openLeases } from '../storage/open.ts';
import { leased } from './leased.ts';

export interface FoldWorkerOptions {
  readonly config: Config;
  readonly log: LogSettings;
}

export interface FoldWorkerProtocol extends Protocol {
  readonly options: FoldWorkerOptions;
  readonly ready: undefined;
  readonly worker: NoMethods;
  readonly parent: NoMethods;
  readonly toWorker: never;
  readonly toParent: never;
}

/** Between two looks for quarters of an hour that are over. */
const LOOK_MS = 15 * SECOND_MS;
/** A step under way is committed, or comes again. */
const STOP_MS = 2 * SECOND_MS;

async function start({ config, log: logSettings }: FoldWorkerOptions): Promise<() => Promise<void>> {
  const log = createLogger(LOG_CODES, logSettings);
  const folding = await openFolding(config);
  const leases = await openLeases(config);
  const work = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    while (folding !== undefined && !signal.aborted) {
      await lease.confirm();
      await folding.over(Date.now(), signal);
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const stop = leased({ config, leases, name: 'fold', log, work });
  return async () => {
    await Promise.race([stop(), delay(STOP_MS, undefined, { ref: false })]);
    await leases.close();
    await folding?.close();
  };
}

void serveWorker<FoldWorkerProtocol>(async (options) => ({ ready: undefined, answers: {}, close: await start(options) }));
