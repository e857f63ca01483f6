/** What a replica that works does beside receiving and answering, each under a lease: threads that nothing else waits for, and retention. */
import { deliveredHere } from '../alerts/channels/channels.ts';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import type { Leases } from '../core/leases.ts';
import type { LogSettings } from '../core/logger.ts';
import type { SupervisedWorker } from '../core/supervised-worker.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import { leased, untilAborted } from './leased.ts';
import { pruneDaily } from './retention.ts';
import { startAlertWorker, startExportWorker, startFoldWorker, startImportWorker } from './workers.ts';

export interface JobsOptions {
  readonly config: Config;
  readonly ledger: LedgerWriter;
  readonly leases: Leases;
  readonly log: Log;
  readonly logSettings: LogSettings;
  /** Signs links to requests for more budget. */
  readonly requestKey: Uint8Array;
}

export interface Jobs {
  /** One sentence for each that does not run. */
  troubles(): readonly string[];
  stop(): Promise<void>;
}

/** Rejects with the remedy when a configuration cannot work; leaves nothing behind then. */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { config, log, logSettings, requestKey } = options;
  const workers: SupervisedWorker[] = [];
  const stops: (() => Promise<void>)[] = [];
  const begin = async (starting: Promise<SupervisedWorker>): Promise<void> => {
    const worker = await starting;
    workers.push(worker);
    stops.push(() => worker.stop());
  };
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).toReversed()) await one();
  };
  try {
    // Requests for more budget are the collector's to deliver, whoever delivers alerts.
    if (config.alerts.deliver || deliveredHere(config.alerts).channels.length > 0)
      await begin(startAlertWorker({ config, log: logSettings, requestKey }, log));
    if (config.exports.length > 0) await begin(startExportWorker({ config, log: logSettings }, log));
    if (config.imports.some(({ schedule }) => schedule !== undefined)) await begin(startImportWorker({ config, log: logSettings }, log));
    if (config.storage.url !== undefined) await begin(startFoldWorker({ config, log: logSettings }, log));
    stops.push(retain(options));
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop, troubles: () => workers.map((worker) => worker.trouble()).filter((trouble) => trouble !== undefined) };
}

function retain({ config, ledger, leases, log }: JobsOptions): () => Promise<void> {
  return leased({
    ...{ config, leases, log, name: 'retention' },
    work: async (lease, signal) => {
      const prune: LedgerWriter['prune'] = (beforeMs) => ledger.prune(beforeMs, () => lease.confirm());
      const stop = pruneDaily({ clockLead: (nowMs) => ledger.clockLead(nowMs), prune }, config.retention.entries_days, log);
      await untilAborted(signal);
      await stop();
    },
  });
}
