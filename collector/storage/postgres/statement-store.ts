/** Writes statements: a source's day in one transaction, which whoever writes the same day waits for. */
import type { KnownName } from '../../imports/names.ts';
import { STATEMENT_AMOUNTS, STATEMENT_TEXTS, type StatementLine, type StatementText } from '../../imports/statement-line.ts';
import type { DayOutcome, DayRange, NewDay, RunEnd, StatementOrigin, StatementReader, StatementStore } from '../../imports/statements.ts';
import { type ErasedStatementNames, textOfKind } from '../statement-names.ts';
import {
  amountBeyond,
  combinationDigest,
  type StatementRow,
  storedTotals,
  TEXT_MAX,
  totalsBy,
  totalsText,
  type VersionTotals,
} from '../statement-rows.ts';
import { type Sql, statement } from './connection.ts';
import { naturalKey } from './natural-keys.ts';
import { int, storable, textArray } from './sql-text.ts';
import { GATE, readErasedNames } from './statement-erasure.ts';
import { addCombinations, addLines, type Combined, combinationsOf, linesOf } from './statement-lines.ts';
import { StatementQueries } from './statement-queries.ts';
import type { Target } from './target.ts';

const ADD_DAY = statement('INSERT INTO statement_days (source, account, day) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING');
const LOCK_DAY = statement('SELECT 1 FROM statement_days WHERE source = $1 AND account = $2 AND day = $3 FOR UPDATE');
const CURRENT = statement('SELECT * FROM statement_versions WHERE source = $1 AND account = $2 AND day = $3 AND until_ms IS NULL');
const END = statement('UPDATE statement_versions SET until_ms = $2 WHERE id = $1');
const CHECKED = statement('UPDATE statement_versions SET asked_ms = $2, checked_ms = $3, is_complete = is_complete OR $4 WHERE id = $1');
const BEGIN_VERSION = statement(
  `INSERT INTO statement_versions (id, source, account, day, since_ms, asked_ms, checked_ms, is_complete, line_count, totals)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
);
const PUT_NAMES = statement(
  `INSERT INTO statement_names (kind, id, name) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
   ON CONFLICT (kind, id) DO UPDATE SET name = excluded.name`,
);
const COUNT_RUN = statement(`UPDATE statement_state SET value = (value::int8 + 1)::text WHERE name = 'runs' RETURNING value`);
const BEGIN_RUN = statement(
  `INSERT INTO statement_runs (id, source, account, started_ms, from_day, to_day, outcome, days, revised, lines, remarks)
   VALUES ($1, $2, $3, $4, $5, $6, 'running', 0, 0, 0, '[]')`,
);
const END_RUN = statement('UPDATE statement_runs SET ended_ms = $2, outcome = $3, days = $4, revised = $5, lines = $6, remarks = $7 WHERE id = $1');

/** Nothing is asked of the database before it is needed. */
export const openStatementStore = (target: Target): StatementStore => new PostgresStatementStore(target);

/** For who only reads: where there is nothing, nothing is made. */
export const readStatements = (target: Target): StatementReader => new StatementQueries(target);

class PostgresStatementStore extends StatementQueries implements StatementStore {
  replaceDay(day: NewDay): Promise<DayOutcome> {
    let lines: readonly StatementLine[] | undefined;
    const change = (sql: Sql): Promise<DayOutcome> => {
      // A transaction that runs again has the same ones.
      lines ??= [...day.lines];
      return replace(sql, day, lines);
    };
    return day.isTrial === true ? this.beside.undone(change) : this.beside.write(change);
  }

  putNames(names: readonly KnownName[]): Promise<void> {
    return this.beside.write(async (sql) => {
      await sql.rows(GATE);
      const erased = await readErasedNames(sql);
      const put = names.map(({ kind, id, name }) => ({
        kind,
        id: storable(id.slice(0, TEXT_MAX)),
        name: storedText(erased, textOfKind(kind), name),
      }));
      // Of the same id the last; in one order, whoever else writes.
      const last = new Map(put.map((one) => [JSON.stringify([one.kind, one.id]), one]));
      const sorted = [...last].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, name]) => name);
      await sql.run(PUT_NAMES, [
        textArray(sorted.map(({ kind }) => kind)),
        textArray(sorted.map(({ id }) => id)),
        textArray(sorted.map(({ name }) => name)),
      ]);
    });
  }

  beginRun({ source, account }: StatementOrigin, { from, to }: DayRange, nowMs: number): Promise<number> {
    return this.beside.write(async (sql) => {
      const [row] = await sql.rows(COUNT_RUN);
      const id = int(row?.value);
      await sql.run(BEGIN_RUN, [id, source, account, nowMs, from, to]);
      return id;
    });
  }

  async endRun(id: number, { outcome, days, revised, lines, remarks, nowMs }: RunEnd): Promise<void> {
    await this.beside.write((sql) => sql.run(END_RUN, [id, nowMs, outcome, days, revised, lines, JSON.stringify(remarks)]));
  }
}

async function replace(sql: Sql, day: NewDay, lines: readonly StatementLine[]): Promise<DayOutcome> {
  const { source, account, day: date, isComplete, askedMs, nowMs } = day;
  const key = [source, account, date];
  await sql.rows(GATE);
  await sql.run(ADD_DAY, key);
  await sql.rows(LOCK_DAY, key);
  const [current] = await sql.rows(CURRENT, key);
  if (current !== undefined && int(current.asked_ms) > askedMs) {
    const { totals: after, lines: kept } = storedTotals(current);
    return { what: 'outdated', lines: kept, after };
  }
  const combined = combine(day, lines, await readErasedNames(sql));
  const { totals: after, lines: count } = totalsOf(combined);
  if (current !== undefined && (await isSame(sql, current, combined))) {
    await sql.run(CHECKED, [current.id, askedMs, nowMs, isComplete]);
    return { what: 'same', lines: count, after };
  }
  // As of an instant there is one version: the next one begins where this one ends, whatever the clock does.
  const sinceMs = current === undefined ? nowMs : Math.max(nowMs, int(current.since_ms) + 1);
  if (current !== undefined) await sql.run(END, [current.id, sinceMs]);
  const version = await beginVersion(sql, key, [sinceMs, askedMs, nowMs, isComplete, count, totalsText(after)]);
  await addLines(sql, version, combined, await addCombinations(sql, combined));
  return current === undefined
    ? { what: 'new', lines: count, after }
    : { what: 'revised', lines: count, before: storedTotals(current).totals, after };
}

/** By digest of the texts. */
function combine(day: NewDay, lines: readonly StatementLine[], erased: ErasedStatementNames): ReadonlyMap<string, Combined> {
  const combined = new Map<string, Combined>();
  for (const line of lines) {
    const texts = STATEMENT_TEXTS.map((name) => storedText(erased, name, line[name] ?? ''));
    const { amounts } = combined.getOrInsertComputed(combinationDigest(texts), () => ({ texts, amounts: {} }));
    for (const name of STATEMENT_AMOUNTS) {
      const amount = line[name];
      if (amount === undefined) continue;
      const sum = (amounts[name] ?? 0n) + BigInt(amount);
      if (BigInt.asIntN(64, sum) !== sum) throw amountBeyond(day);
      amounts[name] = sum;
    }
  }
  return combined;
}

const storedText = (erased: ErasedStatementNames, name: StatementText, text: string): string =>
  erased.replaced(name, storable(text.slice(0, TEXT_MAX)));

function totalsOf(combined: ReadonlyMap<string, Combined>): VersionTotals {
  const sums: Combined['amounts'] = {};
  for (const { amounts } of combined.values())
    for (const name of STATEMENT_AMOUNTS) {
      const amount = amounts[name];
      if (amount !== undefined) sums[name] = (sums[name] ?? 0n) + amount;
    }
  return { totals: totalsBy((name) => sums[name]), lines: combined.size };
}

async function isSame(sql: Sql, { id, line_count }: StatementRow, combined: ReadonlyMap<string, Combined>): Promise<boolean> {
  if (int(line_count) !== combined.size) return false;
  const ids = await combinationsOf(sql, [...combined.keys()]);
  if (ids.size !== combined.size) return false;
  const kept = await linesOf(sql, id);
  const isKept = ([digest, { amounts }]: readonly [string, Combined]): boolean => {
    const before = kept.get(ids.get(digest) ?? -1);
    return before !== undefined && STATEMENT_AMOUNTS.every((name) => before[name] === amounts[name]);
  };
  return [...combined].every(isKept);
}

/** Answers its number. */
async function beginVersion(sql: Sql, key: readonly string[], facts: readonly unknown[]): Promise<number> {
  const text = JSON.stringify([...key, facts[0]]);
  for (let attempt = 0; ; attempt++) {
    const id = naturalKey(text, attempt);
    if ((await sql.run(BEGIN_VERSION, [id, ...key, ...facts])) === 1) return id;
  }
}
