/** Limits that readers hit. */
import { LedgerlineError } from '../../core/error.ts';

/** Keys of the configuration whose bound a reader can hit before its question is read. */
export type ReadLimitName = 'limits.queries_waiting' | 'limits.query_ms' | 'limits.scrapes';

export class ReadLimitError extends LedgerlineError {
  readonly limit: ReadLimitName;

  constructor(limit: ReadLimitName, message: string, hint: string) {
    super('unavailable', message, { hint });
    this.limit = limit;
  }
}
