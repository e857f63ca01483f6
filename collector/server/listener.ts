/**
 * The one way in which a port is opened: bounded connections, TLS handshakes that end in time, certificates that can be replaced, quiet
 * resets. What is spoken over a connection is the caller's.
 */
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { certificateOf } from './client-certificate.ts';
import { type Connection, ConnectionPool, endsOf, type OnLimit, type PoolLimits, rememberConnection } from './connections.ts';
import { type Binding, listen } from './listen.ts';
import type { TlsMaterial, TlsSource } from './tls.ts';

/** A handshake that takes longer is over. */
export const HANDSHAKE_MS = 10_000;

export interface ListenerOptions {
  readonly binding: Binding;
  readonly limits: PoolLimits;
  readonly onLimit: OnLimit;
  readonly tls?: TlsSource | undefined;
  /** What TLS lets clients choose from: h2, http/1.1. */
  readonly protocols: readonly string[];
  /** True: whoever takes connections over ends them after the client did. Default: they are ended at once. */
  readonly allowHalfOpen?: boolean;
  /** Takes a connection over, after its handshake where there is TLS. */
  readonly connect: (socket: Socket, connection: Connection) => void;
  /** Before anything is read of a connection: calls `proceed` when it may go on. Default: at once. */
  readonly inspect?: (socket: Socket, connection: Connection, proceed: () => void) => void;
  /** A handshake failed; its connection is gone. */
  readonly onHandshakeError?: (error: NodeJS.ErrnoException, address: string) => void;
  /** Default: HANDSHAKE_MS. */
  readonly handshakeMs?: number;
}

export interface Listener {
  readonly port: number;
  readonly pool: ConnectionPool;
  /** Takes no more connections, lets requests under way finish for at most graceMs, then closes everything. Default of `closeIdle`: at once. */
  drain(graceMs: number, closeIdle?: () => void): Promise<void>;
}

/** Throws as `listen` does. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { connect, inspect, tls } = options;
  const pool = new ConnectionPool(options.limits, options.onLimit);
  const secure = tls === undefined ? undefined : secureConnections(tls, pool, options);
  const server = createServer({ noDelay: true, allowHalfOpen: options.allowHalfOpen === true && tls === undefined }, (socket) => {
    // Without a listener a reset would end the process; whoever took the connection over learns of it from its own.
    socket.on('error', () => undefined);
    const connection = pool.admit(socket);
    if (connection === undefined) return;
    rememberConnection(socket, connection);
    const proceed = (): void => {
      if (socket.destroyed) return;
      if (secure === undefined) connect(socket, connection);
      else secure(socket);
    };
    if (inspect === undefined) proceed();
    else inspect(socket, connection, proceed);
  });
  const port = await listen(server, options.binding);
  const drain = async (graceMs: number, closeIdle = (): void => pool.drain()): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    closeIdle();
    const force = setTimeout(() => pool.closeAll(), graceMs);
    await closed;
    clearTimeout(force);
  };
  return { port, pool, drain };
}

type Secure = (socket: Socket) => void;

/** A TLS server that never listens: it is handed the connections that were let in. */
function secureConnections(tls: TlsSource, pool: ConnectionPool, options: ListenerOptions): Secure {
  const server: TlsServer = createTlsServer({
    ...contextOf(tls.current),
    ALPNProtocols: [...options.protocols],
    handshakeTimeout: options.handshakeMs ?? HANDSHAKE_MS,
    requestCert: tls.current.clientCa !== undefined,
    rejectUnauthorized: true,
  });
  tls.onChange((material) => server.setSecureContext(contextOf(material)));
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    const connection = pool.find(endsOf(socket));
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    connection.certificate = certificateOf(socket);
    if (connection.certificate !== undefined) connection.prove();
    rememberConnection(socket, connection);
    options.connect(socket, connection);
  });
  server.on('tlsClientError', (error, socket) => {
    const { remoteAddress = '' } = socket;
    // Whatever waits to be written will never be: without its handshake a socket that is only ended stays for ever.
    socket.destroy();
    options.onHandshakeError?.(error, remoteAddress);
  });
  return (socket) => void server.emit('connection', socket);
}

function contextOf({ cert, key, clientCa }: TlsMaterial) {
  return { cert, key, minVersion: 'TLSv1.2' as const, ...(clientCa !== undefined && { ca: clientCa }) };
}
