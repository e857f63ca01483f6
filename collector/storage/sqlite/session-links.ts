/** Links of sessions to days and people, by which pools find their neighbors: see collector/ledger/pools.ts. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  ANYBODY,
  type Company,
  companyOf,
  entriesCounted,
  type Link,
  type Meeting,
  meetingsMax,
  neighborsOf,
  REALM_MARK,
  walkable,
} from '../../ledger/pools.ts';
import { History } from './session-entries.ts';

/** Keys of everybody's realm. */
const OPEN = (key: string): string => `substr(${key}, 1, 1) <> '${REALM_MARK}'`;

/** Of a session s: does it share a day and a key with a pool that still has entries? Key '' is anybody's, in everybody's realm. */
const MEETS = (condition: string): string =>
  `EXISTS (SELECT 1 FROM session_links l JOIN session_links p ON p.day = l.day AND p.is_pool = 1 AND ${condition}
   WHERE l.session = s.id AND l.is_pool = 0)`;
export const IS_NEEDED = ['p.key = l.key', `p.key = '' AND ${OPEN('l.key')}`, `l.key = '' AND ${OPEN('p.key')}`].map(MEETS).join(' OR ');

export class LinksTable {
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #of: StatementSync;
  readonly #pools: StatementSync;
  readonly #meetings: MeetingReader;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO session_links (day, is_pool, key, session) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
    this.#remove = database.prepare('DELETE FROM session_links WHERE session = ?');
    this.#of = database.prepare('SELECT day, is_pool, key FROM session_links WHERE session = ?');
    this.#pools = database.prepare(
      'SELECT l.key, l.session, s.session_id FROM session_links l JOIN sessions s ON s.id = l.session WHERE l.day = ? AND l.is_pool = 1',
    );
    this.#meetings = new MeetingReader(database);
  }

  poolsOn(days: readonly number[]): (Link & { readonly sessionId: string })[] {
    return days.flatMap((day) =>
      this.#pools
        .all(day)
        .map((row) => ({ day, isPool: true, key: String(row.key), session: Number(row.session), sessionId: String(row.session_id) })),
    );
  }

  /** Answers those that were not there. */
  add(links: readonly Link[]): Link[] {
    return links.filter(({ day, isPool, key, session }) => this.#insert.run(day, isPool ? 1 : 0, key, session).changes > 0);
  }

  of(sessions: readonly number[]): Link[] {
    return sessions.flatMap((session) =>
      this.#of.all(session).map((row) => ({ session, isPool: row.is_pool === 1, day: Number(row.day), key: String(row.key) })),
    );
  }

  meetings(pools: readonly number[], linkMax: number): Map<number, Meeting[]> {
    return new Map(pools.map((pool) => [pool, this.#meetings.of(pool, linkMax)]));
  }

  removeOf(session: number): void {
    this.#remove.run(session);
  }
}

class MeetingReader {
  readonly #links: StatementSync;
  readonly #ofKey: StatementSync;
  readonly #ofAll: StatementSync;

  constructor(database: DatabaseSync) {
    this.#links = database.prepare('SELECT day, key FROM session_links WHERE session = ? AND is_pool = 1');
    this.#ofKey = database.prepare('SELECT session, key FROM session_links WHERE day = ? AND is_pool = 0 AND key IN (?, ?) LIMIT ?');
    this.#ofAll = database.prepare(`SELECT session, key FROM session_links WHERE day = ? AND is_pool = 0 AND ${OPEN('key')} LIMIT ?`);
  }

  /** None when the session is no pool. */
  of(pool: number, linkMax: number): Meeting[] {
    return this.#links.all(pool).flatMap((link) => {
      const [day, poolKey] = [Number(link.day), String(link.key)];
      const rows =
        poolKey === ANYBODY
          ? this.#ofAll.all(day, linkMax)
          : this.#ofKey.all(day, poolKey, poolKey.startsWith(REALM_MARK) ? poolKey : ANYBODY, linkMax);
      return rows.map((row) => ({ session: Number(row.session), day, key: String(row.key), poolKey }));
    });
  }
}

/** Says beside what a session is booked, for those who read a ledger: nothing, unless it is a pool. */
export class CompanyReader {
  readonly #meetings: MeetingReader;
  readonly #history: History;

  constructor(database: DatabaseSync) {
    this.#meetings = new MeetingReader(database);
    this.#history = new History(database);
  }

  of(session: number): Company {
    const meetings = this.#meetings.of(session, meetingsMax(0));
    const neighbors = walkable(session, neighborsOf(meetings), (one) => this.#history.count(one, entriesCounted(0)));
    return companyOf(neighbors, (neighbor) => this.#history.of(neighbor));
  }
}
