/** One session: what it came to, or what of it is inside. */
import { askedSession } from '../../catalog/session-ids.ts';
import { isOfAdjustments } from '../../ledger/adjustments.ts';
import { type HistoryItem, totalsByModel } from '../../ledger/history.ts';
import { addUp, dimsInside, sessionOf } from '../../ledger/session-answer.ts';
import type { CourseQuery, SessionCourse } from '../../ledger/session-course.ts';
import { descending, namesOf, type PlaceNames, type PlaceShare, partOf } from '../../ledger/session-parts.ts';
import { isSessionFilter, SESSION_DIMENSIONS, type Session, type SessionSummary, type Within } from '../../ledger/sessions.ts';
import { CompanyReader } from './company-reader.ts';
import { numbered } from './conditions.ts';
import { type Sql, statement } from './connection.ts';
import { readRemoved, removedByModel } from './removed-sessions.ts';
import { CourseReader } from './session-course.ts';
import { History } from './session-history.ts';
import { BY_COST, IS_THERE, insideOf, SUMMARY, summaryOf } from './session-rows.ts';
import { readPlaces } from './session-shares.ts';
import { int, numberArray, quotedName, type Row, storable } from './sql-text.ts';

/** Sessions that their clients call the same: as many as there are tokens that name different owners. */
const ALSO_MAX = 100;

const NAMES = statement(`SELECT id, ${SESSION_DIMENSIONS.map(quotedName).join()} FROM dims WHERE id = ANY($1::int8[])`);

/** A session, or what of it is inside. */
interface Part {
  readonly row: Row;
  readonly summary: SessionSummary;
  /** Undefined of one that had one place throughout. */
  readonly places: readonly PlaceShare[] | undefined;
}

export class SessionReader {
  readonly #sql: Sql;
  readonly #history: History;
  readonly #companies: CompanyReader;
  readonly #courses: CourseReader;

  constructor(sql: Sql, slots: number) {
    this.#sql = sql;
    this.#history = new History(sql, slots);
    this.#companies = new CompanyReader(sql, slots);
    this.#courses = new CourseReader(sql, slots);
  }

  async session(asked: string, within: Within = []): Promise<Session | undefined> {
    const [part, ...others] = await this.#called(asked, within);
    if (part === undefined) return undefined;
    const { row, summary, places } = part;
    const id = int(row.session);
    const isPart = places !== undefined && within.length > 0;
    const [removed, entries] = [await readRemoved(this.#sql, id), await this.#whole(id)];
    const isInside = isPart ? await this.#dimsInside(part, within, [...removed, ...entries]) : () => true;
    const kept = totalsByModel(entries, await this.#companies.of(id), isInside);
    return sessionOf(summary, {
      isCounted: row.is_dashboard !== true && !isOfAdjustments({ identity: String(row.first_identity) }),
      byModel: addUp(removedByModel(removed, isInside), kept),
      also: others.map((other) => other.summary),
      heldBackEntries: isPart ? entries.filter(({ heldBack, dims }) => heldBack !== undefined && isInside(dims)).length : int(row.held_back_entries),
    });
  }

  /** Without what its entries say. */
  async summary(asked: string, within: Within = []): Promise<SessionSummary | undefined> {
    return (await this.#called(asked, within))[0]?.summary;
  }

  async course(asked: string, query: CourseQuery): Promise<SessionCourse | undefined> {
    const [part] = await this.#called(asked, query.within?.filter(isSessionFilter) ?? []);
    if (part === undefined) return undefined;
    const course = await this.#courses.of(part.row, query);
    return course && { sessionId: part.summary.sessionId, ...course };
  }

  /** The largest first, by what is inside. */
  async #called(asked: string, within: Within): Promise<Part[]> {
    const { exact, others } = askedSession(storable(asked));
    const inside = insideOf(within);
    const ids = others === undefined ? 's.session_id = ?' : '(s.session_id = ? OR s.session_id BETWEEN ? AND ?)';
    const text = `SELECT ${SUMMARY} FROM sessions s JOIN dims d ON d.id = s.last_dims
      WHERE ${ids} AND ${IS_THERE} AND ${inside.sql} ORDER BY ${BY_COST} LIMIT ${ALSO_MAX}`;
    const rows = await this.#sql.rows(numbered(text), [exact, ...(others === undefined ? [] : [others.from, others.to]), ...inside.values]);
    const places = await readPlaces(this.#sql, rows);
    const parts = rows.flatMap((row) => {
      const own = places.get(int(row.session));
      const summary = partOf(summaryOf(row), own, { within });
      return summary === undefined ? [] : [{ row, summary, places: own }];
    });
    return within.length === 0 ? parts : parts.sort((a, b) => descending(a.summary.cost, b.summary.cost));
  }

  async #dimsInside({ row, places = [] }: Part, within: Within, items: readonly { readonly dims: number }[]): Promise<(dims: number) => boolean> {
    const ids = [...new Set(items.map(({ dims }) => dims))];
    const names = new Map<number, PlaceNames>();
    for (const found of await this.#sql.rows(NAMES, [numberArray(ids)])) names.set(int(found.id), namesOf(found));
    const last = namesOf(row);
    return dimsInside(places, last, within, (dims) => names.get(dims) ?? last);
  }

  /** With what is set aside and adjustments. */
  async #whole(session: number): Promise<HistoryItem[]> {
    const items: HistoryItem[] = [];
    await this.#history.of([session], (_, history) => items.push(...history));
    for (const more of [await this.#history.setAside([session]), await this.#history.adjustments([session])])
      items.push(...(more.get(session) ?? []));
    return items;
  }
}
