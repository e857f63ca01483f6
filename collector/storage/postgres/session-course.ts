/** The course of a session, booked again from its entries. */
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import { type CourseQuery, type CourseStep, type SessionCourse, type StepDimensions, stepDimensions, stepsOf } from '../../ledger/session-course.ts';
import { CompanyReader } from './company-reader.ts';
import { numbered, valuesOf } from './conditions.ts';
import { type Sql, statement } from './connection.ts';
import { History } from './session-history.ts';
import { int, numberArray, quotedName, type Row } from './sql-text.ts';

const DIMENSIONS = statement(`SELECT id, ${DIMENSION_NAMES.map(quotedName).join()} FROM dims WHERE id = ANY($1::int8[])`);

export class CourseReader {
  readonly #sql: Sql;
  readonly #history: History;
  readonly #companies: CompanyReader;

  constructor(sql: Sql, slots: number) {
    this.#sql = sql;
    this.#history = new History(sql, slots);
    this.#companies = new CompanyReader(sql, slots);
  }

  /** Of a row of sessions. Undefined where nothing is within what is asked. */
  async of(row: Row, query: CourseQuery): Promise<Omit<SessionCourse, 'sessionId'> | undefined> {
    const session = int(row.session);
    const hasRemoved = int(row.removed_before_ms) > 0;
    const entries = (await this.#history.count([session], query.recordsMax + 1)).get(session) ?? 0;
    if (entries > query.recordsMax) return (await this.#hasAny(row, query.within)) ? { steps: undefined, hasRemoved } : undefined;
    const steps = await this.#steps(session, query);
    return steps.length > 0 ? { steps, hasRemoved } : undefined;
  }

  async #hasAny({ slot, part, session }: Row, within: readonly Filter[] = []): Promise<boolean> {
    const inside = valuesOf(within, 'd');
    const text = `SELECT 1 FROM entries e JOIN dims d ON d.id = e.dims WHERE e.slot = ? AND e.part = ? AND e.session = ? AND ${inside.sql} LIMIT 1`;
    return (await this.#sql.rows(numbered(text), [slot, part, session, ...inside.values])).length > 0;
  }

  async #steps(session: number, query: CourseQuery): Promise<CourseStep[]> {
    const items: HistoryItem[] = [];
    await this.#history.of([session], (_, history) => items.push(...history));
    items.push(...((await this.#history.adjustments([session])).get(session) ?? []));
    const { within = [] } = query;
    const dimensions = new Map<number, StepDimensions | undefined>();
    for (const row of await this.#sql.rows(DIMENSIONS, [numberArray([...new Set(items.map(({ dims }) => dims))])]))
      dimensions.set(int(row.id), stepDimensions(row, within));
    return stepsOf(items, await this.#companies.of(session), query, (dims) => dimensions.get(dims));
  }
}
