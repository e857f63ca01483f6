/** Sessions: one row each. Whoever writes one has locked it, and raises its `rev`. */
import { costBy, SOURCE_COSTS, SOURCE_NAMES, type Source } from '../../catalog/sources.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { ADJUSTMENT_MARK } from '../../ledger/adjustments.ts';
import type { EndedSession, FoundSession, IncomingBatch, Place, SessionRow, WantedSession } from '../../ledger/tables.ts';
import { bySlot } from './by-slot.ts';
import { type Sql, statement } from './connection.ts';
import type { KnownSession, KnownSessions } from './known-sessions.ts';
import { Lesson } from './lesson.ts';
import { slotOf } from './natural-keys.ts';
import { partOf } from './schema.ts';
import { askedFor, bigint, booleanArray, int, numberArray, type Row, textArray } from './sql-text.ts';
import type { Part } from './together.ts';

/** Of a session that is not of adjustments alone. */
export const HAS_RECORDS = `left(first_identity, 1) <> '${ADJUSTMENT_MARK}'`;
const COSTS = ['cost', ...SOURCE_COSTS];
/** What the engine has of a row. */
const COLUMNS = [
  ...['session_id', 'part', 'first_ms', 'first_identity', 'first_dims', 'last_ms', 'last_identity', 'last_dims', 'is_dashboard', 'is_shared'],
  ...['removed_before_ms', 'numbered_events', 'missing_events', 'held_back_entries', ...COSTS],
];
/** A rev that no row has. */
const UNKNOWN = -1;

/** Sorted, so that two who want the same do not wait for each other. Of a row that is as it is remembered nothing is read but that. */
const LOCK = statement(
  `SELECT s.session, s.rev, ${COLUMNS.map((name) => `CASE WHEN s.rev <> w.rev THEN s.${name} END AS ${name}`).join()}
   FROM unnest($2::int8[], $3::int4[]) AS w(session, rev) JOIN sessions s ON s.slot = $1 AND s.session = w.session
   WHERE ${askedFor('s.session', '$2')} ORDER BY s.session FOR UPDATE OF s`,
);
const MAKE = statement(
  `INSERT INTO sessions (slot, session, session_id, rev, part, made_ms, first_ms, first_identity, first_dims, last_ms, last_identity, last_dims, last_hour)
   SELECT $1::int2, w.session, w.session_id, 0, w.part, w.made_ms, w.ms, w.identity, w.dims, w.ms, w.identity, w.dims, w.hour
   FROM unnest($2::int8[], $3::text[], $4::int4[], $5::int8[], $6::int8[], $7::text[], $8::int8[], $9::int4[])
     AS w(session, session_id, part, made_ms, ms, identity, dims, hour)
   ON CONFLICT DO NOTHING`,
);
const UPDATED: readonly (readonly [column: string, type: string])[] = [
  ...([
    ['first_ms', 'int8'],
    ['first_identity', 'text'],
    ['first_dims', 'int8'],
  ] as const),
  ...([
    ['last_ms', 'int8'],
    ['last_identity', 'text'],
    ['last_dims', 'int8'],
    ['last_hour', 'int4'],
  ] as const),
  ...([
    ['is_dashboard', 'bool'],
    ['is_shared', 'bool'],
  ] as const),
  ...([
    ['numbered_events', 'int8'],
    ['missing_events', 'int8'],
    ['held_back_entries', 'int8'],
  ] as const),
  ...COSTS.map((name) => [name, 'numeric'] as const),
];

/** The array of a column, at the place of the row. */
function givenFor(column: string): string {
  const index = UPDATED.findIndex(([name]) => name === column);
  return `($${index + 3}::${UPDATED[index]?.[1]}[])[w.place]`;
}

/** What is joined is narrow, and the values are taken by their place: a wide row, read once for each session and each other session, costs more than all else. */
const UPDATE = `UPDATE sessions s SET rev = s.rev + 1, has_entries = ${givenFor('last_ms')} >= s.removed_before_ms, ${UPDATED.map(([name]) => `${name} = ${givenFor(name)}`).join()}
  FROM unnest($2::int8[]) WITH ORDINALITY AS w(session, place)
  WHERE s.slot = $1 AND s.session = w.session AND ${askedFor('s.session', '$2')}`;
