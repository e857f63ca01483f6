/** The OTLP/HTTP server on bare node:http: a framework here would cost a third of the throughput and add nothing. */
import { createServer, type IncomingMessage, type RequestListener, type ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { openHttp } from '../../../server/http-server.ts';
import { addressOf, reportLimit } from '../sender.ts';
import { type Outcome, replyOf } from '../status.ts';
import type { StartedReceiver, TransportOptions } from '../transport.ts';
import { type ClientError, reasonOfBroken } from './broken.ts';
import { exchange } from './exchange.ts';
import { Rests } from './rest.ts';

/** Longer than the minute between two metric exports, so that a sender does not find its connection closed just as it sends. */
const KEEP_ALIVE_MS = 125_000;
/** Unread requests are looked for this often, so the limit on their time is kept this exactly. */
const TIMEOUT_CHECK_MS = 1_000;

function serverOptions({ limits }: TransportOptions): ServerOptions {
  return {
    requestTimeout: limits.request_ms,
    headersTimeout: limits.request_ms,
    connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, limits.request_ms),
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
}

/** Errors of the connection by Node's code; what is not here is bytes that are no HTTP. */
const OUTCOME_OF_ERROR: Readonly<Record<string, Outcome>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'too_large',
  HPE_INVALID_EOF_STATE: 'aborted',
  ECONNRESET: 'aborted',
};

const outcomeOfError = ({ code }: ClientError): Outcome => OUTCOME_OF_ERROR[code ?? ''] ?? 'malformed';

/** Throws `unavailable` when the port is taken. */
export async function startHttpReceiver(options: TransportOptions): Promise<StartedReceiver> {
  const { server: settings, limits, observer, tls } = options;
  const server = createServer(serverOptions(options));
  const rests = new Rests();
  /** Connections with a request under way: their exchange counts what breaks them, and the others are counted here. */
  const busy = new Set<Duplex>();
  const broken = new WeakMap<Duplex, Outcome>();
  const brokenBy = (request: IncomingMessage): Outcome | undefined => broken.get(request.socket);
  /** What never became a request. */
  const reportBroken = (error: ClientError, outcome: Outcome, address: string): void => {
    observer.requestAnswered({ ...UNREADABLE, outcome });
    const reason = reasonOfBroken(error, outcome);
    if (reason !== undefined) observer.refused({ ...reason, count: 1 }, address);
  };

  const listener: RequestListener = (request, response) => {
    const { socket } = request;
    busy.add(socket);
    exchange(request, response, { ...options, brokenBy, rests })
      .catch(() => socket.destroy())
      .finally(() => busy.delete(socket));
  };
  server.on('clientError', (error: ClientError, socket) => {
    const isFirst = !broken.has(socket);
    const outcome = broken.get(socket) ?? outcomeOfError(error);
    broken.set(socket, outcome);
    if (isFirst && outcome === 'timeout') observer.limitHit('limits.request_ms');
    if (isFirst && outcome !== 'aborted' && !busy.has(socket)) reportBroken(error, outcome, addressOf(socket));
    refuseConnection(socket, outcome);
  });

  const { host, otlp_http_port: port } = settings;
  return openHttp(server, listener, {
    binding: { host, port, key: 'server.otlp_http_port', flag: '--otlp-http-port' },
    limits,
    onLimit: reportLimit(observer),
    tls,
    onHandshakeError: (error, address) => {
      const outcome = outcomeOfError(error);
      if (outcome !== 'aborted') reportBroken(error, outcome, address);
    },
  });
}

const UNREADABLE = { signal: 'unknown', transport: 'http', encoding: 'unknown', accepted: 0, rejected: 0, bytes: 0, durationMs: 0 } as const;

/** Time to read the answer. */
const LINGER_MS = 1_000;

/** What cannot be parsed as HTTP, or never came to its end, is answered by hand; nothing after it can be trusted, so the connection ends. */
function refuseConnection(socket: Duplex, outcome: Outcome): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(linger));
  socket.end(`HTTP/1.1 ${replyOf(outcome).http} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
