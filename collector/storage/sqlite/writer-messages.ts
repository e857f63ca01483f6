/** What the ledger's client and its writer thread say to each other. */
import type { CalendarOptions } from '../../core/calendar.ts';
import type { ErrorCode } from '../../core/error.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import type { BatchMessage } from './batch-codec.ts';

export interface WriterOptions extends CalendarOptions {
  readonly file: string;
}

export type ToWriter =
  | { readonly kind: 'append'; readonly batch: BatchMessage }
  | { readonly kind: 'prune'; readonly id: number; readonly beforeMs: number }
  /** Writes a trifle, to learn whether writing works again. */
  | { readonly kind: 'probe'; readonly id: number }
  | { readonly kind: 'close' };

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** One transaction's answers: ids and outcomes at the same positions, and how long it took. */
  | {
      readonly kind: 'appended';
      readonly ids: readonly number[];
      readonly outcomes: readonly (AppendOutcome | Failure)[];
      readonly durationMs: number;
    }
  /** To prune: entries removed. To probe: 0. */
  | { readonly kind: 'answered'; readonly id: number; readonly result: number | Failure }
  | { readonly kind: 'closed' };
