/**
 * The reader, a thread of its own: REST, the web page and /metrics over a read-only connection, so that a scrape, a report over a year
 * or a slow browser does not hold an export's answer. Wires only.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import { createApi, listenApi } from '../api/api.ts';
import type { Readiness } from '../api/health.ts';
import { BudgetWatch } from '../budgets/spend-watch.ts';
import { LOG_CODES } from '../catalog/log-codes.ts';
import { PRODUCT, ROUTES } from '../catalog/names.ts';
import type { RefusalTotal } from '../catalog/refusals.ts';
import type { Config } from '../config/config.ts';
import { type ErrorCode, LedgerlineError } from '../core/error.ts';
import { createLogger, type LogSettings } from '../core/logger.ts';
import { type Protocol, serveWorker, type WorkerParent, type WorkerService } from '../core/worker-rpc.ts';
import { createExposition } from '../exposition/exposition.ts';
import { createLedgerText } from '../exposition/ledger-text.ts';
import { loadPriceBook } from '../pricing/load.ts';
import { type AccessMaterial, createAccess } from '../server/access.ts';
import type { Authenticate } from '../server/auth.ts';
import type { ConnectionLimit } from '../server/connections.ts';
import { listenHttp } from '../server/http-server.ts';
import { authenticateRequest, createReaderGate, type ReaderGate } from '../server/reader-gate.ts';
import { WrongTokens } from '../server/wrong-tokens.ts';
import { openBudgetJournal, openLedgerElsewhere, openLedgerReader, openOutbox } from '../storage/open.ts';
import { batchRefusals, type RefusedReader, refusedByLimit } from './reader-refusals.ts';

export interface ReadWorkerOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: LogSettings;
  /** Who may read, and with what the ports prove who they are, as the main thread read it. */
  readonly access: AccessMaterial;
}

export interface ReadWorkerProtocol extends Protocol {
  readonly options: ReadWorkerOptions;
  /** Where it listens. */
  readonly ready: { readonly apiPort: number; readonly metricsPort: number };
  readonly worker: { replaceAccess(material: AccessMaterial): void };
  /** What only the main thread knows: the state of the receivers, the collector's own series as text, and what was refused. */
  readonly parent: { readiness(): Readiness; selfText(): string; refusals(): readonly RefusalTotal[] };
  readonly toWorker: never;
  readonly toParent: readonly RefusedReader[];
}

async function start(
  { config, version, log: logSettings, access: material }: ReadWorkerOptions,
  parent: WorkerParent<ReadWorkerProtocol>,
): Promise<WorkerService<ReadWorkerProtocol>> {
  const log = createLogger(LOG_CODES, logSettings);
  const reader = openLedgerReader(config);
  const access = createAccess(material);
  const { authenticate, tls } = access;
  const refusedReaders = batchRefusals((batch) => parent.post(batch));
  const { refused } = refusedReaders;
  const wrongTokens = new WrongTokens({ now: Date.now });
  const listening = { tls, limits: config.limits, onLimit: (limit: ConnectionLimit, address: string) => refused(refusedByLimit(limit), address) };
  const readiness = () => parent.request('readiness');
  const selfText = () => parent.request('selfText');
  const refusals = () => parent.request('refusals');
  const prices = loadPriceBook(config.models.prices_file);
  const budgets = openBudgetJournal(config);
  const elsewhere = openLedgerElsewhere(config);
  const watch = new BudgetWatch({ reader, config, budgets, now: Date.now, elsewhere, log });
  // Before the port opens, so that the first question finds everything ready.
  await watch.start();
  const alerts = openOutbox(config);
  const api = await listenApi(
    createApi({
      ...{ reader, config, budgets, watch, alerts, prices, now: Date.now, readiness, selfText, refusals, log },
      ...{ authenticate, wrongTokens, refused },
    }),
    config.server.host,
    config.server.api_port,
    listening,
  );
  // Of its own: a scrape waits for no board.

  const scraped = openLedgerReader(config);
  const exposition = createExposition({
    ledgerText: createLedgerText({
      reader: scraped,
      config,
      prices,
      now: Date.now,
      budgets: () => budgets.budgets(config.budgets),
      version,
    }),
    selfText,
  });
  const { host, metrics_port } = config.server;
  const gate = createReaderGate({ hosts: config.server, isGuarded: () => authenticate.isGuarded('read'), wrongTokens, refused });
  const metrics = await listenHttp(
    guarded(exposition, authenticate, gate),
    { host, port: metrics_port, key: 'server.metrics_port', flag: '--metrics-port' },
    listening,
  ).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await Promise.all([api.close(), metrics.close()]);
    await Promise.all([elsewhere.close(), watch.stop()]);
    await Promise.all([reader.close(), scraped.close()]);
    for (const opened of [budgets, alerts]) opened.close();
    refusedReaders.flush();
  };
  return {
    ready: { apiPort: api.port, metricsPort: metrics.port },
    answers: { replaceAccess: (replacement) => access.replace(replacement) },
    close,
  };
}

const STATUS_OF: Readonly<Partial<Record<ErrorCode, number>>> = { forbidden: 403, rate_limited: 429 };

/** Only /metrics, and only for those who may read. */
function guarded(exposition: RequestListener, authenticate: Authenticate, gate: ReaderGate): RequestListener {
  const refuse = (thrown: unknown, response: ServerResponse): void => {
    const { code, message, hint } = LedgerlineError.from(thrown);
    response.writeHead(STATUS_OF[code] ?? 401, { 'content-type': 'text/plain' }).end(`${message}\n${hint}\n`);
  };
  return (request, response) => {
    try {
      gate.assertHost(request);
      authenticateRequest(authenticate, request, 'read');
    } catch (error) {
      void gate.answerTo(error, request).then((answer) => refuse(answer, response));
      return;
    }
    if (request.url?.split('?')[0] === ROUTES.exposition) exposition(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end(`${PRODUCT} serves ${ROUTES.exposition} here.\n`);
  };
}

void serveWorker<ReadWorkerProtocol>(start);
