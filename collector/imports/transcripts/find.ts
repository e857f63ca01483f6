/** Finds transcripts: every *.jsonl under the given files and folders, each once however many links lead to it. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../core/error-code.ts';

export interface TranscriptFile {
  readonly path: string;
  readonly size: number;
  readonly changedMs: number;
}

const ENDING = '.jsonl';
/** Deeper than any layout of the client. */
const DEPTH_MAX = 16;

/** In the order of their names. `unreadable` is called with what cannot be read; with `mayBeMissing` not with paths that are not there. */
export async function findTranscripts(
  paths: readonly string[],
  unreadable: (path: string) => void,
  mayBeMissing = false,
): Promise<readonly TranscriptFile[]> {
  const found = new Map<string, TranscriptFile>();
  const seen = new Set<string>();
  const visit = async (path: string, depth: number): Promise<void> => {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    const facts = await stat(real);
    if (facts.isFile()) {
      if (real.endsWith(ENDING)) found.set(real, { path: real, size: facts.size, changedMs: Math.floor(facts.mtimeMs) });
    } else if (facts.isDirectory() && depth < DEPTH_MAX) {
      for (const name of (await readdir(real)).sort()) await attempt(join(real, name), depth + 1);
    }
  };
  const attempt = async (path: string, depth: number): Promise<void> => {
    try {
      await visit(path, depth);
    } catch (error) {
      if (depth > 0 || !mayBeMissing || codeOf(error) !== 'ENOENT') unreadable(path);
    }
  };
  for (const path of paths) await attempt(path, 0);
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}
