/** A port of REST or of /metrics: bound, bounded, with TLS where it is configured. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Binding, listen } from './listen.ts';
import type { TlsMaterial } from './tls.ts';

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

const HEADERS_MS = 10_000;
const CONNECTIONS_MAX = 1_000;

/** Resolves when the port is open; port 0 takes a free one. Throws as `listen` does. */
export async function listenHttp(listener: RequestListener, binding: Binding, tls?: TlsMaterial): Promise<RunningServer> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tlsOptions(tls), listener);
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = HEADERS_MS;
  server.maxConnections = CONNECTIONS_MAX;
  const port = await listen(server, binding);
  return { port, close: () => closed(server) };
}

function tlsOptions({ cert, key, clientCa }: TlsMaterial): Parameters<typeof createTlsServer>[0] {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }) };
}

function closed(server: Server): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.close((error) => (error === undefined ? resolve() : reject(error)));
  server.closeAllConnections();
  return promise;
}
