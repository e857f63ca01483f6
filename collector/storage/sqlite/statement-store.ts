/** Writes statements.sqlite: a source's day in one transaction, so that a kill leaves whole days, and a reader never sees half of one. */
import { existsSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { KnownName } from '../../imports/names.ts';
import { STATEMENT_AMOUNTS, STATEMENT_TEXTS, type StatementLine, type StatementText } from '../../imports/statement-line.ts';
import type { DayOutcome, DayRange, NewDay, RunEnd, StatementOrigin, StatementReader, StatementStore } from '../../imports/statements.ts';
import { textOfKind } from '../statement-names.ts';
import { amountBeyond, combinationDigest, storedTotals, TEXT_COLUMNS, TEXT_MAX, totalsText } from '../statement-rows.ts';
import { isBeyond64Bits } from './failure.ts';
import { ErasedNames } from './statement-erasure.ts';
import { StatementQueries } from './statement-queries.ts';
import { INSERT_LINE, OR_ADD, openStatementDatabase } from './statement-tables.ts';
import { together, undone } from './together.ts';

/** Opens the file, or makes it. */
export const openStatementStore = (file: string): StatementStore => new SqliteStatementStore(openStatementDatabase(file));

/** For who only reads: where there is no file, none is made. */
export function readStatements(file: string): StatementReader {
  if (existsSync(file)) return openStatementStore(file);
  const none = async (): Promise<readonly never[]> => [];
  return { sums: none, days: none, versions: none, origins: none, runs: none, names: async () => new Map(), close: async () => undefined };
}

class SqliteStatementStore extends StatementQueries implements StatementStore {
  readonly #database: DatabaseSync;
  readonly #erased: ErasedNames;
  readonly #findCombination: StatementSync;
  readonly #addCombination: StatementSync;
  readonly #addLine: StatementSync;

  constructor(database: DatabaseSync) {
    super(database);
    this.#database = database;
    this.#erased = new ErasedNames(database);
    this.#findCombination = database.prepare('SELECT id FROM combinations WHERE digest = ?');
    const places = TEXT_COLUMNS.map(() => '?').join();
    this.#addCombination = database.prepare(`INSERT INTO combinations (digest, ${TEXT_COLUMNS.join()}) VALUES (?, ${places}) RETURNING id`);
    this.#addLine = database.prepare(`INSERT ${INSERT_LINE} VALUES (?, ?, ${STATEMENT_AMOUNTS.map(() => '?').join()}) ${OR_ADD}`);
  }

  /** Nothing is awaited within a transaction: no other write of this thread comes between. */
  async replaceDay(day: NewDay): Promise<DayOutcome> {
    try {
      const within = day.isTrial === true ? undone : together;
      return within(this.#database, () => this.#replace(day));
    } catch (cause) {
      if (!isBeyond64Bits(cause)) throw cause;
      throw amountBeyond(day, cause);
    }
  }

  async putNames(names: readonly KnownName[]): Promise<void> {
    const put = this.#database.prepare('INSERT INTO names (kind, id, name) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name');
    together(this.#database, () => {
      this.#erased.read();
      for (const { kind, id, name } of names) put.run(kind, id.slice(0, TEXT_MAX), this.#textOf(textOfKind(kind), name));
    });
  }

  async beginRun({ source, account }: StatementOrigin, { from, to }: DayRange, nowMs: number): Promise<number> {
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO runs (source, account, started_ms, from_day, to_day, outcome, days, revised, lines, remarks)
         VALUES (?, ?, ?, ?, ?, 'running', 0, 0, 0, '[]')`,
      )
      .run(source, account, nowMs, from, to);
    return Number(lastInsertRowid);
  }

  async endRun(id: number, { outcome, days, revised, lines, remarks, nowMs }: RunEnd): Promise<void> {
    this.#database
      .prepare('UPDATE runs SET ended_ms = ?, outcome = ?, days = ?, revised = ?, lines = ?, remarks = ? WHERE id = ?')
      .run(nowMs, outcome, days, revised, lines, JSON.stringify(remarks), id);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** The new version is written first, then compared with the one that holds: nothing of a large day has to be kept in memory. */
  #replace({ source, account, day, lines, isComplete, askedMs, nowMs }: NewDay): DayOutcome {
    const current = this.#database
      .prepare('SELECT * FROM versions WHERE source = ? AND account = ? AND day = ? AND until_ms IS NULL')
      .get(source, account, day);
    if (current !== undefined && Number(current.asked_ms) > askedMs) {
      const { totals: after, lines: kept } = storedTotals(current);
      return { what: 'outdated', lines: kept, after };
    }
    const currentId = current === undefined ? undefined : Number(current.id);
    // As of an instant there is one version: the next one begins where this one ends, whatever the clock does.
    const sinceMs = current === undefined ? nowMs : Math.max(nowMs, Number(current.since_ms) + 1);
    this.#database.prepare('UPDATE versions SET until_ms = ? WHERE id = ?').run(sinceMs, currentId ?? null);
    const id = this.#add(lines, { source, account, day, sinceMs, askedMs, checkedMs: nowMs, isComplete });
    const { totals: after, lines: count } = this.totalsOf(id);
    this.#database.prepare('UPDATE versions SET line_count = ?, totals = ? WHERE id = ?').run(count, totalsText(after), id);
    if (current === undefined || currentId === undefined) return { what: 'new', lines: count, after };
    if (this.#isSame(currentId, id)) {
      this.#forget(id);
      this.#database
        .prepare('UPDATE versions SET until_ms = NULL, asked_ms = ?, checked_ms = ?, is_complete = max(is_complete, ?) WHERE id = ?')
        .run(askedMs, nowMs, Number(isComplete), currentId);
      return { what: 'same', lines: count, after };
    }
    return { what: 'revised', lines: count, before: storedTotals(current).totals, after };
  }

  #add(lines: Iterable<StatementLine>, version: Omit<NewDay, 'lines' | 'nowMs'> & { readonly sinceMs: number; readonly checkedMs: number }): bigint {
    const { source, account, day, sinceMs, askedMs, checkedMs, isComplete } = version;
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO versions (source, account, day, since_ms, asked_ms, checked_ms, is_complete) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(source, account, day, sinceMs, askedMs, checkedMs, Number(isComplete));
    const id = BigInt(lastInsertRowid);
    const known = new Map<string, number>();
    this.#erased.read();
    for (const line of lines) {
      const combination = this.#combination(line, known);
      this.#addLine.run(id, combination, ...STATEMENT_AMOUNTS.map((name) => amountOf(line[name])));
    }
    return id;
  }

  #combination(line: StatementLine, known: Map<string, number>): number {
    const texts = STATEMENT_TEXTS.map((name) => this.#textOf(name, line[name] ?? ''));
    const digest = combinationDigest(texts);
    const id = known.get(digest) ?? Number((this.#findCombination.get(digest) ?? this.#addCombination.get(digest, ...texts))?.id);
    known.set(digest, id);
    return id;
  }

  #textOf(name: StatementText, text: string): string {
    return this.#erased.replaced(name, text.slice(0, TEXT_MAX));
  }

  #isSame(before: number, after: bigint): boolean {
    const linesOf = `SELECT combination, ${STATEMENT_AMOUNTS.join()} FROM lines WHERE version`;
    const differs = this.#database.prepare(`SELECT 1 FROM (${linesOf} = ?1 EXCEPT ${linesOf} = ?2) LIMIT 1`);
    return differs.get(before, after) === undefined && differs.get(after, before) === undefined;
  }

  #forget(version: bigint): void {
    this.#database.prepare('DELETE FROM lines WHERE version = ?').run(version);
    this.#database.prepare('DELETE FROM versions WHERE id = ?').run(version);
  }
}

const amountOf = (amount: bigint | number | undefined): bigint | null => (amount === undefined ? null : BigInt(amount));
