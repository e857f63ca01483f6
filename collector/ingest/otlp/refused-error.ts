/** An error that knows what kind of refusal it is, where its code alone does not say enough. */
import type { Refusal } from '../../catalog/refusals.ts';
import { type ErrorCode, type ErrorDetails, LedgerlineError } from '../../core/error.ts';

export type Reason = Pick<Refusal, 'kind' | 'detail'>;

export class RefusedError extends LedgerlineError {
  readonly reason: Reason;

  constructor(code: ErrorCode, message: string, reason: Reason, details: ErrorDetails = {}) {
    super(code, message, details);
    this.reason = reason;
  }

  /** The same error with its reason. */
  static because(thrown: unknown, reason: Reason): RefusedError {
    const { code, message, hint, cause } = LedgerlineError.from(thrown);
    return new RefusedError(code, message, reason, { hint, cause });
  }
}
