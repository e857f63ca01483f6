/** What went wrong at either end of a copy, as one of ours. Who reads it has no log of a collector to look into. */
import { LedgerlineError } from '../../core/error.ts';
import { storeError as sharedError } from '../postgres/failure.ts';
import { storeError as embeddedError } from '../sqlite/failure.ts';

const AGAIN = 'Run it again: it goes on where it was.';

export function copyError(thrown: unknown): LedgerlineError {
  const error = sentenceOf(thrown);
  const { code, message, hint, cause } = error;
  if (cause === undefined || (code !== 'internal' && code !== 'invalid')) return error;
  const text = cause instanceof Error ? cause.message : String(cause);
  // What is refused says itself what is wrong.
  if (code === 'invalid' && message.includes(text)) return new LedgerlineError(code, message, { hint: hint || AGAIN, cause });
  return new LedgerlineError(code, `The copy failed: ${text.replace(/\.$/, '')}.`, { hint: AGAIN, cause });
}

/** node:sqlite puts SQLite's result code on its errors, the driver of PostgreSQL a SQLSTATE. */
const sentenceOf = (thrown: unknown): LedgerlineError =>
  typeof thrown === 'object' && thrown !== null && 'errcode' in thrown ? embeddedError(thrown) : sharedError(thrown);
