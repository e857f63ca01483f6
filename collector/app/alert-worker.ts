/**
 * The alerts, a thread of their own: evaluates budgets and anomalies over a read-only connection and delivers what is worth
 * notifying anyone of. A slow mail server holds up neither ingest nor reading. Wires only.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createChannels, deliveredHere } from '../alerts/channels/channels.ts';
import { nextDueMs } from '../alerts/cron.ts';
import { handOverDigests } from '../alerts/due-digests.ts';
import { AlertEngine } from '../alerts/engine.ts';
import { RequestNotifier } from '../alerts/request-notifier.ts';
import { linkBases } from '../catalog/alert-links.ts';
import { LOG_CODES } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { DAY_MS } from '../core/duration.ts';
import type { Lease } from '../core/leases.ts';
import { createLogger, type LogSettings } from '../core/logger.ts';
import type { NoMethods } from '../core/rpc-channel.ts';
import { type Protocol, serveWorker } from '../core/worker-rpc.ts';
import { openBudgetJournal, openLeases, openLedgerReader, openOutbox } from '../storage/open.ts';
import { leased } from './leased.ts';

export interface AlertWorkerOptions {
  readonly config: Config;
  readonly log: LogSettings;
  /** Signs links to requests for more budget. */
  readonly requestKey: Uint8Array;
}

export interface AlertWorkerProtocol extends Protocol {
  readonly options: AlertWorkerOptions;
  readonly ready: undefined;
  readonly worker: NoMethods;
  readonly parent: NoMethods;
  readonly toWorker: never;
  readonly toParent: never;
}

const DISPATCH_MS = 1_000;
/** Whoever is stopped waits for an answer. Where nothing was asked, one row is looked for. */
const REQUESTS_MS = 2_000;
/** A delivery under way gets so long when the collector stops; what is not marked by then is sent again. */
const STOP_MS = 2_000;
const KEPT_MS = 400 * DAY_MS;

async function start({ config, log: logSettings, requestKey: key }: AlertWorkerOptions): Promise<() => Promise<void>> {
  const alerts = deliveredHere(config.alerts);
  const log = createLogger(LOG_CODES, logSettings);
  const calendar = { timeZone: config.timezone, weekStart: config.week_start };
  const { channels, refreshers } = createChannels(alerts, Date.now);
  for (const { name, schedule, time_zone } of alerts.digests) {
    nextDueMs(schedule, time_zone ?? config.timezone, Date.now(), `alerts.digests: ${name}: schedule`);
  }
  const reader = await openLedgerReader(config);
  const store = await openBudgetJournal(config);
  const outbox = await openOutbox(config);
  const budgets = () => store.budgets(config.budgets);
  const links = linkBases(config);
  const digests = { alerts, links, reader, calendar, budgets, outbox, now: Date.now, nextDueMs };
  const requests = new RequestNotifier({ alerts, links, reader, calendar, journal: store, budgets, outbox, channels, key, now: Date.now });
  const work = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    const confirm = (): Promise<void> => lease.confirm();
    const engine = new AlertEngine({
      ...{ alerts, links, reader, calendar, budgets, rateLimits: config.rate_limits, outbox, channels, refreshers },
      ...{ now: Date.now, random: Math.random, log, confirm },
    });
    // What fails holds up nothing of the rest.
    const evaluate = async (): Promise<void> => {
      if (alerts.deliver) await engine.evaluate().catch(unevaluated);
      await confirm();
      await handOverDigests({ ...digests, failed });
      await outbox.forget(Date.now() - KEPT_MS);
    };
    // What fails since the lease is lost is tried again by another replica.
    const noted = (code: 'evaluation_failed' | 'dispatch_failed', message: string) => (error: unknown) => {
      if (!lease.signal.aborted) log(code, message, { error });
    };
    const unevaluated = noted('evaluation_failed', 'Budgets and anomalies could not be evaluated; it is tried again.');
    const failed = (name: string, error: unknown) => noted('evaluation_failed', `The digest ${name} could not be made; it is tried again.`)(error);
    const undispatched = noted('dispatch_failed', 'Messages that wait could not be sent; it is tried again.');
    await Promise.all([
      repeat(alerts.interval_seconds * 1000, () => evaluate().catch(unevaluated), signal),
      repeat(
        REQUESTS_MS,
        () =>
          confirm()
            .then(() => requests.notify())
            .catch(unevaluated),
        signal,
      ),
      // Not waited for: a channel that answers slowly holds up no other.
      repeat(DISPATCH_MS, async () => void engine.dispatch().catch(undispatched), signal),
    ]);
    await engine.idle();
  };
  const leases = await openLeases(config);
  const stop = leased({ config, leases, name: 'alerts', log, work });
  return async () => {
    await Promise.race([stop(), delay(STOP_MS)]);
    await leases.close();
    await reader.close();
    await Promise.all([store.close(), outbox.close()]);
  };
}

/** Again and again, from its end. The task does not reject. */
async function repeat(everyMs: number, task: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await task();
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

void serveWorker<AlertWorkerProtocol>(async (options) => ({ ready: undefined, answers: {}, close: await start(options) }));
