/**
 * Leases on PostgreSQL, a row each. The clock is the database's: those of the replicas may differ. Each statement is a transaction of its own,
 * and the fence rises whenever the lease goes to another holder, so that what a former one still has under way can be recognised.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { LEASE_MS, type Lease, type Leases } from '../../core/leases.ts';
import { Database, type Sql } from './connection.ts';
import { storeError } from './failure.ts';
import { int, type Row } from './sql-text.ts';
import type { Target } from './target.ts';

type Asked = Pick<Sql, 'rows'>;

export interface LeaseOptions {
  /** Gives up after some seconds. Is closed by whoever opened it. */
  readonly database: Asked;
  /** Of this process, and of no other: a random text. */
  readonly owner: string;
  /** Default: LEASE_MS. */
  readonly leaseMs?: number;
}

/** So often a lease is renewed while it lasts, and after a renewal that failed. */
const RENEWALS = 3;
const ATTEMPTS = 12;
const STATEMENT_MS = 5 * SECOND_MS;
const LOCK_MS = 2 * SECOND_MS;

const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::int8';
/** A look costs nothing: most of the time another replica holds it. */
const TAKEN = `SELECT 1 FROM lease WHERE name = $1 AND until_ms > ${NOW}`;
const ACQUIRE = `INSERT INTO lease AS l (name, owner, until_ms, fence) VALUES ($1, $2, ${NOW} + $3::int8, 1)
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms, fence = l.fence + 1
  WHERE l.until_ms <= ${NOW} RETURNING fence`;
const OWN = 'name = $1 AND owner = $2 AND fence = $3::int8';
/** Also one that has ended meanwhile, if nobody has taken it. */
const RENEW = `UPDATE lease SET until_ms = ${NOW} + $4::int8 WHERE ${OWN} RETURNING fence`;
const RELEASE = `UPDATE lease SET until_ms = 0 WHERE ${OWN} RETURNING fence`;

export function openLeases(options: LeaseOptions): Leases {
  const held = new Set<HeldLease>();
  const { database, owner, leaseMs = LEASE_MS } = options;
  return {
    async acquire(name) {
      const askedMs = performance.now();
      if ((await ask(database, TAKEN, [name])).length > 0) return undefined;
      const [taken] = await ask(database, ACQUIRE, [name, owner, leaseMs]);
      if (taken === undefined) return undefined;
      const lease = new HeldLease({ name, fence: int(taken.fence), owner, database, leaseMs, askedMs });
      held.add(lease);
      lease.signal.addEventListener('abort', () => held.delete(lease));
      return lease;
    },
    close: async () => void (await Promise.all([...held].map((lease) => lease.release()))),
  };
}

/** Over a connection of their own: what else is asked never delays a renewal. */
export function openSharedLeases(target: Target): Leases {
  const database = new Database(target, { name: 'leases', max: 1, wants: 'primary', statementMs: STATEMENT_MS, lockMs: LOCK_MS });
  const leases = openLeases({ database, owner: `${hostname()} ${randomUUID()}` });
  return {
    acquire: (name) => leases.acquire(name),
    close: async () => {
      await leases.close();
      await database.close();
    },
  };
}

const lostTo = (name: string): LedgerlineError =>
  new LedgerlineError('unavailable', `The lease ${name} is not held any more.`, { hint: 'Another replica has taken over.' });

async function ask(database: Asked, text: string, values: readonly unknown[]): Promise<Row[]> {
  try {
    return await database.rows(text, values);
  } catch (error) {
    throw storeError(error);
  }
}

interface HeldOptions extends Required<LeaseOptions> {
  readonly name: string;
  readonly fence: number;
  /** When it was asked for, by performance.now(): it lasts from then on at most. */
  readonly askedMs: number;
}

class HeldLease implements Lease {
  readonly #options: HeldOptions;
  readonly #ending = new AbortController();
  #renewal: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;

  constructor(options: HeldOptions) {
    this.#options = options;
    this.#lasts(options.askedMs);
  }

  get name(): string {
    return this.#options.name;
  }

  get fence(): number {
    return this.#options.fence;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  async confirm(): Promise<void> {
    if (!this.signal.aborted && (await this.#renew())) return;
    throw lostTo(this.name);
  }

  async release(): Promise<void> {
    if (this.signal.aborted) return;
    this.#lose();
    // What cannot be released ends by itself.
    await this.#ask(RELEASE).catch(() => undefined);
  }

  /** Is it held? Rejects when nobody knows. */
  async #renew(): Promise<boolean> {
    const askedMs = performance.now();
    const isHeld = (await this.#ask(RENEW, this.#options.leaseMs)).length > 0;
    if (!isHeld) this.#lose();
    else if (!this.signal.aborted) this.#lasts(askedMs);
    return isHeld && !this.signal.aborted;
  }

  #lasts(fromMs: number): void {
    const { leaseMs } = this.#options;
    clearTimeout(this.#end);
    // Also while an answer of the database does not come.
    this.#end = setTimeout(() => this.#lose(), fromMs + leaseMs - performance.now()).unref();
    this.#renewIn(leaseMs / RENEWALS);
  }

  #renewIn(ms: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => {
      this.#renew().catch(() => this.signal.aborted || this.#renewIn(this.#options.leaseMs / ATTEMPTS));
    }, ms).unref();
  }

  #ask(text: string, ...more: readonly unknown[]): Promise<Row[]> {
    const { database, name, owner, fence } = this.#options;
    return ask(database, text, [name, owner, fence, ...more]);
  }

  #lose(): void {
    clearTimeout(this.#renewal);
    clearTimeout(this.#end);
    this.#ending.abort();
  }
}