const RAISE = statement('UPDATE sessions SET rev = rev + 1 WHERE slot = $1 AND session = ANY($2::int8[])');
/** Those that still have entries. Again once they are locked: a session may go on in between. */
const IS_ENDED = 's.rev > 0 AND s.has_entries AND s.removed_before_ms <= s.last_ms AND s.last_hour <= $2::int8 / 3600000 AND s.last_ms < $2';
const ENDED = statement(
  `SELECT s.session, s.session_id, s.last_hour FROM sessions s
   WHERE s.slot = $1 AND ${IS_ENDED} AND (s.last_hour, s.session) > ($3::int4, $4::int8) ORDER BY s.last_hour, s.session LIMIT $5`,
);
const LOCK_ENDED = statement(
  `SELECT s.session FROM sessions s WHERE s.slot = $1 AND ${IS_ENDED} AND s.session = ANY($3::int8[]) ORDER BY s.session FOR UPDATE`,
);
const NOTE_REMOVED = statement(
  `UPDATE sessions SET rev = rev + 1, removed_before_ms = $3, has_entries = last_ms >= $3, numbered_events = 0, missing_events = 0 WHERE slot = $1 AND session = ANY($2::int8[])`,
);
const NEWEST = statement(`SELECT last_ms FROM sessions WHERE rev > 0 AND ${HAS_RECORDS} ORDER BY made_ms DESC LIMIT $1`);

/** Two sessions have the same number: the later one gets another, with which the transaction runs again. */
export class TakenSession extends Lesson {
  override readonly name = 'TakenSession';
}

interface Making {
  readonly session: number;
  readonly sessionId: string;
  readonly madeMs: number;
  readonly first: Place;
}

const hourOf = (timeMs: number): number => Math.floor(timeMs / HOUR_MS);

async function make(sql: Sql, making: readonly Making[], slots: number): Promise<void> {
  for (const { slot, items } of bySlot(making, slots, ({ session }) => session)) {
    await sql.run(MAKE, [
      slot,
      numberArray(items.map(({ session }) => session)),
      textArray(items.map(({ sessionId }) => sessionId)),
      numberArray(items.map(({ madeMs }) => partOf(madeMs))),
      numberArray(items.map(({ madeMs }) => madeMs)),
      numberArray(items.map(({ first }) => first.timeMs)),
      textArray(items.map(({ first }) => first.identity)),
      numberArray(items.map(({ first }) => first.dims)),
      numberArray(items.map(({ first }) => hourOf(first.timeMs))),
    ]);
  }
}

/**
 * Before the transaction, each statement by itself: makes rows of sessions that are not remembered, as nobody sees them yet (rev 0). Within
 * the transaction they would be locked in an order of their own, and whoever wants them too would wait.
 */
export async function prepareSessions(sql: Sql, batches: readonly IncomingBatch[], known: KnownSessions, slots: number): Promise<void> {
  const making = new Map<number, Making>();
  for (const { entries, receivedMs } of batches) {
    for (const entry of entries) {
      const session = known.numberOf(entry.sessionId);
      if (making.has(session) || known.get(session) !== undefined) continue;
      making.set(session, { session, sessionId: entry.sessionId, madeMs: receivedMs, first: entry });
    }
  }
  if (making.size > 0) await make(sql, [...making.values()], slots);
}

/** In one transaction. */
export class SessionsTable {
  readonly #sql: Sql;
  readonly #slots: number;
  readonly #memory: KnownSessions;
  /** In this transaction. */
  readonly #locked = new Map<number, KnownSession>();

  constructor(sql: Sql, slots: number, memory: KnownSessions) {
    this.#sql = sql;
    this.#slots = slots;
    this.#memory = memory;
  }

  /** The least slot of the sessions that are locked: also where the transaction keeps what is of no session. */
  get slot(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const session of this.#locked.keys()) least = Math.min(least, slotOf(session, this.#slots));
    return least === Number.POSITIVE_INFINITY ? 0 : least;
  }

  /** Of a session that is locked. */
  locked(session: number): KnownSession {
    const known = this.#locked.get(session);
    if (known === undefined) throw new Error(`session ${session} was not locked`);
    return known;
  }

