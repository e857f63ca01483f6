/**
 * Requests of one connection, one at a time. node:http hands over at once whatever one read brought, hundreds of them, and goes on reading
 * while their answers wait; clients in use send the next request when they have the answer to the one before.
 */
import type { IncomingMessage, RequestListener } from 'node:http';

export interface InOrderOptions {
  readonly listener: RequestListener;
  /** So many wait on one connection; it is closed beyond. */
  readonly waitingMax: number;
  /** A connection was closed for that. */
  readonly onTooMany: (socket: IncomingMessage['socket']) => void;
}

/** The next one begins when the answer to the one before has been taken, by the system at least. */
export function inOrder({ listener, waitingMax, onTooMany }: InOrderOptions): RequestListener {
  /** Connections with a request under way, and what waits behind it. */
  const waiting = new WeakMap<IncomingMessage['socket'], Parameters<RequestListener>[]>();

  const begin = (...exchange: Parameters<RequestListener>): void => {
    const [{ socket }, response] = exchange;
    response.once('close', () => {
      const next = waiting.get(socket)?.shift();
      if (next === undefined || !socket.writable) waiting.delete(socket);
      else begin(...next);
    });
    listener(...exchange);
  };

  return (request, response) => {
    const { socket } = request;
    // What is left of a read goes on being parsed.
    if (socket.destroyed) return;
    const behind = waiting.get(socket);
    if (behind === undefined) {
      waiting.set(socket, []);
      begin(request, response);
    } else if (behind.length < waitingMax) {
      behind.push([request, response]);
    } else {
      onTooMany(socket);
      socket.destroy();
    }
  };
}
