/** Reads statements. Sums come as text, and may be wider than 64 bits. */
import type { NameKind } from '../../imports/names.ts';
import { STATEMENT_AMOUNTS, type StatementAmount } from '../../imports/statement-line.ts';
import type { DayRange, ImportRun, StatementDay, StatementOrigin, StatementQuery, StatementReader, StatementSum } from '../../imports/statements.ts';
import { dayOf, expressionOf, originOf, ROWS_MAX, runOf, type StatementRow, tooManyRows, totalsBy } from '../statement-rows.ts';
import { BesideLedger } from './beside-ledger.ts';
import { statement } from './connection.ts';
import { storable } from './sql-text.ts';
import type { Target } from './target.ts';

const SUMS = STATEMENT_AMOUNTS.map((name) => `sum(l.${name}) AS ${name}`).join();
const NAMES = statement('SELECT id, name FROM statement_names WHERE kind = $1');
const ORIGINS = statement('SELECT source, account FROM statement_versions UNION SELECT source, account FROM statement_runs ORDER BY 1, 2');
const RUNS = statement('SELECT * FROM statement_runs WHERE source = $1 AND account = $2 ORDER BY id DESC LIMIT $3');

export class StatementQueries implements StatementReader {
  protected readonly beside: BesideLedger;

  constructor(target: Target) {
    this.beside = new BesideLedger(target, 'statements');
  }

  async sums({ by, where = [], rowsMax = ROWS_MAX, ...range }: StatementQuery): Promise<readonly StatementSum[]> {
    const { sql, values } = versionsIn(range);
    const filters = where.map(({ column }, index) => ` AND ${expressionOf(column)} = ANY($${values.length + index + 1}::text[])`).join('');
    const keys = by.map(expressionOf);
    const text = `SELECT ${[...keys.map((key, index) => `${key} AS key_${index}`), SUMS].join()}, count(*) AS line_count
       FROM statement_versions v JOIN statement_lines l ON l.version = v.id JOIN statement_combinations c ON c.id = l.combination WHERE ${sql}${filters}
       ${keys.length === 0 ? 'HAVING count(*) > 0' : `GROUP BY ${keys.join()} ORDER BY ${keys.join()}`} LIMIT ${rowsMax + 1}`;
    const rows = await this.#rows(text, [...values, ...where.map(({ values: any }) => any.map(storable))]);
    if (rows.length > rowsMax) throw tooManyRows(rowsMax);
    return rows.map((row) => ({ key: by.map((_, index) => String(row[`key_${index}`])), totals: totalsOf(row), lines: Number(row.line_count) }));
  }

  days(range: Parameters<StatementReader['days']>[0]): Promise<readonly StatementDay[]> {
    return this.#versions(versionsIn(range), 'v.source, v.account, v.day');
  }

  versions({ from, to, sources }: Parameters<StatementReader['versions']>[0]): Promise<readonly StatementDay[]> {
    return this.#versions(inRange({ from, to }, sources), 'v.since_ms, v.source, v.account, v.day');
  }

  async names(kind: NameKind): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.#rows(NAMES, [kind])).map(({ id, name }) => [String(id), String(name)]));
  }

  async origins(): Promise<readonly StatementOrigin[]> {
    return (await this.#rows(ORIGINS)).map(originOf);
  }

  async runs({ source, account }: StatementOrigin, limit: number): Promise<readonly ImportRun[]> {
    return (await this.#rows(RUNS, [source, account, limit])).map(runOf);
  }

  close(): Promise<void> {
    return this.beside.close();
  }

  async #versions({ sql, values }: Condition, order: string): Promise<readonly StatementDay[]> {
    return (await this.#rows(`SELECT v.* FROM statement_versions v WHERE ${sql} ORDER BY ${order}`, values)).map(dayOf);
  }

  #rows(text: Parameters<typeof statement>[0] | ReturnType<typeof statement>, values: readonly unknown[] = []): Promise<readonly StatementRow[]> {
    return this.beside.read<readonly StatementRow[]>([], (sql) => sql.rows(text, values));
  }
}

interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

function inRange({ from, to }: DayRange, sources: readonly string[] | undefined): Condition {
  if (sources === undefined) return { sql: 'v.day >= $1 AND v.day < $2', values: [from, to] };
  return { sql: 'v.day >= $1 AND v.day < $2 AND v.source = ANY($3::text[])', values: [from, to, sources] };
}

/** The versions that are known, or were at an instant. */
function versionsIn({ sources, asOfMs, ...range }: DayRange & Pick<StatementQuery, 'sources' | 'asOfMs'>): Condition {
  const { sql, values } = inRange(range, sources);
  if (asOfMs === undefined) return { sql: `${sql} AND v.until_ms IS NULL`, values };
  const at = `$${values.length + 1}::int8`;
  return { sql: `${sql} AND v.since_ms <= ${at} AND (v.until_ms IS NULL OR v.until_ms > ${at})`, values: [...values, asOfMs] };
}

/** A sum of nothing but unknown amounts is unknown. */
const totalsOf = (row: StatementRow) =>
  totalsBy((name: StatementAmount) => (row[name] === null || row[name] === undefined ? undefined : BigInt(String(row[name]))));
