/** Reads the body of one HTTP request, bounded in size and in what all requests together may hold. */
import type { IncomingMessage } from 'node:http';
import type { Admission } from '../admission.ts';
import { bodyTooLarge, tooManyBytesPending } from '../limits.ts';

/** The sender closed the connection, or it broke, before the body was complete. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
}

export interface HeldBody {
  readonly bytes: Buffer;
  /** Gives the memory back to the account; call it once. */
  release(): void;
}

/** Rejects with LimitError or AbortedError, and holds nothing then. */
export function readBody(request: IncomingMessage, limit: number, admission: Admission): Promise<HeldBody> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) return Promise.reject(bodyTooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: Error): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      admission.release(size);
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      if (size + chunk.length > limit) stop(bodyTooLarge(limit));
      else if (!admission.hold(chunk.length)) stop(tooManyBytesPending());
      else {
        size += chunk.length;
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      request.off('close', onClose);
      const [only] = chunks;
      const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
      resolve({ bytes, release: () => admission.release(size) });
    };
    const onClose = (): void => stop(new AbortedError('The connection closed before the body was complete.'));
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

/**
 * Lets the rest of a refused body run past, so that the sender gets to read the answer instead of a reset connection.
 * A sender that goes on for longer than `limit` bytes is cut off.
 */
export function discardRest(request: IncomingMessage, limit: number): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) request.socket.destroy();
  });
  request.resume();
}
