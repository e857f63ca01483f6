/** The course of a session, booked again from its entries. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import { type CourseQuery, type CourseStep, type SessionCourse, type StepDimensions, stepDimensions, stepsOf } from '../../ledger/session-course.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';

export class CourseReader {
  readonly #database: DatabaseSync;
  readonly #history: History;
  readonly #companies: CompanyReader;
  readonly #dims: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#history = new History(database);
    this.#companies = new CompanyReader(database);
    this.#dims = database.prepare(`SELECT ${DIMENSION_NAMES.join()} FROM dims WHERE id = ?`);
  }

  /** `session`: its number. Undefined where nothing is within what is asked. */
  of(session: number, query: CourseQuery): Omit<SessionCourse, 'sessionId'> | undefined {
    const hasRemoved = this.#history.removedBeforeMs(session) > 0;
    const isTooLong = this.#history.count(session, query.recordsMax + 1) > query.recordsMax;
    if (isTooLong) return this.#hasAny(session, query.within) ? { steps: undefined, hasRemoved } : undefined;
    const steps = this.#steps(session, query);
    return steps.length > 0 ? { steps, hasRemoved } : undefined;
  }

  #hasAny(session: number, within: readonly Filter[] = []): boolean {
    const conditions = within.map(({ dimension, values }) => ` AND d.${dimension} IN (${values.map(() => '?').join()})`);
    const sql = `SELECT 1 FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ?${conditions.join('')} LIMIT 1`;
    return this.#database.prepare(sql).get(session, ...within.flatMap(({ values }) => values)) !== undefined;
  }

  #steps(session: number, query: CourseQuery): CourseStep[] {
    const { within = [] } = query;
    const known = new Map<number, StepDimensions | undefined>();
    const items = [...this.#history.of(session), ...this.#history.adjustments(session)];
    return stepsOf(items, this.#companies.of(session), query, (dims) =>
      known.getOrInsertComputed(dims, () => stepDimensions(this.#dims.get(dims) ?? {}, within)),
    );
  }
}
