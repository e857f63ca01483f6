/** Sessions in which the user changed: their owners, and what they cost under each. A session that has been one person's throughout is not in here. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { PicoUsd } from '../../core/money.ts';
import { bookBeside } from '../../ledger/pools.ts';
import { OWNER_DIMENSIONS, type SessionShare, type SessionSummary, type SessionsQuery } from '../../ledger/sessions.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';

/** Dims name organization, team and user. Made where it is missing: a program that does not know it may still write the file. */
export const SESSION_OWNERS = `CREATE TABLE IF NOT EXISTS session_owners (
  session INTEGER NOT NULL, dims INTEGER NOT NULL, PRIMARY KEY (session, dims)) WITHOUT ROWID`;

export class SessionOwnersTable {
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT OR IGNORE INTO session_owners (session, dims) VALUES (?, ?)');
  }

  note(owners: ReadonlyMap<number, ReadonlySet<number>>): void {
    for (const [session, dims] of owners) for (const owner of dims) this.#insert.run(session, owner);
  }
}

type Where = NonNullable<SessionsQuery['where']>;
type Owner = Omit<SessionShare, 'cost'>;

const isOfOwner = ({ dimension }: Where[number]): boolean => OWNER_DIMENSIONS.some((name) => name === dimension);
const conditions = (where: Where, table: string): string =>
  where.map(({ dimension, values }) => `${table}.${dimension} IN (${values.map(() => '?').join()})`).join(' AND ') || 'TRUE';
const parameters = (where: Where): string[] => where.flatMap(({ values }) => values);

/** Of sessions s with their last dims d: whose workspace and repository these are, and of whose owners any is named. */
export function ownedBy(where: Where): { readonly sql: string; readonly parameters: readonly SQLInputValue[] } {
  const owners = where.filter(isOfOwner);
  const places = where.filter((filter) => !isOfOwner(filter));
  if (owners.length === 0) return { sql: conditions(places, 'd'), parameters: parameters(places) };
  const others = `SELECT o.session FROM session_owners o JOIN dims p ON p.id = o.dims WHERE ${conditions(owners, 'p')}`;
  return {
    sql: `${conditions(places, 'd')} AND (${conditions(owners, 'd')} OR s.id IN (${others}))`,
    parameters: [...parameters(places), ...parameters(owners), ...parameters(owners)],
  };
}

/** By the session's number. Walks the entries of those sessions that changed hands; what is of entries that were removed is the last owner's. */
export class SessionShares {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  of(sessions: readonly number[]): ReadonlyMap<number, ReadonlyMap<string, SessionShare>> {
    const sql = `SELECT o.session, d.organization, d.team, d.user FROM session_owners o JOIN dims d ON d.id = o.dims
      WHERE o.session IN (SELECT value FROM json_each(?)) ORDER BY o.session, o.dims`;
    const shares = new Map<number, Map<string, SessionShare>>();
    for (const row of this.#database.prepare(sql).all(JSON.stringify(sessions))) {
      const owner = ownerOf(row);
      shares.getOrInsertComputed(Number(row.session), () => new Map()).set(keyOf(owner), { ...owner, cost: 0n });
    }
    for (const [session, byOwner] of shares) this.#addCosts(session, byOwner);
    return shares;
  }

  #addCosts(session: number, byOwner: Map<string, SessionShare>): void {
    const postings = bookBeside(new History(this.#database).whole(session), new CompanyReader(this.#database).of(session));
    const byDims = Map.groupBy(
      postings.filter(({ cost }) => cost !== 0n),
      ({ dims }) => dims,
    );
    const select = this.#database.prepare('SELECT organization, team, user FROM dims WHERE id = ?');
    for (const [dims, own] of byDims) {
      const owner = ownerOf(select.get(dims) ?? {});
      const before = byOwner.get(keyOf(owner))?.cost ?? 0n;
      byOwner.set(keyOf(owner), { ...owner, cost: own.reduce((sum, { cost }) => sum + cost, before) });
    }
  }
}

/** The session with what it cost under each owner. Its own cost and owner are those that the filters name. */
export function withShares(session: SessionSummary, byOwner: ReadonlyMap<string, SessionShare> | undefined, where: Where): SessionSummary {
  if (byOwner === undefined) return session;
  const last = keyOf(session);
  const rest = session.cost - sumOf([...byOwner.values()]);
  const { organization, team, user } = session;
  const ofLast = { organization, team, user, cost: (byOwner.get(last)?.cost ?? 0n) + rest };
  const shares = [...new Map([...byOwner, [last, ofLast]]).values()].sort((a, b) => (a.cost === b.cost ? 0 : a.cost < b.cost ? 1 : -1));
  const named = shares.filter((share) => where.filter(isOfOwner).every(({ dimension, values }) => values.includes(share[dimension as keyof Owner])));
  const shown = named.includes(ofLast) ? ofLast : (named[0] ?? ofLast);
  return { ...session, organization: shown.organization, team: shown.team, user: shown.user, cost: sumOf(named), shares };
}

const sumOf = (shares: readonly SessionShare[]): PicoUsd => shares.reduce((sum, { cost }) => sum + cost, 0n);
const keyOf = ({ organization, team, user }: Owner): string => JSON.stringify([organization, team, user]);
const ownerOf = (row: Record<string, unknown>): Owner => ({ organization: String(row.organization), team: String(row.team), user: String(row.user) });
