/**
 * Connections to a database: finds the primary among several hosts and follows it, keeps a pool, runs transactions. What goes wrong is
 * thrown as the driver has it; failure.ts says what it means.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseHost } from '../../config/database-url.ts';
import { LedgerlineError } from '../../core/error.ts';
import { FIND, IS_STANDBY, tryServer, whileThere, withinMs } from './answers.ts';
import { cursorPages } from './cursor-pages.ts';
import { Busy, CommitUnknown, isOfStandby, NoPrimary, troubleOf } from './failure.ts';
import { newestOf, timelineOf } from './primaries.ts';
import type { Row } from './sql-text.ts';
import type { Target } from './target.ts';

/** A text that is planned once on each connection. Make them once: each takes memory at the server. */
export interface Statement {
  readonly text: string;
  readonly name: string;
}

export const statement = (text: string): Statement => ({ text, name: hash('sha256', text, 'base64url').slice(0, 20) });

/** Where statements run: a transaction, or each by itself. */
export interface Sql {
  rows(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>;
  /** The same, each row as an array of its cells. */
  arrays(statement: Statement | string, values?: readonly unknown[]): Promise<(readonly unknown[])[]>;
  /** How many rows it changed. */
  run(statement: Statement | string, values?: readonly unknown[]): Promise<number>;
}

/** Within a transaction. */
export interface Transaction extends Sql {
  /** Some rows at a time, as arrays of cells. */
  pages(text: string, values: readonly unknown[], rowsAtOnce: number): AsyncGenerator<(readonly unknown[])[], void>;
}

export interface DatabaseOptions {
  /** As the server lists its connections. */
  readonly name: string;
  readonly max: number;
  /** 'any': a standby may answer. */
  readonly wants: 'primary' | 'any';
  /** 0: as long as it takes, while the server answers. */
  readonly statementMs: number;
  readonly lockMs?: number;
  /** A replica that is frozen within a transaction must not keep its rows locked. */
  readonly idleMs?: number;
  /** So long it is waited for a standby that answers to become the primary, as with a failover. Default: 0, for those who try again themselves. */
  readonly failoverMs?: number;
  /** For tests: between two looks whether a server answers. */
  readonly lookMs?: number;
  /** For tests. */
  readonly onStatement?: (text: string) => void;
}

export interface TransactionOptions {
  readonly begin?: string;
  /** Of conflicts with other transactions, which are no fault: then it runs again from its beginning. */
  readonly attempts?: number;
  /** What each statement may take, where the transaction itself sets another bound than the database has. */
  readonly statementMs?: number;
}

const CONNECT_MS = 2_000;
const IDLE_MS = 30_000;
/** Whoever vanished is found out within half a minute; the system's own is two hours. */
const KEEP_ALIVE_MS = 10_000;
const LOOK_MS = 20_000;
/** What an answer gets beside the time that the server gives the statement. */
const ANSWER_MS = 1_000;
const ATTEMPTS = 5;
const FAILOVER_LOOK_MS = 250;
/** The driver's words where none of the connections became free in time. */
const POOL_IS_BUSY = 'timeout exceeded when trying to connect';
export const READ_ONLY = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

const formerPrimary = (): LedgerlineError =>
  new LedgerlineError('unavailable', 'The only primary that answers is one from before a failover.', {
    hint: 'Stop it or make a standby of it. If it has to be the primary again, as it is, restart the collectors.',
  });

/** Why connections ended between two statements, which the driver says only then. */
const ends = new WeakMap<pg.ClientBase, Error>();

const waitedFor = new WeakSet<object>();

/** A standby was waited for in vain: whoever asks again at once waits as long again. */
export const waitedInVain = (error: unknown): boolean => typeof error === 'object' && error !== null && waitedFor.has(error);

/** Thrown within a transaction: nobody waits any more for what it still does. Its connection ends with it. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

export class Database implements Sql {
  readonly #target: Target;
  readonly #options: DatabaseOptions;
  #pool: Promise<pg.Pool> | undefined;
  #isClosed = false;
  /** Of the primary that was found last. */
  #timeline = 0;
  #changes = 0;
  /** One of the hosts that were asked last may still be promoted. */
  #hasStandby = false;

  constructor(target: Target, options: DatabaseOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * Rises whenever the database may have become another one, or one of an earlier state: after a failover what was committed last may be gone. So what
   * is remembered of it holds as long as this stays.
   */
  get changes(): number {
    return this.#changes;
  }

  rows(text: Statement | string, values?: readonly unknown[]): Promise<Row[]> {
    return this.#with((sql) => sql.rows(text, values));
  }

  arrays(text: Statement | string, values?: readonly unknown[]): Promise<(readonly unknown[])[]> {
    return this.#with((sql) => sql.arrays(text, values));
  }

  run(text: Statement | string, values?: readonly unknown[]): Promise<number> {
    return this.#with((sql) => sql.run(text, values));
  }

  /** Rejects with what `run` rejects with, then nothing was committed; with CommitUnknown when that is not known. */
  async transaction<Result>(run: (sql: Transaction) => Promise<Result>, options: TransactionOptions = {}): Promise<Result> {
    const { begin = 'BEGIN', attempts = ATTEMPTS, statementMs = this.#options.statementMs } = options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#with((sql) => committed(sql, begin, run), statementMs);
      } catch (error) {
        if (attempt >= attempts || troubleOf(error) !== 'conflict') throw error;
      }
    }
  }

