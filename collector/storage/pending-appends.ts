/** Exports on their way to a writer thread and back. */
import type { LedgerlineError } from '../core/error.ts';
import { errorOf } from '../core/failure.ts';
import type { AppendOutcome } from '../ledger/entry.ts';
import type { Appended } from './writer-messages.ts';

export interface CommitListener {
  /** Called after each commit: how long it took and how many exports it held. */
  readonly onCommit?: (durationMs: number, exports: number) => void;
}

/** Exports that are with the writer thread. */
export class PendingAppends {
  readonly #options: CommitListener;
  readonly #waiting = new Map<number, PromiseWithResolvers<AppendOutcome>>();
  /** Did the last attempt to write fail because nothing can be written now? */
  lastFailed = false;

  constructor(options: CommitListener) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(id: number): Promise<AppendOutcome> {
    const waiting = Promise.withResolvers<AppendOutcome>();
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }

  settle({ ids, outcomes, durationMs }: Appended): void {
    this.#options.onCommit?.(durationMs, ids.length);
    this.lastFailed = outcomes.some((outcome) => 'code' in outcome && outcome.code !== 'invalid');
    for (const [index, id] of ids.entries()) {
      const waiting = this.#waiting.get(id);
      const outcome = outcomes[index];
      this.#waiting.delete(id);
      if (waiting === undefined || outcome === undefined) continue;
      if ('code' in outcome) waiting.reject(errorOf(outcome));
      else waiting.resolve(outcome);
    }
  }

  rejectAll(error: LedgerlineError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
