/** Folders of what every user of a machine has to read, whatever the umask of the one who makes them is. */
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const OPEN_TO_ALL = 0o755;

/** Makes it, and the folders above it that are missing; what is there keeps its permissions. */
export function makeOpenFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(folder); made.length >= first.length; made = dirname(made)) chmodSync(made, OPEN_TO_ALL);
}
