/** The imports on a schedule, a thread of their own: a provider that is slow, or a large day, holds up neither ingest nor reading. Wires only. */
import { setTimeout as delay } from 'node:timers/promises';
import { nextDueMs } from '../alerts/cron.ts';
import { LOG_CODES } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { type ImportConfig, isOfFiles } from '../config/imports.ts';
import { MINUTE_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Lease } from '../core/leases.ts';
import { createLogger, type LogSettings } from '../core/logger.ts';
import type { NoMethods } from '../core/rpc-channel.ts';
import { type Protocol, serveWorker } from '../core/worker-rpc.ts';
import { daysRead } from '../imports/days.ts';
import { isDue, RUNS_LOOKED_AT, type Schedule } from '../imports/due.ts';
import { nameOf } from '../imports/findings.ts';
import { type ImportSummary, runImport } from '../imports/run.ts';
import { openSource } from '../imports/sources.ts';
import { openLeases, openStatements } from '../storage/open.ts';
import { importWords } from './import-words.ts';
import { leased } from './leased.ts';
import { storedDirectory } from './stored-directory.ts';

export interface ImportWorkerOptions {
  readonly config: Config;
  readonly log: LogSettings;
}

export interface ImportWorkerProtocol extends Protocol {
  readonly options: ImportWorkerOptions;
  readonly ready: undefined;
  readonly worker: NoMethods;
  readonly parent: NoMethods;
  readonly toWorker: never;
  readonly toParent: never;
}

/** How often the schedules are looked at. */
const LOOK_MS = 30_000;
/** One that cannot even begin, such as without a key, is tried again so much later. */
const AGAIN_MS = 15 * MINUTE_MS;
/** Days that are whole stay; the next start goes on. */
const STOP_MS = 2_000;

type Scheduled = ImportConfig & { readonly schedule: string };
const daysReadBy = (entry: ImportConfig): number =>
  daysRead(isOfFiles(entry) ? { revisedDays: 0, isOfFiles: true } : { revisedDays: entry.revised_days });
const isScheduled = (entry: ImportConfig): entry is Scheduled => entry.schedule !== undefined;

async function start({ config, log: logSettings }: ImportWorkerOptions): Promise<() => Promise<void>> {
  const log = createLogger(LOG_CODES, logSettings);
  const entries = config.imports.filter(isScheduled);
  const scheduleOf = (entry: Scheduled): Schedule => {
    const { source, schedule, time_zone: zone = config.timezone } = entry;
    const key = `imports: ${source}: schedule`;
    return { nextDueMs: (afterMs) => nextDueMs(schedule, zone, afterMs, key), daysRead: daysReadBy(entry) };
  };
  // Mistakes are said at the start, not at seven in the morning.
  for (const entry of entries) scheduleOf(entry).nextDueMs(0);
  const store = await openStatements(config);
  const failedMs = new Map<string, number>();

  const run = async (entry: Scheduled, signal: AbortSignal): Promise<ImportSummary> => {
    const pause = async (ms: number): Promise<void> => void (await delay(ms, undefined, { signal }));
    const source = openSource(entry, {
      ...importWords(config, await storedDirectory(config)),
      env: process.env,
      fetch,
      pause,
      now: Date.now,
      signal,
    });
    const origin = { source: entry.source, account: entry.account ?? '' };
    return runImport({ origin, source, store, wanted: {}, isTrial: false, now: Date.now, signal });
  };
  const look = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    for (const entry of entries) {
      const origin = { source: entry.source, account: entry.account ?? '' };
      const name = nameOf(origin);
      if (signal.aborted) return;
      if (Date.now() - (failedMs.get(name) ?? 0) < AGAIN_MS) continue;
      if (!isDue(await store.runs(origin, RUNS_LOOKED_AT), scheduleOf(entry), Date.now())) continue;
      await lease.confirm();
      try {
        const { outcome, days, failed, error } = await run(entry, signal);
        failedMs.delete(name);
        const read = `${days.new} days new, ${days.revised} revised, ${days.same} unchanged`;
        if (outcome === 'done') log('import_done', `Import ${name}: ${read}.`, { fields: { new: days.new, revised: days.revised } });
        else if (outcome === 'failed')
          log('import_failed', `Import ${name} failed; it is tried again. ${read}.`, { error: error ?? failed[0]?.error });
      } catch (thrown) {
        failedMs.set(name, Date.now());
        log('import_failed', `Import ${name} could not begin; it is tried again.`, { error: LedgerlineError.from(thrown) });
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
  const stop = leased({ config, leases, name: 'imports', log, work });
  return async () => {
    await Promise.race([stop(), delay(STOP_MS, undefined, { ref: false })]);
    await leases.close();
    await store.close();
  };
}

void serveWorker<ImportWorkerProtocol>(async (options) => ({ ready: undefined, answers: {}, close: await start(options) }));
