/**
 * Looks at the first bytes of a connection before grpc-js has it: grpc-js closes what is not HTTP/2 without a word to anybody. They are put
 * back for it.
 */
import type { Socket } from 'node:net';
import type { ReceiverObserver } from '../observer.ts';
import { openingOf } from '../opening.ts';
import type { Reason } from '../refused-error.ts';

export interface Greeting {
  readonly isTls: boolean;
  /** A connection that says nothing for so long is closed. */
  readonly idleMs: number;
  /** Of the sender, without its port. */
  readonly address: string;
  readonly observer: ReceiverObserver;
  /** Hands the connection over. */
  readonly connect: () => void;
}

export function greet(socket: Socket, { isTls, idleMs, address, observer, connect }: Greeting): void {
  const onIdle = (): void => void socket.destroy();
  socket.setTimeout(idleMs, onIdle);
  socket.once('readable', () => {
    const head: Buffer | null = socket.read();
    // The end of a connection that never said anything.
    if (head === null) {
      socket.destroy();
      return;
    }
    socket.setTimeout(0).off('timeout', onIdle);
    const reason = reasonOf(head, isTls);
    if (reason === undefined) {
      socket.unshift(head);
      connect();
      return;
    }
    observer.requestAnswered({ ...UNREADABLE, outcome: 'malformed' });
    observer.refused({ ...reason, count: 1 }, address);
    refuse(socket, reason);
  });
}

const UNREADABLE = { signal: 'unknown', transport: 'grpc', encoding: 'unknown', accepted: 0, rejected: 0, bytes: 0, durationMs: 0 } as const;

function reasonOf(head: Uint8Array, isTls: boolean): Reason | undefined {
  const opening = openingOf(head);
  if (isTls) return opening === 'tls' ? undefined : { kind: 'plain_on_tls_port', detail: opening === 'http2' ? 'gRPC' : '' };
  if (opening === 'http2') return undefined;
  const kind = opening === 'tls' ? 'tls_on_plain_port' : opening === 'http1' ? 'http_on_grpc_port' : 'not_otlp';
  return { kind, detail: '' };
}

/** Bytes that began like TLS, and did not become a connection. One that only went away is nothing. */
export function reportHandshake(error: NodeJS.ErrnoException, address: string, observer: ReceiverObserver): void {
  const { code = '' } = error;
  if (code === 'ECONNRESET') return;
  observer.requestAnswered({ ...UNREADABLE, outcome: 'malformed' });
  const reason: Reason =
    code === 'ERR_SSL_NO_APPLICATION_PROTOCOL' ? { kind: 'http_on_grpc_port', detail: 'with TLS' } : { kind: 'tls_failed', detail: code };
  observer.refused({ ...reason, count: 1 }, address);
}

const WORDS = 'This port receives OTLP over gRPC. Send OTLP over HTTP to the other port (4318 by default).\n';
const ANSWER = `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${WORDS.length}\r\n\r\n${WORDS}`;
/** Time to read the answer. */
const LINGER_MS = 1_000;

function refuse(socket: Socket, { kind }: Reason): void {
  if (kind !== 'http_on_grpc_port') {
    socket.destroy();
    return;
  }
  socket.setTimeout(LINGER_MS, () => socket.destroy());
  // Unread bytes would make the kernel reset the connection before the answer is read.
  socket.resume().end(ANSWER);
}
