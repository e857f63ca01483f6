/** Histories of sessions: what the engine books them from. Rows come in the order of their key, some of a session at a time. */
import { inTimeOrder } from '../../ledger/booking.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import { ANYTIME, SLACK_MS, type TimeRange } from '../../ledger/windows.ts';
import {
  isAdjustment,
  isCostMissing,
  isSetAside,
  isStandIn,
  isTimeUncertain,
  readAmounts,
  SET_ASIDE,
  sourceOf,
  TIME_UNCERTAIN,
} from '../batch-codec.ts';
import { DATED, HELD_BACK, IS_ADJUSTMENT } from '../stored-entries.ts';
import { bySlot } from './by-slot.ts';
import { type Sql, type Statement, statement } from './connection.ts';
import { askedFor, bigint, int, intOrNone, numberArray, type Row, textArray, textOrNone } from './sql-text.ts';

/** Of an entry e. */
export const ITEM_COLUMNS = `e.identity, e.time_ms, e.flags, e.dims, e.cost, e.list_cost, e.amounts, e.series, e.start_ms, e.sequence, e.request, e.held_back,
  (SELECT d.model FROM dims d WHERE d.id = e.dims) AS model`;
/** Sessions that one statement reads the first page of: most have no more. */
const SESSIONS_AT_ONCE = 50;
const FIRST_PAGE = 500;
const PAGE = 5_000;

/** Of sessions w a page each: what comes after an identity, from a time on, without what is noted as removed. */
const pages = (condition: string): Statement =>
  statement(
    `SELECT w.session, e.* FROM unnest($2::int8[], $3::int8[], $4::text[]) AS w(session, from_ms, after)
     JOIN sessions s ON s.slot = $1 AND s.session = w.session
     CROSS JOIN LATERAL (
       SELECT ${ITEM_COLUMNS} FROM entries e
       WHERE e.slot = $1 AND e.part = s.part AND e.session = w.session AND e.identity > w.after
       AND e.time_ms >= greatest(s.removed_before_ms, w.from_ms) AND ${condition} ORDER BY e.identity LIMIT $5
     ) e WHERE ${askedFor('s.session', '$2')}`,
  );
const ENTRIES = pages(DATED);
/** What has no believable time may belong anywhere, and a point without a start covers all that was before it. */
const WITHIN = pages(`${DATED} AND (e.time_ms >= $6 AND least(coalesce(e.start_ms, 0), e.time_ms) <= $7 OR (e.flags & ${TIME_UNCERTAIN}) <> 0)`);
const ASIDE = pages(`(e.flags & ${SET_ASIDE}) <> 0 AND e.identity >= '!' AND e.identity < '"'`);
const ADJUSTMENTS = pages(IS_ADJUSTMENT);
const counts = (condition: string): Statement =>
  statement(
    `SELECT w.session, (
       SELECT count(*) FROM (SELECT 1 FROM entries e WHERE e.slot = $1 AND e.part = s.part AND e.session = s.session AND ${condition} LIMIT $3) counted
     ) AS entries FROM unnest($2::int8[]) AS w(session) JOIN sessions s ON s.slot = $1 AND s.session = w.session WHERE ${askedFor('s.session', '$2')}`,
  );
const COUNT = counts(`e.time_ms >= s.removed_before_ms AND ${DATED}`);
const COUNT_ALL = counts('true');

type Take = (session: number, history: readonly HistoryItem[]) => void;

export class History {
  readonly #sql: Sql;
  readonly #slots: number;

  constructor(sql: Sql, slots: number) {
    this.#sql = sql;
    this.#slots = slots;
  }

  /** See Tables.histories. */
  async of(sessions: readonly number[], take: Take, range: TimeRange = ANYTIME): Promise<void> {
    const wanted = sessions.map((session) => ({ session, fromMs: 0 }));
    if (range === ANYTIME) await this.#read(ENTRIES, wanted, take);
    else await this.#read(WITHIN, wanted, take, [instant(Math.floor(range.fromMs) - SLACK_MS), instant(Math.ceil(range.toMs) + SLACK_MS)]);
  }

  /** See Tables.later. */
  async later(sessions: ReadonlyMap<number, number>, take: Take): Promise<void> {
    const wanted = [...sessions].map(([session, afterMs]) => ({ session, fromMs: instant(afterMs + 1) }));
    await this.#read(ENTRIES, wanted, take);
  }

