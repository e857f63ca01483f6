/** One session: what it came to, or what of it is inside. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { askedSession } from '../../catalog/session-ids.ts';
import { isOfAdjustments } from '../../ledger/adjustments.ts';
import { totalsByModel } from '../../ledger/history.ts';
import { addUp, dimsInside, sessionOf } from '../../ledger/session-answer.ts';
import type { CourseQuery, SessionCourse } from '../../ledger/session-course.ts';
import { descending, namesOf, type PlaceShare, partOf } from '../../ledger/session-parts.ts';
import { isSessionFilter, SESSION_DIMENSIONS, type Session, type SessionSummary, type Within } from '../../ledger/sessions.ts';
import { removedOf } from './removed-sessions.ts';
import { CourseReader } from './session-course.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';
import { PlaceReader } from './session-places.ts';
import { BY_COST, insideOf, SUMMARY, summaryOf } from './session-rows.ts';
import { createStatements } from './statements.ts';

/** Sessions that their clients call the same: as many as there are tokens that name different owners. */
const ALSO_MAX = 100;

/** A session, or what of it is inside. */
interface Part {
  readonly row: Record<string, unknown>;
  readonly summary: SessionSummary;
  /** Undefined of one that had one place throughout. */
  readonly places: readonly PlaceShare[] | undefined;
}

export class SessionReader {
  readonly #database: DatabaseSync;
  readonly #history: History;
  readonly #companies: CompanyReader;
  readonly #places: PlaceReader;
  readonly #courses: CourseReader;
  readonly #names: StatementSync;
  readonly #statement: (sql: string) => StatementSync;

  constructor(database: DatabaseSync) {
    this.#statement = createStatements((sql) => {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      return statement;
    });
    this.#database = database;
    this.#history = new History(database);
    this.#companies = new CompanyReader(database);
    this.#places = new PlaceReader(database);
    this.#courses = new CourseReader(database);
    this.#names = database.prepare(`SELECT ${SESSION_DIMENSIONS.join()} FROM dims WHERE id = ?`);
  }

  session(asked: string, within: Within = []): Session | undefined {
    const [part, ...others] = this.#called(asked, within);
    if (part === undefined) return undefined;
    const { row, summary, places } = part;
    const isPart = places !== undefined && within.length > 0;
    const isDimsInside = dimsInside(places ?? [], summaryOf(row), isPart ? within : [], (dims) => namesOf(this.#names.get(dims) ?? {}));
    const id = Number(row.id);
    const removed = removedOf(this.#database, id, isDimsInside);
    const kept = totalsByModel(this.#history.whole(id), this.#companies.of(id), isDimsInside);
    return sessionOf(summary, {
      isCounted: row.is_dashboard === 0n && !isOfAdjustments({ identity: String(row.first_identity) }),
      byModel: addUp(removed, kept),
      also: others.map((other) => other.summary),
      heldBackEntries: isPart ? this.#heldBack(id, isDimsInside) : Number(row.held_back_entries),
    });
  }

  /** Without what its entries say. */
  summary(asked: string, within: Within = []): SessionSummary | undefined {
    return this.#called(asked, within)[0]?.summary;
  }

  course(asked: string, query: CourseQuery): SessionCourse | undefined {
    const [part] = this.#called(asked, query.within?.filter(isSessionFilter) ?? []);
    if (part === undefined) return undefined;
    const course = this.#courses.of(Number(part.row.id), query);
    return course && { sessionId: part.summary.sessionId, ...course };
  }

  /** The largest first, by what is inside. */
  #called(asked: string, within: Within): Part[] {
    const { exact, others } = askedSession(asked);
    const inside = insideOf({ within });
    const ids = others === undefined ? 's.session_id = ?' : '(s.session_id = ? OR s.session_id BETWEEN ? AND ?)';
    const parameters = [exact, ...(others === undefined ? [] : [others.from, others.to]), ...inside.parameters];
    const rows = this.#all(`${SUMMARY} WHERE ${ids} AND ${inside.sql} ORDER BY ${BY_COST} LIMIT ?`, ...parameters, ALSO_MAX);
    const places = this.#places.of(rows.filter((row) => row.is_shared === 1n).map(({ id }) => Number(id)));
    const parts = rows.flatMap((row) => {
      const own = places.get(Number(row.id));
      const summary = partOf(summaryOf(row), own, { within });
      return summary === undefined ? [] : [{ row, summary, places: own }];
    });
    return within.length === 0 ? parts : parts.sort((a, b) => descending(a.summary.cost, b.summary.cost));
  }

  #heldBack(session: number, isDimsInside: (dims: number) => boolean): number {
    return this.#history.whole(session).filter(({ heldBack, dims }) => heldBack !== undefined && isDimsInside(dims)).length;
  }

  #all(sql: string, ...parameters: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...parameters);
  }
}
