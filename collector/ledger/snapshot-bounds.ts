/** How many snapshots of a ledger there are at once, and how long one lasts: the same in every store. */
import { LedgerlineError } from '../core/error.ts';

export interface SnapshotLimits {
  /** At once; others wait. */
  readonly snapshotsMax: number;
  readonly snapshotMaxMs: number;
}

const WAITING_MAX = 200;

const OVER = new LedgerlineError('unavailable', 'The snapshot of the ledger is over.');
export const CLOSED = new LedgerlineError('unavailable', 'The ledger is closed.');

/** So many at once; of those that wait, whoever waits longest takes the next place. */
export class Places {
  readonly #max: number;
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #taken = 0;
  #isClosed = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** Rejects with `unavailable` when too many wait, and once it is closed. */
  async enter(): Promise<void> {
    if (this.#isClosed) throw CLOSED;
    if (this.#taken < this.#max) {
      this.#taken++;
      return;
    }
    if (this.#waiting.length >= WAITING_MAX) throw tooMany();
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn);
    await turn.promise;
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next.resolve();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(CLOSED);
  }
}

/** How long one snapshot is answered from. */
export class SnapshotTime {
  readonly #cutOff = Promise.withResolvers<never>();
  readonly #timer: NodeJS.Timeout;
  #ended: LedgerlineError | undefined;

  constructor(maxMs: number) {
    this.#timer = setTimeout(() => this.cutOff(tooLong(maxMs)), maxMs).unref();
    this.#cutOff.promise.catch(() => undefined);
  }

  /** What it resolves to, unless the time is over before. */
  within<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return Promise.race([answer, this.#cutOff.promise]);
  }

  /** Throws when it is over. */
  check(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** Before it ended by itself. */
  get isCutOff(): boolean {
    return this.#ended !== undefined && this.#ended !== OVER;
  }

  /** Whoever still asks is refused from now on. */
  cutOff(reason: LedgerlineError): void {
    this.#ended ??= reason;
    this.#cutOff.reject(this.#ended);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended ??= OVER;
  }
}

const tooLong = (maxMs: number): LedgerlineError =>
  new LedgerlineError('unavailable', `Reading the ledger at one instant took longer than ${maxMs / 1000} s.`, {
    hint: 'Ask for less at once: a shorter time, fewer dimensions, or filters.',
  });

const tooMany = (): LedgerlineError =>
  new LedgerlineError('unavailable', `${WAITING_MAX} others wait for the ledger already.`, { hint: 'Ask again in a few seconds.' });
