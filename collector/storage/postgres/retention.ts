/** What retention removes: whole sessions at a time, noted first, and some entries with each transaction. */
import type { EndedSession } from '../../ledger/tables.ts';
import { bySlot } from './by-slot.ts';
import { type Sql, statement } from './connection.ts';
import type { History } from './session-history.ts';
import type { LinksTable } from './session-links.ts';
import type { SessionsTable } from './sessions.ts';
import { int, numberArray } from './sql-text.ts';

/** Sessions that one statement looks at. */
const SESSIONS_AT_ONCE = 500;

const NOTE = statement(
  `INSERT INTO removals (slot, session, before_ms) SELECT $1::int2, w.session, $3::int8 FROM unnest($2::int8[]) AS w(session)
   ON CONFLICT (slot, session) DO UPDATE SET before_ms = excluded.before_ms`,
);
const REMOVE = statement(
  `WITH noted AS MATERIALIZED (
     SELECT r.session, r.before_ms, s.part FROM removals r JOIN sessions s ON s.slot = $1 AND s.session = r.session
     WHERE r.slot = $1 ORDER BY r.session LIMIT ${SESSIONS_AT_ONCE}
   ), doomed AS MATERIALIZED (
     SELECT o.part, o.session, o.identity FROM noted n CROSS JOIN LATERAL (
       SELECT e.part, e.session, e.identity FROM entries e
       WHERE e.slot = $1 AND e.part = n.part AND e.session = n.session AND e.time_ms < n.before_ms LIMIT $2
     ) o LIMIT $2
   ), gone AS (
     DELETE FROM entries e USING doomed d WHERE e.slot = $1 AND e.part = d.part AND e.session = d.session AND e.identity = d.identity RETURNING 1
   )
   SELECT n.session, (SELECT count(*) FROM gone) AS gone FROM noted n`,
);
const DONE = statement(
  `DELETE FROM removals r USING sessions s WHERE r.slot = $1 AND r.session = ANY($2::int8[]) AND s.slot = $1 AND s.session = r.session
   AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.slot = $1 AND e.part = s.part AND e.session = r.session AND e.time_ms < r.before_ms)`,
);

interface Parts {
  readonly sessions: SessionsTable;
  readonly history: History;
  readonly links: LinksTable;
}

export class Retention {
  readonly #sql: Sql;
  readonly #slots: number;
  readonly #parts: Parts;

  constructor(sql: Sql, slots: number, parts: Parts) {
    this.#sql = sql;
    this.#slots = slots;
    this.#parts = parts;
  }

  /** See Tables.endedBefore. Those that are answered are locked. */
  async endedBefore(beforeMs: number, entriesMax: number): Promise<EndedSession[]> {
    const chosen: EndedSession[] = [];
    let entries = 0;
    for await (const some of this.#candidates(beforeMs)) {
      const counts = await this.#parts.history.countAll(
        some.map(({ session }) => session),
        entriesMax,
      );
      for (const { session, sessionId } of some) {
        entries += counts.get(session) ?? 0;
        const isEnough = chosen.length === entriesMax || (chosen.length > 0 && entries > entriesMax);
        if (isEnough) return this.#parts.sessions.lockEnded(chosen, beforeMs);
        chosen.push({ session, sessionId });
      }
    }
    return this.#parts.sessions.lockEnded(chosen, beforeMs);
  }

  /** See Tables.noteRemoved. */
  async note(ended: readonly EndedSession[], beforeMs: number): Promise<void> {
    const sessions = ended.map(({ session }) => session);
    await this.#parts.sessions.noteRemoved(sessions, beforeMs);
    for (const { slot, items } of bySlot(sessions, this.#slots, (session) => session))
      await this.#sql.run(NOTE, [slot, numberArray(items), beforeMs]);
    await this.#parts.links.removeOf(sessions);
  }

  /** See Tables.sweep. */
  async sweep(entriesMax: number): Promise<number> {
    let removed = 0;
    for (let slot = 0; slot < this.#slots && removed < entriesMax; slot++) removed += await this.#sweepSlot(slot, entriesMax - removed);
    return removed;
  }

  async #sweepSlot(slot: number, entriesMax: number): Promise<number> {
    for (let removed = 0; ; ) {
      const noted = await this.#sql.rows(REMOVE, [slot, entriesMax - removed]);
      removed += int(noted[0]?.gone);
      if (noted.length === 0) return removed;
      const done = await this.#sql.run(DONE, [slot, numberArray(noted.map(({ session }) => int(session)))]);
      if (removed >= entriesMax || (noted.length < SESSIONS_AT_ONCE && done === noted.length)) return removed;
    }
  }

  /** Some at a time, slot by slot, those first that ended first. */
  async *#candidates(beforeMs: number): AsyncGenerator<readonly EndedSession[]> {
    for (let slot = 0; slot < this.#slots; slot++) {
      for (let after = { hour: -1, session: 0 }; ; ) {
        const some = await this.#parts.sessions.ended(slot, beforeMs, after, SESSIONS_AT_ONCE);
        const needed = some.length === 0 ? new Set<number>() : await this.#parts.links.needed(some.map(({ session }) => session));
        yield some.filter(({ session }) => !needed.has(session));
        const last = some.at(-1);
        if (last === undefined || some.length < SESSIONS_AT_ONCE) break;
        after = last;
      }
    }
  }
}
