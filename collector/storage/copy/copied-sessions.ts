/** Sessions, each with all that belongs to it: entries, places, links, what it came to before entries were removed. */
import { HOUR_MS } from '../../core/duration.ts';
import { REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { bySlot } from '../postgres/by-slot.ts';
import type { Sql } from '../postgres/connection.ts';
import { naturalKey, slotOf } from '../postgres/natural-keys.ts';
import { makePartition, partOf } from '../postgres/schema.ts';
import { numberArray } from '../postgres/sql-text.ts';
import type { CopyContext } from './context.ts';
import type { CopiedDims } from './copied-dims.ts';
import { sumsOf } from './copied-sums.ts';
import { COSTS, costsOf, type SourceRow, withoutHighs } from './embedded-source.ts';
import { addedUp, type Cells, markOf } from './target-tables.ts';

const WHAT = 'sessions';
const PAGE = 500;
/** Written in one transaction, or a session more. */
const ENTRIES_AT_ONCE = 5_000;

/** Changes with whatever is written of a session. */
const SESSIONS = `SELECT s.*,
    (SELECT count(*) FROM entries e WHERE e.session = s.id) AS entries, (SELECT sum(held_back) FROM entries e WHERE e.session = s.id) AS held_back,
    (SELECT count(*) FROM session_links l WHERE l.session = s.id) AS links, (SELECT before_ms FROM removals r WHERE r.session = s.id) AS removal,
    (SELECT group_concat(concat_ws(':', p.dims, ${COSTS.flatMap((name) => [`p.${name}`, `p.${name}_high`]).join()})) FROM session_places p WHERE p.session = s.id) AS places,
    (SELECT group_concat(concat_ws(':', r.dims, r.requests, r.cost)) FROM ${REMOVED_SESSIONS.table} r WHERE r.bucket = s.id) AS removed
  FROM sessions s WHERE s.id > ? ORDER BY s.id LIMIT ${PAGE}`;

/** In the target. */
interface Place {
  readonly session: number;
  readonly slot: number;
  /** The month in which it was made, as partOf. */
  readonly part: number;
}

interface Changed extends Place {
  readonly row: SourceRow;
  readonly madeMs: number;
  readonly mark: string;
}

export class CopiedSessions {
  readonly #context: CopyContext;
  readonly #dims: CopiedDims;
  readonly #taken = new Set<number>();
  readonly #partitions = new Set<number>();

  constructor(context: CopyContext, dims: CopiedDims) {
    this.#context = context;
    this.#dims = dims;
  }

  /** Answers how many it has written. */
  async copy(): Promise<number> {
    const { source, progress, say } = this.#context;
    const [{ all } = { all: 0n }] = source.rows('SELECT count(*) AS "all" FROM sessions');
    let [last, seen, written, madeMs] = [0n, 0, 0, 0];
    this.#taken.clear();
    for (;;) {
      const rows = source.rows(SESSIONS, last);
      if (rows.length === 0) return written;
      const next = rows.at(-1)?.id as bigint;
      const marks = await progress.read(WHAT, Number(last) + 1, Number(next) + 1);
      const changed: Changed[] = [];
      for (const row of rows) {
        // Numbers are given in the order in which sessions came, and times of clients are not to be trusted.
        madeMs = Math.max(madeMs, Math.min(Number(row.first_ms), Date.now()));
        const one = this.#compare(row, marks.get(Number(row.id)), madeMs);
        if (one !== undefined) changed.push(one);
      }
      await this.#write(changed);
      [last, seen, written] = [next, seen + rows.length, written + changed.length];
      say(`sessions ${seen} of ${all}`);
    }
  }

  #compare(row: SourceRow, known: string | undefined, madeMs: number): Changed | undefined {
    const [number, knownPart, knownMark] = known?.split(' ') ?? [];
    const session = number === undefined ? this.#numberOf(String(row.session_id)) : Number(number);
    this.#taken.add(session);
    const part = knownPart === undefined ? partOf(madeMs) : Number(knownPart);
    const mark = markOf([row]);
    if (mark === knownMark) return undefined;
    return { session, slot: slotOf(session, this.#context.slots), part, row, madeMs, mark };
  }

  #numberOf(sessionId: string): number {
    for (let attempt = 0; ; attempt++) {
      const session = naturalKey(sessionId, attempt);
      if (!this.#taken.has(session)) return session;
    }
  }

  async #write(changed: readonly Changed[]): Promise<void> {
    for (let at = 0; at < changed.length; ) {
      const some: Changed[] = [];
      for (let entries = 0; at < changed.length && entries < ENTRIES_AT_ONCE; at++) {
        const one = changed[at];
        if (one === undefined) break;
        entries += Number(one.row.entries);
        some.push(one);
      }
      await this.#makePartitions(some);
      await this.#context.transaction((sql) => this.#replace(sql, some));
    }
  }

  async #makePartitions(sessions: readonly Changed[]): Promise<void> {
    for (const part of new Set(sessions.map((one) => one.part))) {
      if (!this.#partitions.has(part)) await makePartition(this.#context.database, part);
      this.#partitions.add(part);
    }
  }

  async #replace(sql: Sql, changed: readonly Changed[]): Promise<void> {
    const { progress, slots, tables } = this.#context;
    await remove(sql, changed, slots);
    for (const { items } of bySlot(changed, slots, ({ session }) => session)) {
      await tables.insert(
        sql,
        'sessions',
        items.map((one) => this.#sessionOf(one)),
      );
      for (const one of items) await this.#insertEntries(sql, one);
      const places = this.#of(items, 'session_places', 'session', (row) => ({ dims: this.#dims.numberOf(row.dims), ...costsOf(row) }));
      await tables.insert(sql, 'session_places', addedUp(places, ['slot', 'session', 'dims']));
      await tables.insert(
        sql,
        'removals',
        this.#of(items, 'removals', 'session', (row) => ({ before_ms: row.before_ms as bigint })),
      );
    }
    await tables.insert(sql, 'session_links', this.#of(changed, 'session_links', 'session', linkOf));
    for (const one of changed) await tables.insert(sql, REMOVED_SESSIONS.table, this.#removedOf(one));
    const marks = changed.map(({ row, session, part, mark }): [number, string] => [Number(row.id), `${session} ${part} ${mark}`]);
    await progress.write(sql, WHAT, new Map(marks));
  }

  #sessionOf({ row, session, slot, part, madeMs }: Changed): Cells {
    const [first, last] = [this.#dims.numberOf(row.first_dims), this.#dims.numberOf(row.last_dims)];
    return {
      ...(withoutHighs(row) as Cells),
      ...costsOf(row),
      ...{ slot, session, part, rev: 1, made_ms: madeMs, first_dims: first, last_dims: last },
      last_hour: Math.floor(Number(row.last_ms) / HOUR_MS),
      has_entries: (row.last_ms as bigint) >= (row.removed_before_ms as bigint),
      ...{ is_dashboard: row.is_dashboard === 1n, is_shared: row.is_shared === 1n },
    };
  }

  async #insertEntries(sql: Sql, { row: { id }, session, slot, part }: Changed): Promise<void> {
    const { source, tables } = this.#context;
    for (let after = ''; ; ) {
      const rows = source.rows(
        `SELECT * FROM entries WHERE session = ? AND identity > ? ORDER BY identity LIMIT ${ENTRIES_AT_ONCE}`,
        id as bigint,
        after,
      );
      await tables.insert(
        sql,
        'entries',
        rows.map((entry) => ({ ...(entry as Cells), slot, part, session, dims: this.#dims.numberOf(entry.dims) })),
      );
      if (rows.length < ENTRIES_AT_ONCE) return;
      after = String(rows.at(-1)?.identity);
    }
  }

  #of(sessions: readonly Changed[], table: string, column: string, make: (row: SourceRow) => Cells): Cells[] {
    return sessions.flatMap(({ row: { id }, session, slot }) =>
      this.#context.source.rows(`SELECT * FROM ${table} WHERE ${column} = ?`, id as bigint).map((row) => ({ ...make(row), slot, session })),
    );
  }

  #removedOf({ row: { id }, session }: Changed): Cells[] {
    const rows = sumsOf(this.#context.source, REMOVED_SESSIONS.table, id as bigint, (id as bigint) + 1n);
    return addedUp(
      rows.map(({ dims, sums }) => ({ session, dims: this.#dims.numberOf(dims), ...sums })),
      ['session', 'dims'],
    );
  }
}

const linkOf = (row: SourceRow): Cells => ({ day: row.day as bigint, is_pool: row.is_pool === 1n, key: String(row.key) });

/** With all that belongs to them. */
async function remove(sql: Sql, sessions: readonly Place[], slots: number): Promise<void> {
  for (const { slot, items } of bySlot(sessions, slots, ({ session }) => session)) {
    const own = numberArray(items.map(({ session }) => session));
    for (const table of ['entries', 'session_places', 'removals', 'sessions']) {
      await sql.run(`DELETE FROM ${table} WHERE slot = $1 AND session = ANY($2::int8[])`, [slot, own]);
    }
  }
  const all = numberArray(sessions.map(({ session }) => session));
  for (const table of ['session_links', REMOVED_SESSIONS.table]) await sql.run(`DELETE FROM ${table} WHERE session = ANY($1::int8[])`, [all]);
}
