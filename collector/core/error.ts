/** Errors have four parts: a code for machines, a message for people, a hint for the next step, a cause for the log. */

export type ErrorCode =
  | 'invalid' // the input can never be accepted as it is
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'too_large'
  | 'rate_limited'
  | 'unsupported'
  | 'unavailable' // nothing was committed and trying again helps
  | 'internal';

export interface ErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
}

export class LedgerlineError extends Error {
  override readonly name = 'LedgerlineError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? '';
  }

  /** Anything caught becomes one of ours; a foreign error is internal, its text stays in the log. */
  static from(thrown: unknown): LedgerlineError {
    if (thrown instanceof LedgerlineError) return thrown;
    return new LedgerlineError('internal', 'Internal error.', { cause: thrown, hint: 'See the log of the collector for details.' });
  }
}

/** The sentence for a terminal: message, then the remedy on its own line. */
export function describeError(error: LedgerlineError): string {
  return error.hint === '' ? error.message : `${error.message}\n${error.hint}`;
}
