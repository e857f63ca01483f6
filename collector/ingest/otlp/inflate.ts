/** From the bytes as sent to the bytes as meant, the same for both transports. */
import { promisify } from 'node:util';
import { gunzip, gunzipSync, inflate, inflateRaw, inflateRawSync, inflateSync } from 'node:zlib';
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

/** Undefined for a body that is too large to be decompressed here and now. Throws as `inflateLarge` does. */
export function inflateSmall({ body, compression, limit }: Compressed): Buffer | undefined {
  if (compression === 'identity') return body;
  if (body.length > INLINE_BYTES) return undefined;
  const maxOutputLength = Math.min(limit.bytes, INLINE_OUTPUT_BYTES);
  try {
    return INLINE[kindOf(body, compression)](body, { maxOutputLength });
  } catch (cause) {
    if (isTooLarge(cause) && maxOutputLength < limit.bytes) return undefined;
    throw refused(cause, compression, limit);
  }
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
