/** The OTLP/HTTP server on bare node:http or node:https: a framework here would cost a third of the throughput and add nothing. */
import { createServer, type IncomingMessage, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { listen } from '../../../server/listen.ts';
import { addressOf, reportDropped } from '../sender.ts';
import { type Outcome, replyOf } from '../status.ts';
import type { StartedReceiver, TransportOptions } from '../transport.ts';
import { type ClientError, reasonOfBroken } from './broken.ts';
import { exchange } from './exchange.ts';

/** Longer than the minute between two metric exports, so that a sender does not find its connection closed just as it sends. */
const KEEP_ALIVE_MS = 125_000;
/** Unread requests are looked for this often, so the limit on their time is kept this exactly. */
const TIMEOUT_CHECK_MS = 1_000;
const TLS_HANDSHAKE_MS = 10_000;

function serverOptions({ limits }: TransportOptions): ServerOptions {
  return {
    requestTimeout: limits.request_ms,
    headersTimeout: limits.request_ms,
    connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, limits.request_ms),
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
  };
}

function createHttpServer(options: TransportOptions) {
  const { tls } = options;
  if (tls === undefined) return createServer(serverOptions(options));
  const clients = tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true };
  return createSecureServer({
    ...serverOptions(options),
    cert: tls.cert,
    key: tls.key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: TLS_HANDSHAKE_MS,
    ...clients,
  });
}

/** Errors of the connection by Node's code; what is not here is bytes that are no HTTP. */
const OUTCOME_OF_ERROR: Readonly<Record<string, Outcome>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'too_large',
  HPE_INVALID_EOF_STATE: 'aborted',
  ECONNRESET: 'aborted',
};

/** Throws `unavailable` when the port is taken. */
export async function startHttpReceiver(options: TransportOptions): Promise<StartedReceiver> {
  const { server: settings, limits, observer } = options;
  const server = createHttpServer(options);
  /** Connections with a request under way: their exchange counts what breaks them, and the others are counted here. */
  const busy = new Set<Duplex>();
  const broken = new WeakMap<Duplex, Outcome>();
  const brokenBy = (request: IncomingMessage): Outcome | undefined => broken.get(request.socket);

  server.maxConnections = limits.connections;
  server.on('drop', (dropped) => reportDropped(dropped, observer));
  // Node keeps an address that was asked for once: a connection that breaks has none any more.
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', addressOf);
  server.on('request', (request, response) => {
    const { socket } = request;
    busy.add(socket);
    exchange(request, response, { ...options, brokenBy })
      .catch(() => socket.destroy())
      .finally(() => busy.delete(socket));
  });
  server.on('clientError', (error: ClientError, socket) => {
    const isFirst = !broken.has(socket);
    const outcome = broken.get(socket) ?? OUTCOME_OF_ERROR[error.code ?? ''] ?? 'malformed';
    broken.set(socket, outcome);
    if (isFirst && outcome === 'timeout') observer.limitHit('limits.request_ms');
    const isCounted = isFirst && outcome !== 'aborted' && !busy.has(socket);
    if (isCounted) observer.requestAnswered({ ...UNREADABLE, outcome });
    const reason = isCounted ? reasonOfBroken(error, outcome) : undefined;
    if (reason !== undefined) observer.refused({ ...reason, count: 1 }, addressOf(socket));
    refuseConnection(socket, outcome);
  });

  const { host, otlp_http_port: port } = settings;
  const bound = await listen(server, { host, port, key: 'server.otlp_http_port', flag: '--otlp-http-port' });
  const drain = (graceMs: number): Promise<void> =>
    new Promise((resolve) => {
      const force = setTimeout(() => server.closeAllConnections(), graceMs);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
    });
  return { port: bound, drain };
}

const UNREADABLE = { signal: 'unknown', transport: 'http', encoding: 'unknown', accepted: 0, rejected: 0, bytes: 0, durationMs: 0 } as const;

/** What cannot be parsed as HTTP, or never came to its end, is answered by hand; nothing after it can be trusted, so the connection ends. */
function refuseConnection(socket: Duplex, outcome: Outcome): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${replyOf(outcome).http} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
