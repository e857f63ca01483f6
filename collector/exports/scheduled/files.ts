/** Names of the files of a scheduled export, and which of them nobody needs any more. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HOUR_MS } from '../../core/duration.ts';
import type { ManifestFile } from './manifest.ts';

/** Nobody writes a file for so long without a byte. */
const LEFT_MS = HOUR_MS;

/** Each revision has a name of its own, so that a file with the name and the checksum of the manifest never changes. */
export const fileNameOf = (period: string, revision: number, extension: string): string =>
  `${period}${revision === 1 ? '' : `.r${revision}`}.${extension}`;

/** Takes away what a process that was killed left: half files, and files that the manifest had already replaced. */
export async function sweep(folder: string, known: Iterable<ManifestFile>, nowMs: number): Promise<void> {
  const replaced = new Set([...known].flatMap(earlierNames));
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (replaced.has(name) || (await isLeftHalf(path, nowMs))) await rm(path, { force: true });
  }
}

function earlierNames({ period, file, revision }: ManifestFile): string[] {
  const extension = file.slice(fileNameOf(period, revision, '').length);
  const names = Array.from({ length: revision - 1 }, (_, index) => fileNameOf(period, index + 1, extension));
  return names.filter((name) => name !== file);
}

async function isLeftHalf(path: string, nowMs: number): Promise<boolean> {
  const [, pid] = /\.(\d+)\.unfinished$/.exec(path) ?? [];
  if (pid === undefined) return false;
  return !isRunningElsewhere(Number(pid)) || (await stat(path)).mtimeMs < nowMs - LEFT_MS;
}

/** One export writes one file at a time: with this process's own number it is of one that had the number before. */
export function isRunningElsewhere(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // It runs, for somebody else.
  }
}
