/**
 * The open connections of one port, in total and by address. Where there is no room, the connection that has been idle longest makes it:
 * first one that never proved who it is, so that whoever only holds connections keeps nobody out. Where all are busy, the newcomer goes.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limitedBy, plainAddress } from './address.ts';
import type { ClientCertificate } from './client-certificate.ts';

export type ConnectionLimit = 'limits.connections' | 'limits.connections_per_address' | 'limits.pipelined_requests';

export interface PoolLimits {
  readonly connections: number;
  readonly connections_per_address: number;
}

/** Closed for lack of room, or not let in; the address is without its port. */
export type OnLimit = (limit: ConnectionLimit, address: string) => void;

/** Those without a request under way, the one that has been idle longest first. */
interface Idle {
  readonly strangers: Set<Connection>;
  readonly proven: Set<Connection>;
}

interface Neighbors {
  count: number;
  readonly idle: Idle;
}

const noIdle = (): Idle => ({ strangers: new Set(), proven: new Set() });

export class Connection {
  /** Without its port. */
  readonly address: string;
  readonly limitedBy: string;
  /** Both ends with their ports: no two open connections of one port have the same. */
  readonly ends: string;
  /** What the client proved in the TLS handshake. */
  certificate: ClientCertificate | undefined;
  isProven = false;
  readonly #pool: ConnectionPool;
  readonly #socket: Socket;
  #requests = 0;

  constructor(pool: ConnectionPool, socket: Socket) {
    this.#pool = pool;
    this.#socket = socket;
    this.address = plainAddress(socket.remoteAddress ?? '');
    this.limitedBy = limitedBy(this.address);
    this.ends = endsOf(socket);
  }

  get isBusy(): boolean {
    return this.#requests > 0;
  }

  begin(): void {
    if (this.#requests === 0) this.#pool.leaveIdle(this);
    this.#requests += 1;
  }

  end(): void {
    this.#requests -= 1;
    if (this.#requests === 0) this.#pool.enterIdle(this);
  }

  /** A token or a certificate was right: from now on it makes room after those that never showed one. */
  prove(): void {
    if (this.isProven) return;
    if (!this.isBusy) this.#pool.leaveIdle(this);
    this.isProven = true;
    if (!this.isBusy) this.#pool.enterIdle(this);
  }

  close(): void {
    this.#socket.destroy();
  }
}

export class ConnectionPool {
  readonly #limits: PoolLimits;
  readonly #onLimit: OnLimit;
  readonly #byEnds = new Map<string, Connection>();
  readonly #byAddress = new Map<string, Neighbors>();
  readonly #idle = noIdle();
  #isDraining = false;

  constructor(limits: PoolLimits, onLimit: OnLimit) {
    this.#limits = limits;
    this.#onLimit = onLimit;
  }

  get size(): number {
    return this.#byEnds.size;
  }

  /** Undefined when there is no room for it; it is closed then. */
  admit(socket: Socket): Connection | undefined {
    const connection = new Connection(this, socket);
    const neighbors = this.#byAddress.get(connection.limitedBy) ?? { count: 0, idle: noIdle() };
    const isFull = neighbors.count >= this.#limits.connections_per_address;
    const limit: ConnectionLimit = isFull ? 'limits.connections_per_address' : 'limits.connections';
    if (isFull || this.size >= this.#limits.connections) {
      const oldest = oldestOf(isFull ? neighbors.idle : this.#idle);
      this.#onLimit(limit, (oldest ?? connection).address);
      if (oldest === undefined) {
        connection.close();
        return undefined;
      }
      this.#remove(oldest);
      oldest.close();
    }
    this.#byEnds.set(connection.ends, connection);
    // Closing the oldest may have forgotten the address.
    this.#byAddress.set(connection.limitedBy, neighbors);
    neighbors.count += 1;
    this.enterIdle(connection);
    socket.once('close', () => this.#remove(connection));
    return connection;
  }

  /** By both of its ends, see endsOf. */
  find(ends: string): Connection | undefined {
    return this.#byEnds.get(ends);
  }

  enterIdle(connection: Connection): void {
    if (this.#byEnds.get(connection.ends) !== connection) return;
    if (this.#isDraining) {
      connection.close();
      return;
    }
    for (const idle of this.#idleOf(connection)) idle.add(connection);
  }

  leaveIdle(connection: Connection): void {
    for (const idle of this.#idleOf(connection)) idle.delete(connection);
  }

  /** Closes what is idle, and everything else once it is. */
  drain(): void {
    this.#isDraining = true;
    for (const connection of [...this.#idle.strangers, ...this.#idle.proven]) connection.close();
  }

  closeAll(): void {
    for (const connection of [...this.#byEnds.values()]) connection.close();
  }

  #idleOf(connection: Connection): readonly Set<Connection>[] {
    const kind = connection.isProven ? 'proven' : 'strangers';
    const near = this.#byAddress.get(connection.limitedBy)?.idle[kind];
    return near === undefined ? [this.#idle[kind]] : [this.#idle[kind], near];
  }

  #remove(connection: Connection): void {
    if (this.#byEnds.get(connection.ends) !== connection) return;
    this.leaveIdle(connection);
    this.#byEnds.delete(connection.ends);
    const neighbors = this.#byAddress.get(connection.limitedBy);
    if (neighbors === undefined) return;
    neighbors.count -= 1;
    if (neighbors.count === 0) this.#byAddress.delete(connection.limitedBy);
  }
}

function oldestOf({ strangers, proven }: Idle): Connection | undefined {
  for (const connection of strangers) return connection;
  for (const connection of proven) return connection;
  return undefined;
}

interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

export const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Ends): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

const OF_SOCKET = new WeakMap<Duplex, Connection>();

/** The sockets that a request may name: the one that was accepted, and the one of TLS around it. */
export const rememberConnection = (socket: Duplex, connection: Connection): unknown => OF_SOCKET.set(socket, connection);

/** The connection that a request came over; undefined where no pool admitted it. */
export const connectionOf = (socket: Duplex): Connection | undefined => OF_SOCKET.get(socket);
