/** A port of the reading side: bound, bounded, with TLS where it is configured. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LedgerlineError } from '../core/error.ts';

/** PEM texts. With a client CA, callers must present a certificate it signed. */
export interface HttpTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly clientCa?: string | Buffer;
}

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface Binding {
  readonly host: string;
  readonly port: number;
  /** For messages: the key that holds the port, and the flag that sets it. */
  readonly key: string;
  readonly flag: string;
}

const HEADERS_MS = 10_000;
const CONNECTIONS_MAX = 1_000;

/** Resolves when the port is open; port 0 takes a free one. Throws LedgerlineError `invalid` when it cannot be opened. */
export async function listenHttp(listener: RequestListener, { host, port, key, flag }: Binding, tls?: HttpTls): Promise<RunningServer> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tlsOptions(tls), listener);
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = HEADERS_MS;
  server.maxConnections = CONNECTIONS_MAX;
  await opened(server, { host, port, key, flag });
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is never a string
    close: () => closed(server),
  };
}

function tlsOptions({ cert, key, clientCa }: HttpTls): Parameters<typeof createTlsServer>[0] {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }) };
}

function opened(server: Server, { host, port, key, flag }: Binding): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'EADDRINUSE' ? 'another program uses it' : cause.message;
    reject(
      new LedgerlineError('invalid', `${key} ${port} on ${host} cannot be opened: ${reason}.`, {
        cause,
        hint: `Stop the other program or choose another port with ${flag}.`,
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
