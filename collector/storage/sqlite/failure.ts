/**
 * Who is at fault when an export could not be written. Only what the sender's own figures make impossible is `invalid`, since that
 * answer is final and the sender throws the data away. What the file or the machine refuses is `unavailable`, for any export,
 * until somebody has mended it. The rest is a fault of ours, `internal`: it is sent again as well, and refused in the end only
 * when the same bytes fail every time.
 */
import { LedgerlineError } from '../../core/error.ts';

/** SQLite's primary result codes. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const TOOBIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;
const MISUSE = 21;
const RANGE = 25;
const NOTADB = 26;
/** Extended: a sum beyond 64 bits became a float, which a STRICT table refuses. */
const CONSTRAINT_DATATYPE = 3091;

const OF_THE_MACHINE = new Set([BUSY, READONLY, IOERR, FULL, CANTOPEN]);
const OF_THE_FILE = new Set([CORRUPT, NOTADB]);
const OF_THE_SENDER = new Set([TOOBIG, MISMATCH]);
const OF_THE_PROGRAM = new Set([CONSTRAINT, MISUSE, RANGE]);

const CHECK_FOLDER = 'Check free space and permissions of the data folder.';

/** Anything caught becomes one of ours; the sender reads its message, the log its cause too. */
export function storeError(thrown: unknown): LedgerlineError {
  if (thrown instanceof LedgerlineError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const extended = sqliteCode(thrown);
  const code = extended & 0xff;
  if (OF_THE_SENDER.has(code) || isBeyond64Bits(thrown)) {
    return new LedgerlineError('invalid', `The ledger cannot hold this export: ${text}.`, { cause: thrown });
  }
  if (isOfFiles(thrown)) return new LedgerlineError('unavailable', `The ledger cannot write: ${text}.`, { hint: CHECK_FOLDER, cause: thrown });
  if (code === 0 || OF_THE_PROGRAM.has(code)) {
    return new LedgerlineError('internal', 'Writing to the ledger failed.', { hint: 'The collector log has the details.', cause: thrown });
  }
  return new LedgerlineError('unavailable', `The ledger cannot write: ${text}.`, { hint: remedyOf(code), cause: thrown });
}

function remedyOf(code: number): string {
  if (OF_THE_MACHINE.has(code)) return CHECK_FOLDER;
  if (OF_THE_FILE.has(code)) return 'The file is damaged. Stop the collector and restore a backup with `ledgerline restore`.';
  return 'Check that nothing else changes the file, and run `ledgerline check`.';
}

/** What the operating system said to a call of ours: about the redo log. */
const isOfFiles = (error: unknown): boolean => error instanceof Error && 'syscall' in error && 'errno' in error;

/** Permissions, space, a disk: nothing that the figures or the file are at fault for. */
export const isOfMachine = (error: unknown): boolean => isOfFiles(error) || OF_THE_MACHINE.has(sqliteCode(error) & 0xff);

/** node:sqlite puts SQLite's extended result code on its errors. */
function sqliteCode(error: unknown): number {
  return typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;
}

/** What node:sqlite throws for a BigInt that no column takes, and SQLite for a sum that became a float. */
export const isBeyond64Bits = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (sqliteCode(error) === CONSTRAINT_DATATYPE || error.code === 'ERR_INVALID_ARG_VALUE');