  /** Connections come back by themselves when they are asked for; this ends all of them for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool?.catch(() => undefined))?.end();
  }

  async #with<Result>(use: (sql: ClientSql) => Promise<Result>, statementMs = this.#options.statementMs): Promise<Result> {
    const pool = await this.#connected();
    const client = await this.#clientOf(pool);
    const sql = new ClientSql(client, pool.options, { ...this.#options, statementMs });
    let failure: unknown;
    try {
      return await use(sql);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      const isAway = troubleOf(failure) === 'away';
      client.release(isAway || sql.isBroken || failure instanceof Abandoned);
      if (isAway) this.#leave(pool);
    }
  }

  async #clientOf(pool: pg.Pool): Promise<pg.PoolClient> {
    try {
      return await pool.connect();
    } catch (error) {
      if (error instanceof Error && error.message === POOL_IS_BUSY)
        throw new Busy(`the collector uses all ${this.#options.max} connections that it has for this`, { cause: error });
      // One connection more than the server permits says nothing of those that there are.
      if (troubleOf(error) !== 'full') this.#leave(pool);
      throw error;
    }
  }

  /** The primary may be elsewhere now. */
  #leave(pool: pg.Pool): void {
    this.#changes++;
    const current = this.#pool;
    void current?.then(
      (known) => {
        if (known !== pool || this.#pool !== current) return;
        this.#pool = undefined;
        void pool.end();
      },
      () => undefined,
    );
  }

  #connected(): Promise<pg.Pool> {
    if (this.#isClosed) return Promise.reject(new LedgerlineError('unavailable', 'The ledger is closed.'));
    if (this.#pool === undefined) {
      const made = this.#findInTime();
      this.#pool = made;
      made.catch(() => {
        if (this.#pool === made) this.#pool = undefined;
      });
    }
    return this.#pool;
  }

  async #findInTime(): Promise<pg.Pool> {
    const { failoverMs = 0 } = this.#options;
    for (const untilMs = performance.now() + failoverMs; ; await pause(FAILOVER_LOOK_MS)) {
      try {
        return await this.#find();
      } catch (error) {
        if (!this.#hasStandby || this.#isClosed || failoverMs === 0) throw error;
        if (performance.now() + FAILOVER_LOOK_MS < untilMs) continue;
        if (typeof error === 'object' && error !== null) waitedFor.add(error);
        throw error;
      }
    }
  }

  /** Rejects with what the last host said. */
  async #find(): Promise<pg.Pool> {
    const { hosts } = this.#target;
    this.#hasStandby = false;
    if (this.#options.wants === 'primary' && hosts.length > 1) return this.#findNewest(hosts);
    let last: unknown = new NoPrimary();
    for (const [index, host] of hosts.entries()) {
      const pool = this.#poolOf(host);
      try {
        const { rows } = await pool.query<{ standby: boolean }>({ text: IS_STANDBY, ...FIND });
        if (this.#options.wants === 'any' || rows[0]?.standby === false) {
          if (index > 0) this.#leaveFor(hosts.slice(0, index), pool);
          return pool;
        }
        this.#hasStandby = true;
      } catch (error) {
        last = error;
      }
      void pool.end();
    }
    throw last;
  }

  /** Hosts stand in the order in which they are wanted: once one of these answers again, the pool is left. */
  #leaveFor(hosts: readonly DatabaseHost[], pool: pg.Pool): void {
    const look = async (host: DatabaseHost): Promise<void> => {
      await tryServer(this.#optionsOf(host));
      this.#leave(pool);
    };
    const looking = setInterval(() => {
      if (pool.ending) clearInterval(looking);
      else for (const host of hosts) look(host).catch(() => undefined);
    }, this.#options.lookMs ?? LOOK_MS);
    looking.unref();
  }

  /** Of several that say they are the primary, the one that was promoted last; never one that was promoted before the one that was written to. */
  async #findNewest(hosts: readonly DatabaseHost[]): Promise<pg.Pool> {
    const pools = hosts.map((host) => this.#poolOf(host));
    const answers = await Promise.allSettled(pools.map((pool) => timelineOf((text) => pool.query({ text, ...FIND }))));
    this.#hasStandby = answers.some((answer) => answer.status === 'fulfilled' && answer.value === undefined);
    const timelines = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
    const chosen = newestOf(timelines);
    const isFormer = chosen !== undefined && (timelines[chosen] ?? 0) < this.#timeline;
    for (const [index, pool] of pools.entries()) if (isFormer || index !== chosen) void pool.end();
    if (isFormer) throw formerPrimary();
    const [pool, failed] = [chosen === undefined ? undefined : pools[chosen], answers.findLast(({ status }) => status === 'rejected')];
    if (pool === undefined) throw failed?.status === 'rejected' ? failed.reason : new NoPrimary();
    this.#timeline = timelines[chosen ?? 0] ?? 0;
    return pool;
  }

  #poolOf(host: DatabaseHost): pg.Pool {
    const pool = new pg.Pool({ ...this.#optionsOf(host), max: this.#options.max, idleTimeoutMillis: IDLE_MS });
    // A connection that breaks while nobody uses it; whoever asks next gets another one.
    pool.on('error', () => this.#leave(pool));
    // While somebody does use it, what was asked is rejected; without a listener the process would end, too.
    pool.on('connect', (client) => {
      // The driver says twice that it ended, and only the first time why.
      client.on('error', (error) => ends.has(client) || ends.set(client, error));
      // None was left that would have noticed a failover.
      if (pool.totalCount === 1) this.#changes++;
    });
    return pool;
  }

  #optionsOf({ host, port }: DatabaseHost): pg.ClientConfig {
    const { user, database, passwordFile, tls } = this.#target;
    const { name, statementMs, lockMs, idleMs } = this.#options;
    return {
      ...{ host, port, user, database, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS },
      ...(passwordFile !== undefined && { password: async () => (await readFile(passwordFile, 'utf8')).trim() }),
      ...(tls !== undefined && { ssl: tlsOf(tls, host) }),
      application_name: `ledgerline ${name}`,
      // Statements are planned anew and take milliseconds; compiling one takes a second.
      options: '-c jit=off',
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: statementMs,
      ...(lockMs !== undefined && { lock_timeout: lockMs }),
      ...(idleMs !== undefined && { idle_in_transaction_session_timeout: idleMs }),
    };
  }
}

/** `host`: what the certificate has to name; an address is no name that TLS may ask for. */
function tlsOf({ caFile, serverName }: NonNullable<Target['tls']>, host: string) {
  const name = serverName ?? host;
  return { ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }), host: name, ...(isIP(name) === 0 && { servername: name }) };
}

async function committed<Result>(sql: ClientSql, begin: string, run: (sql: Transaction) => Promise<Result>): Promise<Result> {
  await sql.run(begin);
  let result: Result;
  try {
    result = await run(sql);
  } catch (error) {
    if (!(error instanceof Abandoned) && troubleOf(error) !== 'away') await sql.rollBack();
    throw error;
  }
  await sql.commit();
  return result;
}

class ClientSql implements Transaction {
  readonly #client: pg.PoolClient;
  readonly #server: pg.ClientConfig;
  readonly #options: DatabaseOptions;
  /** Nobody knows what it would answer. */
  isBroken = false;

