/** Files that appear whole or not at all: written beside their place, made durable, then renamed. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WrittenFile {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Where it is written until it is whole. Not there any more when the writing ends, however it does. */
export const unfinishedOf = (file: string): string => `${file}.${process.pid}.unfinished`;

/**
 * Rejects with what the pieces reject with, or with what the file system says; the file is then as it was. `placeOf` may choose, by what was
 * written, another name in the same folder, or with undefined that nothing is kept.
 */
export async function writeWholeFile(
  file: string,
  pieces: Pieces,
  placeOf: (written: WrittenFile) => string | undefined = () => file,
): Promise<WrittenFile> {
  const unfinished = unfinishedOf(file);
  try {
    const written = await writeAll(unfinished, pieces);
    const place = placeOf(written);
    if (place !== undefined) {
      await rename(unfinished, place);
      await syncFolder(dirname(file));
    } else rmSync(unfinished);
    return written;
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

async function writeAll(path: string, pieces: Pieces): Promise<WrittenFile> {
  const handle = await open(path, 'w', 0o640);
  try {
    const written = await copyTo(handle, pieces);
    await handle.sync();
    return written;
  } finally {
    await handle.close();
  }
}

async function copyTo(handle: FileHandle, pieces: Pieces): Promise<WrittenFile> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    digest.update(piece);
    bytes += piece.byteLength;
    await handle.writeFile(piece);
  }
  return { bytes, sha256: digest.digest('hex') };
}

/** So that the new name outlasts a power failure. Windows cannot open folders, and needs it not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync().catch(() => undefined);
  } finally {
    await handle?.close();
  }
}
