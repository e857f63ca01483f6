/** The files of the project as a fresh clone has them, with or without git: all but what .gitignore names. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const PROJECT = join(import.meta.dirname, '../..');

const ignored = readFileSync(join(PROJECT, '.gitignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.replace(/^\*/, '').replace(/\/$/, ''));

/** Paths relative to the project, with forward slashes, of the files whose names end in one of these. */
export function sources(...endings: readonly string[]): string[] {
  return walk(PROJECT).filter((path) => endings.some((ending) => path.endsWith(ending)));
}

export const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === '.git' || ignored.some((name) => entry.name === name || (name.startsWith('.') && entry.name.endsWith(name)))) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return [relative(PROJECT, path).replaceAll('\\', '/')];
  });
}
