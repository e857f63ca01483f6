/** Reads statements.sqlite. Sums may be wider than 64 bits, so that dollars and what is below them are added up apart. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { PICO_PER_USD } from '../../core/money.ts';
import type { NameKind } from '../../imports/names.ts';
import { STATEMENT_AMOUNTS, type StatementAmount } from '../../imports/statement-line.ts';
import type {
  DayRange,
  ImportRun,
  StatementDay,
  StatementOrigin,
  StatementQuery,
  StatementReader,
  StatementSum,
  StatementTotals,
} from '../../imports/statements.ts';
import { dayOf, expressionOf, originOf, ROWS_MAX, runOf, type StatementRow, tooManyRows, totalsBy, type VersionTotals } from '../statement-rows.ts';

const SUMS = STATEMENT_AMOUNTS.map(
  (name) => `sum(l.${name} / ${PICO_PER_USD}) AS ${name}_high, sum(l.${name} % ${PICO_PER_USD}) AS ${name}_low`,
).join();

export class StatementQueries implements Omit<StatementReader, 'close'> {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async sums({ by, where = [], rowsMax = ROWS_MAX, ...range }: StatementQuery): Promise<readonly StatementSum[]> {
    const { sql, values } = versionsIn(range);
    const filters = where.map(({ column, values: any }) => ` AND ${expressionOf(column)} IN (${any.map(() => '?').join()})`).join('');
    const keys = by.map(expressionOf);
    const rows = this.#all(
      `SELECT ${[...keys.map((key, index) => `${key} AS key_${index}`), SUMS].join()}, count(*) AS line_count
       FROM versions v JOIN lines l ON l.version = v.id JOIN combinations c ON c.id = l.combination WHERE ${sql}${filters}
       ${keys.length === 0 ? 'HAVING count(*) > 0' : `GROUP BY ${keys.join()} ORDER BY ${keys.join()}`} LIMIT ${rowsMax + 1}`,
      ...values,
      ...where.flatMap(({ values: any }) => any),
    );
    if (rows.length > rowsMax) throw tooManyRows(rowsMax);
    return rows.map((row) => ({ key: by.map((_, index) => String(row[`key_${index}`])), totals: totalsOf(row), lines: Number(row.line_count) }));
  }

  async days(range: Parameters<StatementReader['days']>[0]): Promise<readonly StatementDay[]> {
    const { sql, values } = versionsIn(range);
    return this.#versions(sql, values, 'v.source, v.account, v.day');
  }

  async versions({ from, to, sources }: Parameters<StatementReader['versions']>[0]): Promise<readonly StatementDay[]> {
    const range = inRange({ from, to }, sources);
    return this.#versions(range.sql, range.values, 'v.id');
  }

  async names(kind: NameKind): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#all('SELECT id, name FROM names WHERE kind = ?', kind).map(({ id, name }) => [String(id), String(name)]));
  }

  async origins(): Promise<readonly StatementOrigin[]> {
    return this.#all('SELECT source, account FROM versions UNION SELECT source, account FROM runs ORDER BY 1, 2').map(originOf);
  }

  async runs({ source, account }: StatementOrigin, limit: number): Promise<readonly ImportRun[]> {
    return this.#all('SELECT * FROM runs WHERE source = ? AND account = ? ORDER BY id DESC LIMIT ?', source, account, limit).map(runOf);
  }

  /** The totals of one version, added up. */
  protected totalsOf(version: bigint): VersionTotals {
    const [row = {}] = this.#all(`SELECT ${SUMS}, count(*) AS line_count FROM lines l WHERE l.version = ?`, version);
    return { totals: totalsOf(row), lines: Number(row.line_count) };
  }

  #versions(sql: string, values: readonly SQLInputValue[], order: string): readonly StatementDay[] {
    return this.#all(`SELECT v.* FROM versions v WHERE ${sql} ORDER BY ${order}`, ...values).map(dayOf);
  }

  #all(sql: string, ...values: readonly SQLInputValue[]): StatementRow[] {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all(...values);
  }
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

function inRange({ from, to }: DayRange, sources: readonly string[] | undefined): Condition {
  const ofSources = sources === undefined ? '' : ` AND v.source IN (${sources.map(() => '?').join()})`;
  return { sql: `v.day >= ? AND v.day < ?${ofSources}`, values: [from, to, ...(sources ?? [])] };
}

/** The versions that are known, or were at an instant. */
function versionsIn({ sources, asOfMs, ...range }: DayRange & Pick<StatementQuery, 'sources' | 'asOfMs'>): Condition {
  const { sql, values } = inRange(range, sources);
  if (asOfMs === undefined) return { sql: `${sql} AND v.until_ms IS NULL`, values };
  return { sql: `${sql} AND v.since_ms <= ? AND (v.until_ms IS NULL OR v.until_ms > ?)`, values: [...values, asOfMs, asOfMs] };
}

/** A sum of nothing but unknown amounts is unknown. */
function totalsOf(row: StatementRow): StatementTotals {
  const of = (name: StatementAmount): bigint | undefined => {
    const [high, low] = [row[`${name}_high`], row[`${name}_low`]];
    return typeof high === 'bigint' && typeof low === 'bigint' ? high * PICO_PER_USD + low : undefined;
  };
  return totalsBy(of);
}
