/**
 * A write-ahead log belongs to one database file, and so does a redo log. SQLite does not look: beside a file that was put in the place of another it plays the
 * old log into the new file, which brings the old state back or damages it. So the file is given a number in its header each time a
 * writer opens it (SQLite's application_id), a file beside remembers which numbers the log may belong to, and a backup gets
 * a number of its own.
 */
import { randomInt } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerlineError } from '../../core/error.ts';
import { writeDurably } from './durable-files.ts';
import { hasRecords, redoFileOf } from './redo-log.ts';

/** Where SQLite's file header has the application_id, big-endian. */
const NUMBER_AT = 68;
/** A log of that size holds nothing. */
const EMPTY_LOG_BYTES = 32;

export const generationFileOf = (file: string): string => `${file}.generation`;

/** Throws `invalid` when the log beside the file was written for another one. Call it before SQLite opens the file. */
export function refuseForeignLog(file: string): void {
  // Twice: a writer may be giving the next number just now.
  if (isLogOwn(file) || isLogOwn(file)) return;
  throw new LedgerlineError(
    'invalid',
    `${file} and ${file}-wal do not belong together: the file was replaced, and the log of the old one is still there.`,
    {
      hint: `To open the file as it is, move ${file}-wal, ${file}-shm and ${file}-redo away. Use \`ledgerline restore\` to put a backup in place of a ledger. Nothing was changed.`,
    },
  );
}

/** With the number of this opening. Where nothing can be written, the one before stays. */
export function beginGeneration(database: DatabaseSync, file: string): void {
  const next = randomInt(1, 2 ** 31);
  try {
    remember(file, [numberOf(file), next]);
    database.exec(`PRAGMA application_id = ${next}`);
    // Once the log is empty, whatever it will hold is for the file with this number.
    if (database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0) remember(file, [next]);
  } catch {
    // A full disk must not keep a collector from starting: it waits for room then.
  }
}

/** Gives a copy a number that no log belongs to. */
export function setApart(database: DatabaseSync): void {
  database.exec(`PRAGMA application_id = ${randomInt(1, 2 ** 31)}`);
}

function isLogOwn(file: string): boolean {
  const remembered = generationFileOf(file);
  if (!existsSync(file) || !existsSync(remembered)) return true;
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if ((log === undefined || log.size <= EMPTY_LOG_BYTES) && !hasRecords(redoFileOf(file))) return true;
  return readFileSync(remembered, 'utf8')
    .split('\n')
    .includes(String(numberOf(file)));
}

/** 0 in a file without a header. */
function numberOf(file: string): number {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(4);
    readSync(handle, bytes, 0, 4, NUMBER_AT);
    return bytes.readInt32BE();
  } finally {
    closeSync(handle);
  }
}

function remember(file: string, numbers: readonly number[]): void {
  const remembered = generationFileOf(file);
  writeDurably(`${remembered}.new`, `${numbers.join('\n')}\n`);
  renameSync(`${remembered}.new`, remembered);
}
