/**
 * The alerting side, a thread of its own: evaluates budgets and anomalies over its own read-only connection and delivers what is worth
 * telling. A slow mail server holds up neither ingest nor reading. Wires only.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createChannels } from '../alerts/channels/channels.ts';
import { nextDueMs } from '../alerts/cron.ts';
import { handOverDigests } from '../alerts/due-digests.ts';
import { AlertEngine } from '../alerts/engine.ts';
import type { Config } from '../config/config.ts';
import { budgetFileOf } from '../config/data-folder.ts';
import { DAY_MS } from '../core/duration.ts';
import { describeError, LedgerlineError } from '../core/error.ts';
import { answerQuestions } from '../core/worker-rpc.ts';
import { DeliveryStore } from '../storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../storage/sqlite/budget-store.ts';
import { openReader } from '../storage/sqlite/ledger-reader.ts';

export interface AlertSideOptions {
  readonly config: Config;
  readonly file: string;
}

/** First message to the main thread: it runs, or why it does not. */
export type AlertSideStarted = { readonly started: true } | { readonly failed: string; readonly hint: string };

const DISPATCH_MS = 1_000;
/** A delivery under way gets so long when the collector stops; what is not marked by then is sent again. */
const STOP_MS = 2_000;
const KEPT_MS = 400 * DAY_MS;

const port = parentPort;
if (port === null) throw new Error('alert-worker.ts runs as a worker only');

try {
  const close = start(workerData as AlertSideOptions);
  answerQuestions(port, { close });
  port.postMessage({ started: true } satisfies AlertSideStarted);
} catch (error) {
  const { message, hint } = LedgerlineError.from(error);
  if (!(error instanceof LedgerlineError)) console.error(error);
  port.postMessage({ failed: message, hint } satisfies AlertSideStarted);
}

function start({ config, file }: AlertSideOptions): () => Promise<void> {
  const { alerts } = config;
  const calendar = { timeZone: config.timezone, weekStart: config.week_start };
  const { channels, refreshers } = createChannels(alerts, Date.now);
  for (const { name, schedule, time_zone } of alerts.digests) {
    nextDueMs(schedule, time_zone ?? config.timezone, Date.now(), `alerts.digests: ${name}: schedule`);
  }
  const reader = openReader({ file, ...calendar });
  const store = openBudgetStore(budgetFileOf(config));
  const book = new DeliveryStore(store.database);
  const budgets = () => store.budgets(config.budgets);
  const log = (line: string): void => console.error(line);
  const engine = new AlertEngine({ alerts, reader, calendar, budgets, book, channels, refreshers, now: Date.now, random: Math.random, log });
  const digests = { alerts, reader, calendar, budgets, book, now: Date.now, nextDueMs };
  const stopping = new AbortController();
  const evaluate = async (): Promise<void> => {
    if (alerts.deliver) await engine.evaluate();
    handOverDigests(digests);
    book.forget(Date.now() - KEPT_MS);
  };
  const loops = [
    repeat('evaluation', alerts.interval_seconds * 1000, evaluate, stopping.signal),
    // Not waited for: a channel that answers slowly holds up no other.
    repeat('delivery', DISPATCH_MS, async () => void engine.dispatch().catch(failed('delivery')), stopping.signal),
  ];
  return async () => {
    stopping.abort();
    await Promise.race([Promise.all([...loops, engine.idle()]), delay(STOP_MS)]);
    reader.close();
    store.close();
  };
}

/** Hoisted: the loops begin while this file is still being read. */
function failed(what: string): (error: unknown) => void {
  return (error) => {
    const failure = LedgerlineError.from(error);
    console.error(`alerts: ${what} failed and will be retried: ${describeError(failure)}`, failure.cause ?? '');
  };
}

/** Again and again, from its end; a failure is said and does not end it. */
async function repeat(what: string, everyMs: number, task: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await task().catch(failed(what));
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
