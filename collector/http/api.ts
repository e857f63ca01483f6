/** The read side over HTTP: REST under /api/v1, the built-in page at /, health at /healthz and /readyz. Wires only. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import { describeError, LedgerlineError } from '../error.ts';
import { ROUTES } from '../names.ts';
import { boardById, boardList, panelById } from './boards.ts';
import { catalogue } from './catalogue.ts';
import { type Authenticate, headers, isGuarded, onlyReading, requireLocalName, requireToken } from './guard.ts';
import { type AskReadiness, alive, ready } from './health.ts';
import { page } from './page.ts';
import { noSuchRoute, problemHandler, type ReportError } from './problem.ts';
import { sessionById, sessionList } from './sessions.ts';
import { type ReadContext, spend } from './spend.ts';
import { status } from './status.ts';

export interface ApiOptions extends ReadContext {
  /** Checks the bearer token of every request under /api. Omitted: reading is open. */
  readonly authenticate?: Authenticate;
  readonly readiness: AskReadiness;
  /** Told of failures that are ours. Default: one line on stderr. */
  readonly report?: ReportError;
}

const logFailure: ReportError = (error, path) => console.error(`${path}: ${describeError(error)}`, error.cause ?? '');

const neverCached: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

export function createApi(options: ApiOptions): Express {
  const { authenticate, readiness, report = logFailure, config } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(headers(), onlyReading, requireLocalName(config.server.host, isGuarded(authenticate)));
  app.get(ROUTES.alive, alive);
  app.get(ROUTES.ready, neverCached, ready(options, readiness));
  app.use(page());
  app.use('/api', neverCached, requireToken(authenticate));
  app.get(ROUTES.session, sessionList(options));
  app.get(`${ROUTES.session}/:id`, sessionById(options));
  app.get(ROUTES.spend, spend(options));
  app.get(ROUTES.catalogue, catalogue);
  app.get(ROUTES.status, status(options));
  app.get(ROUTES.boards, boardList);
  app.get(`${ROUTES.boards}/:id`, boardById(options));
  app.get(`${ROUTES.boards}/:id/panels/:panel`, panelById(options));
  app.use(noSuchRoute);
  app.use(problemHandler(report));
  return app;
}

/** PEM texts. With a client CA, callers must present a certificate it signed. */
export interface ApiTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly clientCa?: string | Buffer;
}

export interface RunningApi {
  readonly port: number;
  close(): Promise<void>;
}

const HEADERS_MS = 10_000;
const CONNECTIONS_MAX = 1_000;

/** Resolves when the port is open; port 0 takes a free one. Throws LedgerlineError `invalid` when it cannot be opened. */
export async function listenApi(app: Express, host: string, port: number, tls?: ApiTls): Promise<RunningApi> {
  const server = tls === undefined ? createServer(app) : createTlsServer(tlsOptions(tls), app);
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = HEADERS_MS;
  server.maxConnections = CONNECTIONS_MAX;
  await opened(server, host, port);
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is never a string
    close: () => closed(server),
  };
}

function tlsOptions({ cert, key, clientCa }: ApiTls): Parameters<typeof createTlsServer>[0] {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }) };
}

function opened(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'EADDRINUSE' ? 'another program uses it' : cause.message;
    reject(
      new LedgerlineError('invalid', `server.api_port ${port} on ${host} cannot be opened: ${reason}.`, {
        cause,
        hint: 'Stop the other program or choose another port with --api-port.',
      }),
    );
  });
  server.listen(port, host, resolve);
  return promise;
}

function closed(server: Server): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.close((error) => (error === undefined ? resolve() : reject(error)));
  server.closeAllConnections();
  return promise;
}
