/** Text of a file in pieces, unpacked where it is compressed: as large as it may be, a piece at a time is in memory. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { DataFile } from './find.ts';

export async function* textPieces({ path, isGzip }: Pick<DataFile, 'path' | 'isGzip'>): AsyncGenerator<string> {
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  const stream = isGzip ? source.pipe(createGunzip()) : source;
  if (stream !== source) source.on('error', (error) => stream.destroy(error));
  stream.setEncoding('utf8');
  try {
    // An encoding is set, so that pieces are text.
    for await (const piece of stream) yield piece as string;
  } finally {
    source.destroy();
    stream.destroy();
  }
}
