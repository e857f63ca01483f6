/** Snapshots of the ledger, each on a connection of its own, so that one that is under way holds back nobody else. */
import { LedgerlineError } from '../../core/error.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import { LedgerAnswers } from './ledger-answers.ts';
import type { LedgerConnection } from './ledger-connection.ts';

export interface SnapshotLimits {
  /** At once; others wait. */
  readonly snapshotsMax: number;
  readonly snapshotMaxMs: number;
}

const WAITING_MAX = 200;

const OVER = new LedgerlineError('unavailable', 'The snapshot of the ledger is over.');
const CLOSED = new LedgerlineError('unavailable', 'The ledger is closed.');

/** A connection that is held at one instant, until it ends. */
class Held {
  readonly #cutOff = Promise.withResolvers<never>();
  readonly #timer: NodeJS.Timeout;
  readonly #connection: LedgerConnection;
  #ended: LedgerlineError | undefined;

  constructor(connection: LedgerConnection, maxMs: number) {
    connection.hold();
    this.#connection = connection;
    this.#timer = setTimeout(() => this.cutOff(tooLong(maxMs)), maxMs).unref();
  }

  run<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>): Promise<Answer> {
    const answers = new LedgerAnswers(() => this.#open());
    return Promise.race([read(answers), this.#cutOff.promise]);
  }

  /** Whoever still asks is refused from now on. */
  cutOff(reason: LedgerlineError): void {
    this.#ended ??= reason;
    this.#cutOff.reject(this.#ended);
  }

  /** The connection, free again. */
  end(): LedgerConnection {
    clearTimeout(this.#timer);
    this.#ended ??= OVER;
    this.#connection.letGo();
    return this.#connection;
  }

  #open(): LedgerConnection {
    if (this.#ended !== undefined) throw this.#ended;
    return this.#connection;
  }
}

export class SnapshotPool {
  readonly #connect: () => LedgerConnection;
  readonly #limits: SnapshotLimits;
  readonly #running = new Set<Held>();
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  /** Used again from the end, so that the one with the warmest cache comes first. */
  readonly #idle: LedgerConnection[] = [];
  #admitted = 0;
  #isClosed = false;

  constructor(connect: () => LedgerConnection, limits: SnapshotLimits) {
    this.#connect = connect;
    this.#limits = limits;
  }

  async run<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>, maxMs = this.#limits.snapshotMaxMs): Promise<Answer> {
    await this.#admission();
    try {
      const held = this.#hold(this.#idle.pop() ?? this.#connect(), maxMs);
      this.#running.add(held);
      try {
        return await held.run(read);
      } finally {
        this.#running.delete(held);
        this.#free(held.end());
      }
    } finally {
      this.#leave();
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(CLOSED);
    for (const held of this.#running) held.cutOff(CLOSED);
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  async #admission(): Promise<void> {
    if (this.#isClosed) throw CLOSED;
    if (this.#admitted < this.#limits.snapshotsMax) {
      this.#admitted++;
      return;
    }
    if (this.#waiting.length >= WAITING_MAX) throw tooMany();
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn);
    await turn.promise;
  }

  #hold(connection: LedgerConnection, maxMs: number): Held {
    try {
      return new Held(connection, maxMs);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Whoever waits longest takes the place. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#admitted--;
    else next.resolve();
  }

  #free(connection: LedgerConnection): void {
    if (this.#isClosed) connection.close();
    else this.#idle.push(connection);
  }
}

const tooLong = (maxMs: number): LedgerlineError =>
  new LedgerlineError('unavailable', `Reading the ledger at one instant took longer than ${maxMs / 1000} s.`, {
    hint: 'Ask for less at once: a shorter time, fewer dimensions, or filters.',
  });

const tooMany = (): LedgerlineError =>
  new LedgerlineError('unavailable', `${WAITING_MAX} others wait for the ledger already.`, { hint: 'Ask again in a few seconds.' });
