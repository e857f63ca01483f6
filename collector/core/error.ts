/**
 * Errors have a code for machines, a message for people, a hint for the next step, and a cause for the log; those about a parameter name
 * it, what it was given, and the nearest that would be accepted.
 */

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
  readonly parameter?: string;
  readonly value?: string;
  readonly nearest?: string | undefined;
}

/** Which parameter of the query string or the path an error is about. */
export interface About {
  readonly parameter?: string;
  /** As it was given. */
  readonly value?: string;
  /** What was probably meant: in the place of the value, or of the name of a parameter that there is not. */
  readonly nearest?: string;
}

export class LedgerlineError extends Error {
  override readonly name = 'LedgerlineError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly about: About;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? '';
    const { parameter, value, nearest } = details;
    this.about = { ...(parameter !== undefined && { parameter }), ...(value !== undefined && { value }), ...(nearest !== undefined && { nearest }) };
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
