/** What went wrong at either end of a copy, as one of ours. */
import type { LedgerlineError } from '../../core/error.ts';
import { storeError as sharedError } from '../postgres/failure.ts';
import { storeError as embeddedError } from '../sqlite/failure.ts';

/** node:sqlite puts SQLite's result code on its errors, the driver of PostgreSQL a SQLSTATE. */
export const copyError = (thrown: unknown): LedgerlineError =>
  typeof thrown === 'object' && thrown !== null && 'errcode' in thrown ? embeddedError(thrown) : sharedError(thrown);
