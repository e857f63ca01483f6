/** Snapshots of the ledger, each on a connection of its own, so that one that is under way holds back nobody else. */
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import { CLOSED, Places, type SnapshotLimits, SnapshotTime } from '../../ledger/snapshot-bounds.ts';
import { LedgerAnswers } from './ledger-answers.ts';
import type { LedgerConnection } from './ledger-connection.ts';

/** A connection that is held at one instant, until it ends. */
class Held {
  readonly #time: SnapshotTime;
  readonly #connection: LedgerConnection;

  constructor(connection: LedgerConnection, maxMs: number) {
    connection.hold();
    this.#connection = connection;
    this.#time = new SnapshotTime(maxMs);
  }

  run<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>): Promise<Answer> {
    const answers = new LedgerAnswers(() => {
      this.#time.check();
      return this.#connection;
    });
    return this.#time.within(read(answers));
  }

  close(): void {
    this.#time.cutOff(CLOSED);
  }

  /** The connection, free again. */
  end(): LedgerConnection {
    this.#time.end();
    this.#connection.letGo();
    return this.#connection;
  }
}

export interface PooledConnections {
  readonly connect: () => LedgerConnection;
  /** Before each snapshot: see allCommitted. */
  readonly ready: () => Promise<unknown> | undefined;
}

export class SnapshotPool {
  readonly #connections: PooledConnections;
  readonly #maxMs: number;
  readonly #places: Places;
  readonly #running = new Set<Held>();
  /** Used again from the end, so that the one with the warmest cache comes first. */
  readonly #idle: LedgerConnection[] = [];

  constructor(connections: PooledConnections, { snapshotsMax, snapshotMaxMs }: SnapshotLimits) {
    this.#connections = connections;
    this.#maxMs = snapshotMaxMs;
    this.#places = new Places(snapshotsMax);
  }

  async run<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>, maxMs = this.#maxMs): Promise<Answer> {
    await this.#places.enter();
    try {
      await this.#connections.ready();
      if (this.#places.isClosed) throw CLOSED;
      const held = this.#hold(this.#idle.pop() ?? this.#connections.connect(), maxMs);
      this.#running.add(held);
      try {
        return await held.run(read);
      } finally {
        this.#running.delete(held);
        this.#free(held.end());
      }
    } finally {
      this.#places.leave();
    }
  }

  close(): void {
    this.#places.close();
    for (const held of this.#running) held.close();
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #hold(connection: LedgerConnection, maxMs: number): Held {
    try {
      return new Held(connection, maxMs);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  #free(connection: LedgerConnection): void {
    if (this.#places.isClosed) connection.close();
    else this.#idle.push(connection);
  }
}
