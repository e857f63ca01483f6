/** The lines of a file, a piece at a time: a transcript may be long, and a line of it, too. */
import { createReadStream } from 'node:fs';

/** A longer line is left out: the client cuts what tools answer far below. */
export const LINE_BYTES_MAX = 32 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Undefined stands for a line that is too long. What comes after the last newline is a line, too. At most `size` bytes are read. */
export async function* readLines(path: string, size: number, bytesMax = LINE_BYTES_MAX): AsyncGenerator<string | undefined> {
  if (size === 0) return;
  let pieces: Buffer[] = [];
  let bytes = 0;
  const take = (): string | undefined => {
    const line = bytes > bytesMax ? undefined : Buffer.concat(pieces).toString();
    pieces = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of createReadStream(path, { end: size - 1 })) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      bytes += at - from;
      if (bytes <= bytesMax) pieces.push(chunk.subarray(from, at));
      yield take();
      from = at + 1;
    }
    bytes += chunk.length - from;
    // What is left out is not kept either.
    if (bytes <= bytesMax) pieces.push(chunk.subarray(from));
    else pieces = [];
  }
  if (bytes > 0) yield take();
}
