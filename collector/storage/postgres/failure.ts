/** What an error of PostgreSQL means: whether asking again helps, and who is at fault. The classes are those of its SQLSTATE codes. */
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';

/**
 * conflict: another transaction was in the way; the whole transaction again, at once. away: the database is not there, or not the primary;
 * again once there is a connection. full: it can do no more now. sender: this export cannot be held. setup: somebody has to change something.
 */
export type Trouble = 'conflict' | 'away' | 'full' | 'sender' | 'setup' | 'unknown';

const CONFLICT = new Set(['40001', '40P01', '55P03']);
const AWAY = new Set(['57P01', '57P02', '57P03', '57P05', '25006', '25P03']);
const FULL = new Set(['53000', '53100', '53200', '53300', '53400', '57014']);
const SENDER = new Set(['22003', '22021', '22P02', '22001', '54000', '54001', '54011', '54023']);
/** What ends a statement for the sake of what is replayed has this code alone: lock_timeout and deadlocks of Citus come from the same routine. */
const SERIALIZATION = '40001';
/** Where the server's sources do that. The message alone may be in another language. */
const RECOVERY = /^Process(Interrupts|RecoveryConflict)/;
/** Also of a row that no partition is there for, which is no fault of the row. */
const CHECK = '23514';
/** A certificate that is not believed: OpenSSL's words, and Node's where the name is another. */
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;
/** Files that are read at each connection. */
const UNREADABLE = new Set(['ENOENT', 'EACCES']);
const SETUP_CLASSES = new Set(['28', '3D', '3F', '42', '0A', '58', 'XX']);
const SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);
/** The driver says these without a code. */
const GONE =
  /terminated unexpectedly|Connection terminated|connection timeout|Query read timeout|not queryable|Client was closed|after calling end on the pool/i;

/** The connection broke while a transaction was being committed: nobody knows whether it was. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

/** All hosts that answer are standbys, as they are until a failover has promoted one. */
export class NoPrimary extends LedgerlineError {
  constructor() {
    super('unavailable', 'No host of the database is the primary.', { hint: 'All hosts in storage.url are standbys: name the primary, too.' });
  }
}

/** All connections that this collector allows itself are in use. */
export class Busy extends Error {
  override readonly name = 'Busy';
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof CommitUnknown || error instanceof NoPrimary) return 'away';
  if (error instanceof Busy) return 'full';
  const code = codeOf(error);
  if (CONFLICT.has(code)) return 'conflict';
  if (AWAY.has(code) || code.startsWith('08') || SYSTEM.has(code)) return 'away';
  if (FULL.has(code)) return 'full';
  if (code === CHECK && lacksPartition(error)) return 'conflict';
  if (SENDER.has(code) || code.startsWith('23')) return 'sender';
  if (CERTIFICATE.test(code) || UNREADABLE.has(code)) return 'setup';
  if (code.length === 5 && SETUP_CLASSES.has(code.slice(0, 2))) return 'setup';
  if (code === '' && error instanceof Error && GONE.test(error.message)) return 'away';
  return 'unknown';
}

/** A standby ends what reads rows that the primary has removed, or tables that it changes, once it has waited for max_standby_streaming_delay. */
export function isOfStandby(error: unknown): error is Error {
  if (!(error instanceof Error) || codeOf(error) !== SERIALIZATION) return false;
  const { routine = '', message }: Error & { readonly routine?: string | undefined } = error;
  return RECOVERY.test(routine) || message.includes('conflict with recovery');
}

/** What a constraint refuses is named with the constraint. The message is in the language of the server, or comes without the rest from another one. */
function lacksPartition(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { table, constraint }: Error & { readonly table?: string | undefined; readonly constraint?: string | undefined } = error;
  return constraint === undefined && (table !== undefined || error.message.startsWith('no partition of relation'));
}

/** Anything caught becomes one of ours; the sender reads its message, the log its cause too. */
export function storeError(thrown: unknown): LedgerlineError {
  if (thrown instanceof LedgerlineError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const cause = thrown;
  switch (troubleOf(thrown)) {
    case 'sender':
      return new LedgerlineError('invalid', `The ledger cannot hold this export: ${text}.`, { cause });
    case 'setup':
      return new LedgerlineError('unavailable', `The database refuses: ${text}.`, { hint: remedyOf(codeOf(thrown)), cause });
    case 'full':
      return new LedgerlineError('unavailable', `The database can do no more now: ${text}.`, {
        hint: 'Check its disk, memory, max_connections and statement_timeout.',
        cause,
      });
    case 'conflict':
      if (isOfStandby(thrown)) return endedByStandby(thrown);
      return new LedgerlineError('unavailable', `Other transactions were in the way: ${text}.`, { hint: 'Try again.', cause });
    case 'away':
      return new LedgerlineError('unavailable', `The database is away: ${text}.`, { hint: 'Check that it runs, and storage.url.', cause });
    case 'unknown':
      return new LedgerlineError('internal', 'Asking the database failed.', { hint: 'The log of the collector has the details.', cause });
  }
}

const endedByStandby = (cause: Error): LedgerlineError =>
  new LedgerlineError('unavailable', `The standby had to go on with what the primary has changed since: ${cause.message}.`, {
    hint: 'Ask again, or for less at once. If it comes often, set hot_standby_feedback = on and a larger max_standby_streaming_delay on the standby.',
    cause,
  });

function remedyOf(code: string): string {
  if (CERTIFICATE.test(code))
    return 'Check storage.tls: ca_file has to hold the authority of the server, and server_name the name in its certificate.';
  if (UNREADABLE.has(code)) return 'Put the file that storage.password_file or storage.tls.ca_file names there, readable for the collector.';
  if (code.startsWith('28')) return 'Check the user in storage.url, storage.password_file, and pg_hba.conf of the server.';
  if (code === '3D000') return 'Create the database that storage.url names: CREATE DATABASE … OWNER ….';
  if (code === '42501') return 'Grant the user of storage.url the rights on its schema: it owns the tables of Ledgerline.';
  if (code.startsWith('42')) return 'The tables are of another version: start the newest collector once, which adds what is missing.';
  return 'The log of the database has the details.';
}
