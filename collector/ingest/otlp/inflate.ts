/** From the bytes as sent to the bytes as meant, the same for both transports. */
import { promisify } from 'node:util';
import { gunzip, gunzipSync, inflate, inflateRaw, inflateRawSync, inflateSync } from 'node:zlib';
import { TurnBudget } from '../../core/turn.ts';
import { bodyTooLarge, type SizeLimit } from './limits.ts';
import { RefusedError } from './refused-error.ts';

export type Compression = 'identity' | 'gzip' | 'deflate';

export interface Compressed {
  readonly body: Buffer;
  readonly compression: Compression;
  readonly limit: SizeLimit;
}

/** Up to this size decompressing here is cheaper than the way to the thread pool and back; beyond, it would hold the event loop. */
const INLINE_BYTES = 16 * 1024;
/** What a small body may come to: a millisecond's work. A bomb is stopped there, and has to wait for its turn. */
const INLINE_OUTPUT_BYTES = 512 * 1024;
/** What small bodies may come to in one turn of the event loop, together. */
export const TURN_BYTES = 4 * 1024 * 1024;
/** What each costs besides its output: setting zlib up. */
const ATTEMPT_BYTES = 4 * 1024;

/** Decompresses small bodies on this thread, in each turn of the event loop so many bytes; the others wait for a next one. */
export class SmallInflater {
  readonly #budget = new TurnBudget(TURN_BYTES);

  /** Resolves to undefined for a body that is too large for this thread. Throws or rejects as `inflateLarge` does. */
  inflate(compressed: Compressed): Buffer | undefined | Promise<Buffer | undefined> {
    const { body, compression } = compressed;
    if (compression === 'identity') return body;
    if (body.length > INLINE_BYTES || outputOf(compressed) > INLINE_OUTPUT_BYTES) return undefined;
    return this.#budget.hasLeft ? this.#inflate(compressed, compression) : this.#inflateLater(compressed, compression);
  }

  async #inflateLater(compressed: Compressed, compression: 'gzip' | 'deflate'): Promise<Buffer | undefined> {
    await this.#budget.spendLater(ATTEMPT_BYTES);
    return this.#inflate(compressed, compression);
  }

  #inflate(compressed: Compressed, compression: 'gzip' | 'deflate'): Buffer | undefined {
    const { body, limit } = compressed;
    const maxOutputLength = Math.min(limit.bytes, outputOf(compressed), INLINE_OUTPUT_BYTES);
    let spent = maxOutputLength;
    try {
      const inflated = INLINE[kindOf(body, compression)](body, { maxOutputLength });
      spent = inflated.length;
      return inflated;
    } catch (cause) {
      if (isTooLarge(cause) && maxOutputLength < limit.bytes) return undefined;
      throw refused(cause, compression, limit);
    } finally {
      this.#budget.spend(spent + ATTEMPT_BYTES);
    }
  }
}

const GZIP_BYTES_MIN = 18;

/** At most so much, unless the body is large: gzip ends with it. What says less than it is (or has several parts) is stopped there. */
function outputOf({ body, compression }: Compressed): number {
  const isGzip = compression === 'gzip' && body.length >= GZIP_BYTES_MIN && body[0] === 0x1f && body[1] === 0x8b;
  if (!isGzip) return INLINE_OUTPUT_BYTES;
  return Math.max(1, body.readUInt32LE(body.length - 4));
}

/** Rejects with `too_large` as soon as the output exceeds the limit, and `invalid` for bytes that are not what they are said to be. */
export async function inflateLarge({ body, compression, limit }: Compressed): Promise<Buffer> {
  if (compression === 'identity') return body;
  try {
    return await POOLED[kindOf(body, compression)](body, { maxOutputLength: limit.bytes });
  } catch (cause) {
    throw refused(cause, compression, limit);
  }
}

// What zlib throws is untyped; its code is its documented name.
const isTooLarge = (cause: unknown): boolean => (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';

function refused(cause: unknown, compression: Compression, limit: SizeLimit): Error {
  if (isTooLarge(cause)) return bodyTooLarge(limit);
  const reason = { kind: 'undecodable', detail: `not the ${compression} of its Content-Encoding` } as const;
  return new RefusedError('invalid', `The body is not valid ${compression} data.`, reason, { cause });
}

const INLINE = { gzip: gunzipSync, deflate: inflateSync, raw: inflateRawSync } as const;
const POOLED = { gzip: promisify(gunzip), deflate: promisify(inflate), raw: promisify(inflateRaw) } as const;

/** HTTP's deflate is the zlib format, but some senders leave its header out. */
function kindOf(body: Buffer, compression: 'gzip' | 'deflate'): keyof typeof INLINE {
  return compression === 'deflate' && !hasZlibHeader(body) ? 'raw' : compression;
}

function hasZlibHeader(body: Buffer): boolean {
  const method = body[0] ?? 0;
  return (method & 0x0f) === 8 && ((method << 8) | (body[1] ?? 0)) % 31 === 0;
}
