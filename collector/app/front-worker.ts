/**
 * The front, a thread of its own: listens on the ports of REST and of /metrics, answers health, and passes everything else on to the
 * reader's thread, within bounds. Wires only.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import { createFront } from '../api/front/front.ts';
import { createGuard } from '../api/front/guard.ts';
import { createHealthOnly } from '../api/front/health-only.ts';
import type { ReadLimitName } from '../api/front/read-limit.ts';
import { createScrapes, type Scrapes } from '../api/front/scrapes.ts';
import { createHealth, type Readiness } from '../api/health.ts';
import { LOG_CODES } from '../catalog/log-codes.ts';
import { PRODUCT, ROUTES } from '../catalog/names.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { Config } from '../config/config.ts';
import { dutiesOf } from '../config/role.ts';
import { type ErrorCode, LedgerlineError } from '../core/error.ts';
import { createLogger, type LogSettings } from '../core/logger.ts';
import { type Protocol, serveWorker, type WorkerParent, type WorkerService } from '../core/worker-rpc.ts';
import { createOwnExposition } from '../exposition/scoped-expositions.ts';
import { type AccessMaterial, createAccess } from '../server/access.ts';
import type { Authenticate } from '../server/auth.ts';
import type { ConnectionLimit } from '../server/connections.ts';
import { listenHttp } from '../server/http-server.ts';
import { authenticateProgram, createReaderGate, type ReaderGate } from '../server/reader-gate.ts';
import { WrongTokens } from '../server/wrong-tokens.ts';
import { openLaggingReader, openLedgerReader } from '../storage/open.ts';
import type { ReaderSockets } from './read-worker.ts';
import { batchRefusals, type RefusedReader, refusedByLimit } from './reader-refusals.ts';

export interface FrontWorkerOptions {
  readonly config: Config;
  readonly log: LogSettings;
  readonly sockets: ReaderSockets;
  /** Who may read, and with what the ports prove who they are, as the main thread read it. */
  readonly access: AccessMaterial;
}

export interface FrontWorkerProtocol extends Protocol {
  readonly options: FrontWorkerOptions;
  /** Where it listens. */
  readonly ready: { readonly apiPort: number; readonly metricsPort: number };
  readonly worker: { replaceAccess(material: AccessMaterial): void };
  /** What only the main thread knows: the state of the receivers and of the other threads, and the collector's own series as text. */
  readonly parent: {
    readiness(): Readiness;
    selfText(): string;
    /** Resolves when the reader answers: until then no port is open. */
    readerRuns(): void;
  };
  readonly toWorker: never;
  readonly toParent: FrontNotice;
}

/** A limit that a reader hit, or what was not let in. */
export type FrontNotice = { readonly limit: ReadLimitName } | { readonly refused: readonly RefusedReader[] };

async function start(
  { config, log: logSettings, sockets, access: material }: FrontWorkerOptions,
  parent: WorkerParent<FrontWorkerProtocol>,
): Promise<WorkerService<FrontWorkerProtocol>> {
  const log = createLogger(LOG_CODES, logSettings);
  const access = createAccess(material);
  const { authenticate, tls } = access;
  const refusedReaders = batchRefusals((refused) => parent.post({ refused }));
  const { refused } = refusedReaders;
  const gate = createReaderGate({
    ...{ hosts: config.server, isGuarded: () => authenticate.isGuarded('read'), refused },
    wrongTokens: new WrongTokens({ now: Date.now }),
  });
  const reader = await openLedgerReader(config);
  const { limits } = config;
  const { reads } = dutiesOf(config.role);
  const { host, api_port, metrics_port } = config.server;
  const listening = { tls, limits, onLimit: (limit: ConnectionLimit, address: string) => refused(refusedByLimit(limit), address) };
  const limitHit = (limit: ReadLimitName): void => parent.post({ limit });
  const standby = reads && config.storage.read_url !== undefined ? await openLaggingReader(config) : undefined;
  const health = createHealth({ reader, standby, readiness: () => parent.request('readiness'), now: Date.now, log });
  const guard = createGuard(gate, authenticate);
  const front = reads ? createFront({ limits, guard, health, socketPath: sockets.api, limitHit }) : createHealthOnly({ guard, health });
  await parent.request('readerRuns');
  const api = await listenHttp(front, { host, port: api_port, key: 'server.api_port', flag: '--api-port' }, listening);
  const scrapes = reads
    ? createScrapes({ limits, socketPath: sockets.metrics, limitHit, elapsedMs: () => performance.now() })
    : ownScrapes(() => parent.request('selfText'));
  const routes = reads ? EXPOSITIONS : OWN_EXPOSITIONS;
  const metrics = await listenHttp(
    guarded(scrapes, routes, authenticate, gate),
    { host, port: metrics_port, key: 'server.metrics_port', flag: '--metrics-port' },
    listening,
  ).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await Promise.all([api.close(), metrics.close()]);
    await Promise.all([reader.close(), standby?.close()]);
    refusedReaders.flush();
  };
  return { ready: { apiPort: api.port, metricsPort: metrics.port }, answers: { replaceAccess: (replacement) => access.replace(replacement) }, close };
}

const STATUS_OF: Readonly<Partial<Record<ErrorCode, number>>> = { forbidden: 403, rate_limited: 429 };

const EXPOSITIONS: readonly string[] = [ROUTES.exposition, ROUTES.ledgerSeries, ROUTES.replicaSeries];
/** The ledger's series are those of replicas that read. */
const OWN_EXPOSITIONS: readonly string[] = [ROUTES.exposition, ROUTES.replicaSeries];

/** Of a replica that does not read the ledger: for those who see everything. */
function ownScrapes(selfText: () => Promise<string>): Scrapes {
  const [own, nothing] = [createOwnExposition(selfText), createOwnExposition(async () => '')];
  return (request, response, scope) => (scope === 'all' ? own : nothing)(request, response);
}

/** Only these routes, and only for those who may read: the series of what they may see. */
function guarded(scrapes: Scrapes, routes: readonly string[], authenticate: Authenticate, gate: ReaderGate): RequestListener {
  const refuse = (thrown: unknown, response: ServerResponse): void => {
    const { code, message, hint } = LedgerlineError.from(thrown);
    response.writeHead(STATUS_OF[code] ?? 401, { 'content-type': 'text/plain' }).end(`${message}\n${hint}\n`);
  };
  return (request, response) => {
    let scope: ReadScope;
    try {
      gate.assertHost(request);
      scope = authenticateProgram(authenticate, request, 'read').scope ?? 'all';
    } catch (error) {
      void gate.answerTo(error, request).then((answer) => refuse(answer, response));
      return;
    }
    if (routes.includes(request.url?.split('?')[0] ?? '')) scrapes(request, response, scope);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end(`${PRODUCT} serves ${routes.join(', ')} here.\n`);
  };
}

void serveWorker<FrontWorkerProtocol>(start);
