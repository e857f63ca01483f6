/** Files of an export on this machine: those that are named, and all in the folders that are named. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';

export type FileKind = 'csv' | 'jsonl' | 'parquet';

export interface DataFile {
  readonly path: string;
  /** As messages name it. */
  readonly name: string;
  readonly kind: FileKind;
  readonly isGzip: boolean;
  /** When it was last written, in whole milliseconds. */
  readonly writtenMs: number;
}

const ENDINGS: readonly (readonly [ending: RegExp, kind: FileKind])[] = [
  [/\.csv(\.gz)?$/i, 'csv'],
  [/\.(jsonl|ndjson|json)(\.gz)?$/i, 'jsonl'],
  [/\.parquet$/i, 'parquet'],
];

const kindOf = (path: string): FileKind | undefined => ENDINGS.find(([ending]) => ending.test(path))?.[1];

/** By path. Throws LedgerlineError `not_found` where there is none of these kinds. */
export function dataFiles(paths: readonly string[], kinds: readonly FileKind[]): readonly DataFile[] {
  const found = paths.flatMap((path) => filesIn(path)).filter(({ kind }) => kinds.includes(kind));
  if (found.length > 0) return [...new Map(found.map((file) => [file.path, file])).values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  throw new LedgerlineError('not_found', `There are no files of an export in ${paths.join(', ')}.`, {
    hint: `Their names end in ${ENDINGS_SHOWN.filter(([kind]) => kinds.includes(kind))
      .flatMap(([, endings]) => endings)
      .join(', ')}.`,
  });
}

const ENDINGS_SHOWN: readonly (readonly [FileKind, readonly string[]])[] = [
  ['csv', ['.csv', '.csv.gz']],
  ['jsonl', ['.jsonl', '.ndjson', '.json', '.json.gz']],
  ['parquet', ['.parquet']],
];

function filesIn(path: string): readonly DataFile[] {
  try {
    if (!statSync(path).isDirectory()) return fileAt(path, basename(path));
    return (
      readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        // Beside the data, an export has what it says about itself.
        .filter((file) => !relative(path, file).split(sep).includes('metadata'))
        .flatMap((file) => fileAt(file, relative(path, file)))
    );
  } catch (cause) {
    throw new LedgerlineError('not_found', `Cannot read ${path}.`, { cause, hint: 'Check the path and its permissions.' });
  }
}

function fileAt(path: string, name: string): readonly DataFile[] {
  const kind = kindOf(path);
  if (kind === undefined) return [];
  return [{ path, name, kind, isGzip: /\.gz$/i.test(path), writtenMs: Math.floor(statSync(path).mtimeMs) }];
}
