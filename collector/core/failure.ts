/** Errors as plain data, so that they cross from one thread to another with their code, hint and causes. */
import { type ErrorCode, LedgerlineError } from './error.ts';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Why, outermost first. */
  readonly causes?: readonly Cause[];
}

/** An error that need not be ours. */
export interface Cause {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** A chain of causes ends here, also one that leads back to itself. */
const CAUSES_MAX = 8;

/** What led to an error, outermost first; without the error itself. */
export function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  let cause = causeOf(error);
  while (cause !== undefined && cause !== null && causes.length < CAUSES_MAX) {
    causes.push(described(cause));
    cause = causeOf(cause);
  }
  return causes;
}

export function failureOf(thrown: unknown): Failure {
  const error = LedgerlineError.from(thrown);
  return { code: error.code, message: error.message, hint: error.hint, causes: causesOf(error) };
}

/** The error again, with its chain of causes. */
export function errorOf({ code, message, hint, causes = [] }: Failure): LedgerlineError {
  const cause = causes.reduceRight<Error | undefined>((inner, given) => {
    const error = new Error(given.message, inner === undefined ? {} : { cause: inner });
    error.name = given.name;
    if (given.stack !== undefined) error.stack = given.stack;
    return error;
  }, undefined);
  return new LedgerlineError(code, message, cause === undefined ? { hint } : { hint, cause });
}

const causeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined);

function described(cause: unknown): Cause {
  if (cause instanceof Error) return { name: cause.name, message: cause.message, stack: cause.stack };
  return { name: 'Error', message: String(cause) };
}
