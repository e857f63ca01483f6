/** The course of a session, booked again from its entries. */
import type { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import { inTimeOrder } from '../../ledger/booking.ts';
import { bookBeside } from '../../ledger/pools.ts';
import type { CourseQuery, CourseStep, SessionCourse, StepDimensions } from '../../ledger/session-course.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';

export class CourseReader {
  readonly #database: DatabaseSync;
  readonly #history: History;
  readonly #companies: CompanyReader;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#history = new History(database);
    this.#companies = new CompanyReader(database);
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

  /** What a record adds depends on those before it, so the whole session is booked, whatever is asked of it. */
  #steps(session: number, { fromMs = 0, toMs = Number.POSITIVE_INFINITY, within = [] }: CourseQuery): CourseStep[] {
    const known = new Map<number, StepDimensions | undefined>();
    const steps: CourseStep[] = [];
    const items = [...this.#history.of(session), ...this.#history.adjustments(session)].sort(inTimeOrder);
    for (const posting of bookBeside(items, this.#companies.of(session))) {
      if (posting.timeMs < fromMs || posting.timeMs >= toMs) continue;
      const dims = known.getOrInsertComputed(posting.dims, (id) => this.#dimensions(id, within));
      if (dims !== undefined) steps.push({ ...posting, dims });
    }
    return steps;
  }

  /** Undefined: not within. */
  #dimensions(id: number, within: readonly Filter[]): StepDimensions | undefined {
    const row = this.#database.prepare(`SELECT ${DIMENSION_NAMES.join()} FROM dims WHERE id = ?`).get(id);
    // The columns are the catalog's names.
    const dims = Object.fromEntries(DIMENSION_NAMES.map((name) => [name, String(row?.[name] ?? '')])) as StepDimensions;
    return within.every(({ dimension, values }) => values.includes(dims[dimension])) ? dims : undefined;
  }
}
