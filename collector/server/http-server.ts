/** Ports that speak HTTP/1: bounded, with TLS where it is configured. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { plainAddress } from './address.ts';
import { connectionOf, type OnLimit, type PoolLimits } from './connections.ts';
import { inOrder } from './in-order.ts';
import type { Binding } from './listen.ts';
import { type Listener, openListener } from './listener.ts';
import type { TlsSource } from './tls.ts';

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HttpLimits extends PoolLimits {
  readonly pipelined_requests: number;
}

export interface HttpListenOptions {
  readonly tls?: TlsSource | undefined;
  /** `limits` of the configuration; a port for readers takes fewer. Default: what such a port takes at most. */
  readonly limits?: HttpLimits;
  readonly onLimit?: OnLimit;
}

const HEADERS_MS = 10_000;
/** Longer than a proxy keeps an idle connection (nginx 60 s), so that it does not find one closed just as it sends; by default Node closes after 5 s. */
const KEEP_ALIVE_MS = 75_000;
/** Unfinished requests are looked for this often, so their limits in time are kept this exactly. */
const CHECK_MS = 1_000;
/** Readers are fewer than senders. */
const READERS: HttpLimits = { connections: 1_000, connections_per_address: 250, pipelined_requests: 100 };

/** A port of REST or of /metrics. Resolves when it is open; port 0 takes a free one. Throws as `listen` does. */
export async function listenHttp(listener: RequestListener, binding: Binding, options: HttpListenOptions = {}): Promise<RunningServer> {
  const server = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const { tls, limits = READERS, onLimit = () => undefined } = options;
  const bounded = {
    ...limits,
    connections: Math.min(limits.connections, READERS.connections),
    connections_per_address: Math.min(limits.connections_per_address, READERS.connections_per_address),
  };
  const { port, drain } = await openHttp(server, listener, { binding, limits: bounded, onLimit, tls });
  return { port, close: () => drain(0) };
}

export interface OpenHttpOptions {
  readonly binding: Binding;
  readonly limits: HttpLimits;
  readonly onLimit: OnLimit;
  readonly tls?: TlsSource | undefined;
  readonly onHandshakeError?: (error: NodeJS.ErrnoException, address: string) => void;
  readonly handshakeMs?: number;
}

/** Gives connections to a server of node:http that does not listen itself. */
export async function openHttp(server: Server, listener: RequestListener, options: OpenHttpOptions): Promise<Listener> {
  const counted: RequestListener = (request, response) => {
    const connection = connectionOf(request.socket);
    connection?.begin();
    response.once('close', () => connection?.end());
    listener(request, response);
  };
  const onTooMany = ({ remoteAddress = '' }: Socket): void => options.onLimit('limits.pipelined_requests', plainAddress(remoteAddress));
  server.on('request', inOrder({ listener: counted, waitingMax: options.limits.pipelined_requests, onTooMany }));
  const opened = await openListener({
    ...options,
    protocols: ['http/1.1'],
    // As a server of node:http accepts them.
    allowHalfOpen: true,
    connect: (socket) => void server.emit('connection', socket),
  });
  // Its watch over unfinished requests begins with this event, which only a server that listens itself would emit.
  server.emit('listening');
  const drain = async (graceMs: number): Promise<void> => {
    await opened.drain(graceMs);
    // Ends the watch. It never listened, which is the error that this would report.
    server.close(() => undefined);
  };
  return { ...opened, drain };
}