  setAside(sessions: readonly number[]): Promise<Map<number, HistoryItem[]>> {
    return this.#all(ASIDE, sessions);
  }

  adjustments(sessions: readonly number[]): Promise<Map<number, HistoryItem[]>> {
    return this.#all(ADJUSTMENTS, sessions);
  }

  /** How many entries `of` has of each; `max` where it has more. */
  count(sessions: readonly number[], max: number): Promise<Map<number, number>> {
    return this.#count(COUNT, sessions, max);
  }

  /** The same of all entries. */
  countAll(sessions: readonly number[], max: number): Promise<Map<number, number>> {
    return this.#count(COUNT_ALL, sessions, max);
  }

  async #all(asked: Statement, sessions: readonly number[]): Promise<Map<number, HistoryItem[]>> {
    const found = new Map<number, HistoryItem[]>();
    const wanted = sessions.map((session) => ({ session, fromMs: 0 }));
    await this.#read(asked, wanted, (session, history) => found.set(session, [...history]));
    return found;
  }

  async #count(asked: Statement, sessions: readonly number[], max: number): Promise<Map<number, number>> {
    const found = new Map(sessions.map((session) => [session, 0]));
    for (const { slot, items } of bySlot(sessions, this.#slots, (session) => session)) {
      for (const row of await this.#sql.rows(asked, [slot, numberArray(items), max])) found.set(int(row.session), int(row.entries));
    }
    return found;
  }

  async #read(asked: Statement, wanted: readonly Wanted[], take: Take, more: readonly number[] = []): Promise<void> {
    for (const { slot, items } of bySlot(wanted, this.#slots, ({ session }) => session)) {
      for (let at = 0; at < items.length; at += SESSIONS_AT_ONCE) {
        const some = items.slice(at, at + SESSIONS_AT_ONCE);
        const first = Map.groupBy(await this.#page(asked, slot, some, '', FIRST_PAGE, more), ({ session }) => int(session));
        for (const one of some) {
          const rows = first.get(one.session) ?? [];
          const history = rows.map(itemOf);
          if (rows.length === FIRST_PAGE) await this.#readOn(asked, slot, one, history, more);
          take(one.session, history.sort(inTimeOrder));
        }
      }
    }
  }

  /** Adds what comes after the last one. */
  async #readOn(asked: Statement, slot: number, one: Wanted, history: HistoryItem[], more: readonly number[]): Promise<void> {
    for (let after = history.at(-1)?.identity ?? ''; ; after = history.at(-1)?.identity ?? '') {
      const rows = await this.#page(asked, slot, [one], after, PAGE, more);
      for (const row of rows) history.push(itemOf(row));
      if (rows.length < PAGE) return;
    }
  }

  #page(asked: Statement, slot: number, some: readonly Wanted[], after: string, rowsMax: number, more: readonly number[]): Promise<Row[]> {
    const [sessions, froms] = [numberArray(some.map(({ session }) => session)), numberArray(some.map(({ fromMs }) => fromMs))];
    return this.#sql.rows(asked, [slot, sessions, froms, textArray(some.map(() => after)), rowsMax, ...more]);
  }
}

interface Wanted {
  readonly session: number;
  readonly fromMs: number;
}

/** Of what may be without an end. */
const instant = (ms: number): number => Math.min(Math.max(ms, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** Of a row of ITEM_COLUMNS. */
export function itemOf(row: Row): HistoryItem {
  const flags = int(row.flags);
  const startMs = int(row.start_ms);
  return {
    identity: String(row.identity),
    timeMs: int(row.time_ms),
    source: sourceOf(flags),
    model: String(row.model),
    isCostMissing: isCostMissing(flags),
    isTimeUncertain: isTimeUncertain(flags),
    isSetAside: isSetAside(flags),
    isStandIn: isStandIn(flags),
    isAdjustment: isAdjustment(flags),
    heldBack: HELD_BACK[int(row.held_back)],
    startMs: startMs === 0 ? undefined : startMs,
    dims: int(row.dims),
    cost: bigint(row.cost),
    listCost: bigint(row.list_cost),
    amounts: readAmounts(String(row.amounts)),
    cumulative: row.series === null ? undefined : { series: String(row.series), startMs },
    sequence: intOrNone(row.sequence),
    request: textOrNone(row.request),
  };
}
