/**
 * What `ledgerline connect` has written into a settings file, and the file as it was, kept for `--undo` in a folder beside it. Both may hold
 * secrets, as the settings do: only the owner can read them, and git leaves them out.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { LedgerlineError } from '../../core/error.ts';
import type { Change } from './changes.ts';
import { orRefused, writePrivate } from './settings-file.ts';

const hookEntrySchema = z.looseObject({ matcher: z.string().optional(), hooks: z.array(z.looseObject({})) });
const changeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), path: z.array(z.string()), before: z.string().nullable(), after: z.string().nullable() }),
  z.object({ kind: z.literal('element'), path: z.array(z.string()), after: hookEntrySchema }),
  z.object({ kind: z.literal('container'), path: z.array(z.string()) }),
]);

const recordSchema = z.object({
  version: z.literal(1),
  written_at: z.string(),
  sha256: z.string(),
  mode: z.number().int().optional(),
  original: z.object({ backup: z.string(), sha256: z.string() }).nullable().optional(),
  changes: z.array(changeSchema),
  scripts: z.array(z.object({ file: z.string(), sha256: z.string() })),
});

export interface ConnectRecord {
  readonly version: 1;
  readonly written_at: string;
  /** Of the file as it was written. */
  readonly sha256: string;
  /** Of the file before, where a token made it private. */
  readonly mode?: number | undefined;
  /** What brings back the very bytes that were there, while nobody else has changed the file; null for a file that did not exist. */
  readonly original?: { readonly backup: string; readonly sha256: string } | null | undefined;
  readonly changes: readonly Change[];
  readonly scripts: readonly { readonly file: string; readonly sha256: string }[];
}

const folderOf = (settingsFile: string): string => join(dirname(settingsFile), 'ledgerline-backup');
const RECORD = '.record';
const recordFileOf = (settingsFile: string): string => join(folderOf(settingsFile), `${basename(settingsFile)}${RECORD}`);
const IGNORE = '.gitignore';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Undefined where there is none. Throws `invalid` for one that is damaged. */
export function readRecord(settingsFile: string): ConnectRecord | undefined {
  const file = recordFileOf(settingsFile);
  if (!existsSync(file)) return undefined;
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new LedgerlineError('invalid', `${file} cannot be read: it is what \`ledgerline connect\` knows of its earlier changes.`, {
      cause,
      hint: 'Nothing was changed. Remove it to go on without: --undo then takes out what it recognizes, and cannot bring back what was there before.',
    });
  }
}

/** Scripts of the record that no settings beside these name. Throws `invalid` where one of their records is damaged. */
export function ownScripts(settingsFile: string, { scripts }: ConnectRecord): ConnectRecord['scripts'] {
  const folder = folderOf(settingsFile);
  const names = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith(RECORD)).map((name) => basename(name, RECORD));
  const others = names.filter((name) => name !== basename(settingsFile)).map((name) => readRecord(join(dirname(settingsFile), name)));
  const named = new Set(others.flatMap((other) => other?.scripts ?? []).map(({ file }) => file));
  return scripts.filter(({ file }) => !named.has(file));
}

function writeBeside(settingsFile: string, file: string, text: string): void {
  // The folder of the settings is there: made here with this mode, it would hide them from everybody else.
  orRefused(settingsFile, () => {
    if (!existsSync(folderOf(settingsFile))) mkdirSync(folderOf(settingsFile), { mode: 0o700 });
    writeFileSync(join(folderOf(settingsFile), IGNORE), '*\n');
  });
  writePrivate(file, text);
}

export const writeRecord = (settingsFile: string, record: ConnectRecord): void =>
  writeBeside(settingsFile, recordFileOf(settingsFile), `${JSON.stringify(record, null, 2)}\n`);

/** Keeps the text under the time, to the second; returns where. */
export function writeBackup(settingsFile: string, text: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `${basename(settingsFile)}.${time}`;
  const taken = existsSync(folderOf(settingsFile)) ? readdirSync(folderOf(settingsFile)) : [];
  let file = name;
  for (let count = 2; taken.includes(file); count++) file = `${name}-${count}`;
  writeBeside(settingsFile, join(folderOf(settingsFile), file), text);
  return join(folderOf(settingsFile), file);
}

/** The record, and the backup that was put back; the folder with the last of them. */
export function removeRecord(settingsFile: string, backup?: string): void {
  rmSync(recordFileOf(settingsFile), { force: true });
  if (backup !== undefined) rmSync(backup, { force: true });
  const folder = folderOf(settingsFile);
  if (!existsSync(folder) || readdirSync(folder).some((name) => name !== IGNORE)) return;
  rmSync(join(folder, IGNORE), { force: true });
  rmdirSync(folder);
}
