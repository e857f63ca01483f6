/** Pieces of a body as the network brings them: each is a view of a larger buffer, and some are a byte. */

/** What keeping a piece costs beside its bytes. */
export const KEPT_CHUNK_BYTES = 256;

/** The piece, without the buffer it came in where that is much larger: otherwise a byte would keep 64 kB. */
export function compact(chunk: Buffer): Buffer {
  if (chunk.length * 2 >= chunk.buffer.byteLength) return chunk;
  const copy = Buffer.allocUnsafeSlow(chunk.length);
  chunk.copy(copy);
  return copy;
}
