/** From the headers of an HTTP request to what its body is, and from the bytes as sent to the bytes as meant. */
import { promisify } from 'node:util';
import { gunzip, gunzipSync, inflate, inflateRaw, inflateRawSync, inflateSync } from 'node:zlib';
import { bodyTooLarge } from '../limits.ts';
import type { Encoding } from '../observer.ts';
import { RefusedError } from '../refused-error.ts';

export type Compression = 'identity' | 'gzip' | 'deflate';

/** Parameters such as charset are allowed. Undefined for a type that OTLP does not know. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

export function compressionOf(contentEncoding: string | undefined): Compression | undefined {
  switch (contentEncoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
      return 'deflate';
    default:
      return undefined;
  }
}

/** Up to this size decompressing here is cheaper than the way to the thread pool and back; beyond, it would hold the event loop. */
const INLINE_BYTES = 16 * 1024;

/** Throws `too_large` as soon as the output exceeds the limit, and `invalid` for bytes that are not what the header says. */
export async function decompress(body: Buffer, compression: Compression, limit: number): Promise<Buffer> {
  if (compression === 'identity') return body;
  const unpack = body.length <= INLINE_BYTES ? INLINE : POOLED;
  const kind = compression === 'deflate' && !hasZlibHeader(body) ? 'raw' : compression;
  try {
    return await unpack[kind](body, { maxOutputLength: limit });
  } catch (cause) {
    // What zlib throws is untyped; its code is its documented name.
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLarge(limit);
    const reason = { kind: 'undecodable', detail: `not the ${compression} of its Content-Encoding` } as const;
    throw new RefusedError('invalid', `The body is not valid ${compression} data.`, reason, { cause });
  }
}

const INLINE = { gzip: gunzipSync, deflate: inflateSync, raw: inflateRawSync } as const;
const POOLED = { gzip: promisify(gunzip), deflate: promisify(inflate), raw: promisify(inflateRaw) } as const;

/** HTTP's deflate is the zlib format, but some senders leave its header out. */
function hasZlibHeader(body: Buffer): boolean {
  const method = body[0] ?? 0;
  return (method & 0x0f) === 8 && ((method << 8) | (body[1] ?? 0)) % 31 === 0;
}
