/**
 * The scheduled exports, a thread of their own: reads the ledger over a read-only connection and writes files, one export after the other. A
 * slow disk holds up neither ingest nor reading. Wires only.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LOG_CODES } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { MINUTE_MS } from '../core/duration.ts';
import type { Lease } from '../core/leases.ts';
import { createLogger, type LogSettings } from '../core/logger.ts';
import type { NoMethods } from '../core/rpc-channel.ts';
import { type Protocol, serveWorker } from '../core/worker-rpc.ts';
import { requestOf, runExport } from '../exports/scheduled/run.ts';
import { configuredPrices } from '../pricing/load.ts';
import { openLaggingReader, openLeases } from '../storage/open.ts';
import { leased } from './leased.ts';

export interface ExportWorkerOptions {
  readonly config: Config;
  readonly log: LogSettings;
}

export interface ExportWorkerProtocol extends Protocol {
  readonly options: ExportWorkerOptions;
  readonly ready: undefined;
  readonly worker: NoMethods;
  readonly parent: NoMethods;
  readonly toWorker: never;
  readonly toParent: never;
}

/** How often the schedules are looked at. */
const LOOK_MS = 30_000;
/** One that failed is tried again so much later. */
const AGAIN_MS = 5 * MINUTE_MS;
/** What is being written when the collector stops is begun again at the next start. */
const STOP_MS = 2_000;

async function start({ config, log: logSettings }: ExportWorkerOptions): Promise<() => Promise<void>> {
  const log = createLogger(LOG_CODES, logSettings);
  // Mistakes are said at the start, not at six in the morning.
  for (const spec of config.exports) requestOf(spec, config);
  const reader = await openLaggingReader(config);
  const context = { reader, config, prices: configuredPrices(config) };
  const failedMs = new Map<string, number>();
  const look = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    for (const spec of config.exports) {
      if (signal.aborted) return;
      if (Date.now() - (failedMs.get(spec.name) ?? 0) < AGAIN_MS) continue;
      await lease.confirm();
      try {
        const { written } = await runExport(spec, { context, now: Date.now });
        failedMs.delete(spec.name);
        if (written.length > 0)
          log('export_written', `Scheduled export ${spec.name}: ${written.length} files written.`, { fields: { files: written.join(' ') } });
      } catch (error) {
        failedMs.set(spec.name, Date.now());
        log('export_failed', `Scheduled export ${spec.name} failed; it is tried again.`, { error });
      }
    }
  };
  const work = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await look(lease, signal);
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const leases = await openLeases(config);
  const stop = leased({ config, leases, name: 'exports', log, work });
  return async () => {
    await Promise.race([stop(), delay(STOP_MS, undefined, { ref: false })]);
    await leases.close();
    await reader.close();
  };
}

void serveWorker<ExportWorkerProtocol>(async (options) => ({ ready: undefined, answers: {}, close: await start(options) }));