  constructor(client: pg.PoolClient, server: pg.ClientConfig, options: DatabaseOptions) {
    this.#client = client;
    this.#server = server;
    this.#options = options;
  }

  async rows(asked: Statement | string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#within(this.#client.query<Row>(this.#query(asked, values)))).rows;
  }

  async arrays(asked: Statement | string, values: readonly unknown[] = []): Promise<(readonly unknown[])[]> {
    return (await this.#within(this.#client.query<unknown[]>({ ...this.#query(asked, values), rowMode: 'array' }))).rows;
  }

  async run(asked: Statement | string, values: readonly unknown[] = []): Promise<number> {
    return (await this.#within(this.#client.query(this.#query(asked, values)))).rowCount ?? 0;
  }

  pages(text: string, values: readonly unknown[], rowsAtOnce: number): AsyncGenerator<(readonly unknown[])[], void> {
    this.#options.onStatement?.(text);
    return cursorPages(this.#client, { text, values, rowsAtOnce }, (answer) => this.#within(answer));
  }

  /** A transaction that failed before answers COMMIT with ROLLBACK, and no error. */
  async commit(): Promise<void> {
    let command: string;
    try {
      ({ command } = await this.#within(this.#client.query('COMMIT')));
    } catch (cause) {
      if (troubleOf(cause) !== 'away') throw cause;
      throw new CommitUnknown('The connection broke while a transaction was being committed.', { cause });
    }
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}`);
  }

  async rollBack(): Promise<void> {
    await this.run('ROLLBACK').catch(() => {
      this.isBroken = true;
    });
  }

  /** A server that is frozen, or a network that swallows everything, ends nothing by itself. */
  async #within<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const { statementMs, lookMs = LOOK_MS } = this.#options;
    try {
      return await (statementMs === 0 ? whileThere(answer, this.#server, lookMs) : withinMs(answer, statementMs + ANSWER_MS));
    } catch (error) {
      const end = ends.get(this.#client);
      throw isOfStandby(end) ? end : error;
    }
  }

  #query(asked: Statement | string, values: readonly unknown[]) {
    const named = typeof asked === 'string' ? { text: asked } : asked;
    this.#options.onStatement?.(named.text);
    return { ...named, values: [...values] };
  }
}
