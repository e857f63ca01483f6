/** A consistent copy of a ledger that is being written to. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { LedgerlineError } from '../../core/error.ts';
import { sync } from './durable-files.ts';
import { refuseForeignLog, setApart } from './generation.ts';
import { makePrivateFile } from './private-files.ts';

/** Pages copied between two looks at the event loop: about 4 MB. */
const PAGES_AT_ONCE = 1_000;

export interface FileCopy {
  readonly source: string;
  /** Must not exist. */
  readonly file: string;
}

/** One file; see backupTogether. */
export const backupLedger = (source: string, file: string): Promise<void> => backupTogether([{ source, file }]);

/**
 * Copies under temporary names first, so that either all of the backup is there or nothing of it. Each file is copied as it was when the copy
 * began, however much is written meanwhile; its log grows until the copy is made. `onProgress`: the share of all pages that is copied.
 */
export async function backupTogether(copies: readonly FileCopy[], onProgress?: (share: number) => void): Promise<void> {
  for (const { source, file } of copies) {
    if (existsSync(file)) {
      throw new LedgerlineError('invalid', `The backup file ${file} exists.`, { hint: 'Name a new file; a backup never overwrites another.' });
    }
    refuseForeignLog(source);
  }
  const sources = copies.map(({ source }) => atOneInstant(source));
  try {
    const bytes = copies.map(({ source }) => statSync(source).size);
    const all = bytes.reduce((sum, size) => sum + size, 0);
    let done = 0;
    for (const [index, { file }] of copies.entries()) {
      const [source, size = 0] = [sources[index], bytes[index]];
      if (source !== undefined) await copyOf(source, file, (share) => onProgress?.((done + share * size) / all));
      done += size;
    }
    for (const { file } of copies) renameSync(partialOf(file), file);
  } finally {
    for (const source of sources) source.close();
    for (const { file } of copies) rmSync(partialOf(file), { force: true });
  }
}

const partialOf = (file: string): string => `${file}.partial`;

/** SQLite copies what an open transaction sees. Without one, it begins again from the first page whenever somebody has written, and may never end. */
function atOneInstant(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function copyOf(source: DatabaseSync, file: string, onProgress: (share: number) => void): Promise<void> {
  makePrivateFile(partialOf(file));
  try {
    await backup(source, partialOf(file), {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => onProgress(totalPages === 0 ? 1 : 1 - remainingPages / totalPages),
    });
    finish(partialOf(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerlineError('invalid', `The backup ${file} cannot be written: ${reason}.`, {
      hint: 'Name a file in a folder that exists, that this user may write to and that has room for the ledger.',
      cause,
    });
  }
}

/** No log of the original may ever be taken for the copy's. */
function finish(partial: string): void {
  const copy = new DatabaseSync(partial);
  try {
    setApart(copy);
  } finally {
    copy.close();
  }
  sync(partial);
}
