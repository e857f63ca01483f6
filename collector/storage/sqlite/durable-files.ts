/** Files that are on the disk when a call returns. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';

export function writeDurably(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  sync(file);
}

/** A file's content, or a folder's names. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