  /** See Tables.sessions. */
  async lock(wanted: readonly WantedSession[]): Promise<FoundSession[]> {
    const open = new Map<number, WantedSession>();
    for (const one of wanted) {
      const session = this.#memory.numberOf(one.sessionId);
      if (open.has(session)) this.#collide(one.sessionId);
      if (!one.isRemembered || !this.#holds(session)) open.set(session, one);
    }
    const also = this.#locked.size === 0 ? this.#memory.hints.begin(open.keys()) : new Set<number>();
    const found = await this.#find(open, also);
    const missing = [...open].filter(([session]) => !this.#locked.has(session));
    if (missing.length === 0) return found;
    const making = missing.map(([session, { sessionId, first }]) => ({ session, sessionId, madeMs: Date.now(), first }));
    await make(this.#sql, making, this.#slots);
    return [...found, ...(await this.#find(new Map(missing)))];
  }

  /** Locks more of them, of which no row is wanted. */
  async lockAlso(sessions: Iterable<number>): Promise<void> {
    await this.#find(new Map(), new Set(sessions));
  }

  /** From now on nobody's memory of these holds. */
  async raise(sessions: readonly number[]): Promise<void> {
    for (const { slot, items } of bySlot(sessions, this.#slots, (session) => session)) await this.#sql.run(RAISE, [slot, numberArray(items)]);
    for (const session of sessions) {
      const known = this.#locked.get(session);
      if (known !== undefined) known.rev++;
    }
  }

  /** Writes rows of sessions that are locked. */
  updates(rows: readonly SessionRow[]): Part[] {
    return bySlot(rows, this.#slots, ({ session }) => session).map(({ slot, items }) => {
      for (const { session } of items) this.locked(session).rev++;
      return { text: UPDATE, values: [slot, ...updatesOf(items)] };
    });
  }

  /** Some of those that still have entries, in the order of their end by slot, after another. */
  async ended(slot: number, beforeMs: number, after: { readonly hour: number; readonly session: number }, rowsMax: number) {
    const rows = await this.#sql.rows(ENDED, [slot, beforeMs, after.hour, after.session, rowsMax]);
    return rows.map((row) => ({ session: int(row.session), sessionId: String(row.session_id), hour: int(row.last_hour) }));
  }

  /** Answers those that still are. */
  async lockEnded(sessions: readonly EndedSession[], beforeMs: number): Promise<EndedSession[]> {
    const locked = new Set<number>();
    for (const { slot, items } of bySlot(sessions, this.#slots, ({ session }) => session)) {
      const rows = await this.#sql.rows(LOCK_ENDED, [slot, beforeMs, numberArray(items.map(({ session }) => session))]);
      for (const { session } of rows) locked.add(int(session));
    }
    return sessions.filter(({ session }) => locked.has(session));
  }

  async noteRemoved(sessions: readonly number[], beforeMs: number): Promise<void> {
    for (const { slot, items } of bySlot(sessions, this.#slots, (session) => session)) {
      await this.#sql.run(NOTE_REMOVED, [slot, numberArray(items), beforeMs]);
    }
    for (const session of sessions) this.#memory.drop(session);
  }

  async newest(count: number): Promise<number[]> {
    return (await this.#sql.rows(NEWEST, [count])).map(({ last_ms }) => int(last_ms));
  }

  /** `also`: sessions that are locked with them, and not answered. */
  async #find(open: ReadonlyMap<number, WantedSession>, also: ReadonlySet<number> = new Set()): Promise<FoundSession[]> {
    const found: FoundSession[] = [];
    const all = [...open.keys(), ...[...also].filter((session) => !open.has(session) && !this.#locked.has(session))];
    this.#memory.hints.note(all);
    const revOf = (session: number) => (open.get(session)?.isRemembered === false ? UNKNOWN : (this.#memory.get(session)?.rev ?? UNKNOWN));
    for (const { slot, items } of bySlot(all, this.#slots, (session) => session)) {
      for (const row of await this.#lockRows(slot, items, revOf)) {
        const known = this.#note(row);
        const wanted = open.get(known.session);
        if (wanted === undefined) this.#forgetOther(known);
        else if (row.session_id !== null) found.push(this.#foundAs(row, known, wanted));
      }
    }
    return found;
  }

  #foundAs(row: Row, known: KnownSession, wanted: WantedSession): FoundSession {
    if (row.session_id !== wanted.sessionId) this.#collide(wanted.sessionId);
    this.#memory.keep(known);
    return known.rev === 0 ? { row: newRow(known.session, wanted), isNew: true } : { row: rowOf(row, known.session), isNew: false };
  }

  /** Is what is remembered of it so? */
  #holds(session: number): boolean {
    const known = this.#locked.get(session);
    return known !== undefined && this.#memory.get(session) === known;
  }

  /** Nobody reads it anew now: what the engine remembers of it does not become true by its being locked. */
  #forgetOther(known: KnownSession): void {
    if (!this.#holds(known.session)) this.#memory.drop(known.session);
  }

  #lockRows(slot: number, sessions: readonly number[], revOf: (session: number) => number): Promise<Row[]> {
    return this.#sql.rows(LOCK, [slot, numberArray(sessions), numberArray(sessions.map(revOf))]);
  }

  /** What the row says that is locked now. */
  #note(row: Row): KnownSession {
    const [session, rev] = [int(row.session), int(row.rev)];
    const remembered = this.#memory.get(session);
    if (remembered?.rev === rev) {
      this.#locked.set(session, remembered);
      return remembered;
    }
    const known: KnownSession = { session, rev, part: int(row.part), kinds: rev === 0 ? { aside: false, standIns: false } : undefined };
    this.#locked.set(session, known);
    return known;
  }

  #collide(sessionId: string): never {
    this.#memory.numberOtherwise(sessionId);
    throw new TakenSession(`The number of a session is another one's.`);
  }
}

function updatesOf(rows: readonly SessionRow[]): unknown[] {
  const integers = (of: (row: SessionRow) => number | bigint) => numberArray(rows.map(of));
  return [
    integers(({ session }) => session),
    ...[integers(({ first }) => first.timeMs), textArray(rows.map(({ first }) => first.identity)), integers(({ first }) => first.dims)],
    ...[integers(({ last }) => last.timeMs), textArray(rows.map(({ last }) => last.identity)), integers(({ last }) => last.dims)],
    integers(({ last }) => hourOf(last.timeMs)),
    ...[booleanArray(rows.map(({ isDashboard }) => isDashboard)), booleanArray(rows.map(({ isShared }) => isShared))],
    ...[integers(({ numberedEvents }) => numberedEvents), integers(({ missingEvents }) => missingEvents)],
    integers(({ heldBackEntries }) => heldBackEntries),
    integers(({ cost }) => cost),
    ...SOURCE_NAMES.map((source) => integers(({ costBySource: costs }) => costs[source])),
  ];
}

const bySource = (cost: (source: Source) => bigint) =>
  Object.fromEntries(SOURCE_NAMES.map((source) => [source, cost(source)])) as Record<Source, bigint>;

/** Of a row of sessions, or of their places. */
export const costBySource = (row: Row) => bySource((source) => bigint(row[costBy(source)]));

function newRow(session: number, { sessionId, first }: WantedSession): SessionRow {
  const nothing = { isDashboard: false, isShared: false, removedBeforeMs: 0, cost: 0n, costBySource: bySource(() => 0n) };
  return { session, sessionId, first, last: first, ...nothing, numberedEvents: 0, missingEvents: 0, heldBackEntries: 0 };
}

function rowOf(row: Row, session: number): SessionRow {
  return {
    session,
    sessionId: String(row.session_id),
    first: { timeMs: int(row.first_ms), identity: String(row.first_identity), dims: int(row.first_dims) },
    last: { timeMs: int(row.last_ms), identity: String(row.last_identity), dims: int(row.last_dims) },
    isDashboard: row.is_dashboard === true,
    isShared: row.is_shared === true,
    removedBeforeMs: int(row.removed_before_ms),
    cost: bigint(row.cost),
    costBySource: costBySource(row),
    numberedEvents: int(row.numbered_events),
    missingEvents: int(row.missing_events),
    heldBackEntries: int(row.held_back_entries),
  };
}
