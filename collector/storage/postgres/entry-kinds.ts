/** Entries that few sessions have: those that are set aside, and stand-ins. Of a session that is known to have none nothing is asked. */
import type { HistoryItem } from '../../ledger/history.ts';
import { asideIdentity } from '../../ledger/set-aside.ts';
import { type RequestItem, STAND_INS } from '../../ledger/stand-ins.ts';
import type { CoverMark, SessionEntries } from '../../ledger/tables.ts';
import { ADJUSTMENT, COVERED, isStandIn, SET_ASIDE } from '../batch-codec.ts';
import { promptOf } from '../stored-entries.ts';
import { bySlot } from './by-slot.ts';
import { type Sql, statement } from './connection.ts';
import { IS_ASKED_FOR } from './session-entries.ts';
import { ITEM_COLUMNS, itemOf } from './session-history.ts';
import type { SessionsTable } from './sessions.ts';
import { askedFor, int, numberArray, type Row, textArray } from './sql-text.ts';

const [FIRST_STAND_IN, AFTER_STAND_INS] = STAND_INS;

const RELEASE = statement(
  `DELETE FROM entries e USING unnest($2::int8[], $3::int4[], $4::text[]) AS w(session, part, identity), sessions s
   WHERE ${IS_ASKED_FOR} AND s.slot = $1 AND s.session = w.session AND ${askedFor('s.session', '$2')} AND e.time_ms >= s.removed_before_ms RETURNING e.session, ${ITEM_COLUMNS}`,
);
const REQUESTS_OF_STAND_INS = statement(
  `SELECT e.session, e.request FROM unnest($2::int8[], $3::int4[]) AS w(session, part)
   CROSS JOIN LATERAL (
     SELECT * FROM entries e WHERE e.slot = $1 AND e.part = w.part AND e.session = w.session AND e.identity >= $4 AND e.identity < $5 OFFSET 0
   ) e WHERE e.request IS NOT NULL`,
);
const REQUESTS = statement(
  `SELECT e.session, e.identity, e.time_ms, e.flags, e.request, e.amounts, (SELECT d.model FROM dims d WHERE d.id = e.dims) AS model
   FROM unnest($2::int8[]) AS w(session) JOIN sessions s ON s.slot = $1 AND s.session = w.session
   CROSS JOIN LATERAL (SELECT * FROM entries e WHERE e.slot = $1 AND e.part = s.part AND e.session = s.session OFFSET 0) e
   WHERE ${askedFor('s.session', '$2')} AND e.time_ms >= s.removed_before_ms AND e.series IS NULL AND (e.flags & ${SET_ASIDE | ADJUSTMENT}) = 0`,
);
const COVER = statement(
  `UPDATE entries e SET flags = (e.flags & ~${COVERED}) | w.mark FROM unnest($2::int8[], $3::int4[], $4::text[], $5::int4[]) AS w(session, part, identity, mark)
   WHERE ${IS_ASKED_FOR} RETURNING e.session, ${ITEM_COLUMNS}`,
);

interface OfSession {
  readonly session: number;
}

export class EntryKinds {
  readonly #sql: Sql;
  readonly #slots: number;
  readonly #sessions: SessionsTable;

  constructor(sql: Sql, slots: number, sessions: SessionsTable) {
    this.#sql = sql;
    this.#slots = slots;
    this.#sessions = sessions;
  }

  /** See Tables.release. */
  async release(booked: readonly SessionEntries[]): Promise<Map<number, HistoryItem[]>> {
    const asked = booked.flatMap(({ session, entries }) =>
      this.#sessions.locked(session).kinds?.aside === false ? [] : entries.map(({ identity }) => ({ session, identity: asideIdentity(identity) })),
    );
    return this.#items(asked, (slot, items) => this.#sql.rows(RELEASE, [slot, ...this.#keys(items), identitiesOf(items)]));
  }

  /** See Tables.standIns. */
  async standIns(sessions: readonly number[]): Promise<Map<number, string[]>> {
    const asked = sessions.filter((session) => this.#sessions.locked(session).kinds?.standIns !== false).map((session) => ({ session }));
    const found = new Map<number, string[]>();
    for (const { slot, items } of bySlot(asked, this.#slots, ({ session }) => session)) {
      const rows = await this.#sql.rows(REQUESTS_OF_STAND_INS, [slot, ...this.#keys(items), FIRST_STAND_IN, AFTER_STAND_INS]);
      for (const { session, request } of rows) found.getOrInsertComputed(int(session), () => []).push(String(request));
    }
    return found;
  }

  /** See Tables.requests. */
  async requests(sessions: readonly number[]): Promise<Map<number, RequestItem[]>> {
    const found = new Map<number, RequestItem[]>(sessions.map((session) => [session, []]));
    for (const { slot, items } of bySlot(sessions, this.#slots, (session) => session)) {
      for (const row of await this.#sql.rows(REQUESTS, [slot, numberArray(items)])) {
        const item = requestOf(row);
        if (item !== undefined) found.get(int(row.session))?.push(item);
      }
    }
    return found;
  }

  /** See Tables.cover. */
  cover(marks: readonly CoverMark[]): Promise<Map<number, HistoryItem[]>> {
    return this.#items(marks, (slot, items) => {
      const flags = numberArray(items.map(({ isCovered }) => (isCovered ? COVERED : 0)));
      return this.#sql.rows(COVER, [slot, ...this.#keys(items), identitiesOf(items), flags]);
    });
  }

  async #items<Asked extends OfSession>(asked: readonly Asked[], ask: (slot: number, items: readonly Asked[]) => Promise<Row[]>) {
    const found = new Map<number, HistoryItem[]>();
    for (const { slot, items } of bySlot(asked, this.#slots, ({ session }) => session)) {
      for (const row of await ask(slot, items)) found.getOrInsertComputed(int(row.session), () => []).push(itemOf(row));
    }
    return found;
  }

  #keys(items: readonly OfSession[]): [sessions: string, parts: string] {
    return [numberArray(items.map(({ session }) => session)), numberArray(items.map(({ session }) => this.#sessions.locked(session).part))];
  }
}

const identitiesOf = (items: readonly { readonly identity: string }[]): string => textArray(items.map(({ identity }) => identity));

function requestOf(row: Row): RequestItem | undefined {
  const flags = int(row.flags);
  const request = row.request === null ? promptOf(row, flags) : String(row.request);
  if (request === undefined) return undefined;
  return { identity: String(row.identity), timeMs: int(row.time_ms), request, isStandIn: isStandIn(flags), isCovered: (flags & COVERED) !== 0 };
}
