/** Reads the body of one HTTP request, bounded in size and in what all requests together may hold. */
import type { IncomingMessage } from 'node:http';
import type { Holding } from '../account.ts';
import { compact, KEPT_CHUNK_BYTES } from '../chunk.ts';
import { bodyTooLarge, type SizeLimit, tooManyBytesPending } from '../limits.ts';

/** The sender closed the connection, or it broke, before the body was complete. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
}

/** Rejects with LimitError or AbortedError. What is held while it arrives stays held until the holding is released. */
export function readBody(request: IncomingMessage, limit: SizeLimit, holding: Holding): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit.bytes) return Promise.reject(bodyTooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: Error): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).pause();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      if (size + chunk.length > limit.bytes) stop(bodyTooLarge(limit));
      else if (!holding.add(chunk.length + KEPT_CHUNK_BYTES)) stop(tooManyBytesPending());
      else {
        size += chunk.length;
        chunks.push(compact(chunk));
      }
    };
    const onEnd = (): void => {
      request.off('close', onClose);
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
    };
    const onClose = (): void => stop(new AbortedError('The connection closed before the body was complete.'));
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
