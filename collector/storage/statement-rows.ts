/** Statements as rows, whichever store keeps them: names of columns, and what a row says. Cells are numbers, bigints or texts of them. */
import { createHash } from 'node:crypto';
import { LedgerlineError } from '../core/error.ts';
import { LINE_USD_MAX, STATEMENT_AMOUNTS, STATEMENT_TEXTS, type StatementAmount, type StatementText } from '../imports/statement-line.ts';
import type { ImportRun, NewDay, StatementColumn, StatementDay, StatementOrigin, StatementTotals } from '../imports/statements.ts';

export type StatementRow = Readonly<Record<string, unknown>>;

/** Of sums, where nobody says less. */
export const ROWS_MAX = 100_000;
/** Longer texts are cut: no provider has them. */
export const TEXT_MAX = 500;

/** A text that lines gain needs a migration that adds its column. */
const columnOf = (text: StatementText): string => text.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Of combinations, in the order of STATEMENT_TEXTS. */
export const TEXT_COLUMNS: readonly string[] = STATEMENT_TEXTS.map(columnOf);

/** Of versions, v, and combinations, c. */
const COLUMNS: ReadonlyMap<string, string> = new Map([
  ...['source', 'account', 'day'].map((name) => [name, `v.${name}`] as const),
  ...STATEMENT_TEXTS.map((name) => [name, `c.${columnOf(name)}`] as const),
]);

export function expressionOf(column: StatementColumn): string {
  const expression = COLUMNS.get(column);
  if (expression === undefined) throw new LedgerlineError('invalid', `Statement lines have no column ${column}.`);
  return expression;
}

const DIGEST_CHARACTERS = 22;

/** Texts in the order of STATEMENT_TEXTS. */
export const combinationDigest = (texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('base64url').slice(0, DIGEST_CHARACTERS);

export const tooManyRows = (rowsMax: number): LedgerlineError =>
  new LedgerlineError('too_large', `The answer has more than ${rowsMax} rows of statement lines.`, {
    hint: 'Ask for fewer days, or by fewer columns.',
  });

export const amountBeyond = ({ source, day }: Pick<NewDay, 'source' | 'day'>, cause?: unknown): LedgerlineError =>
  new LedgerlineError('invalid', `A line of ${source} on ${day} has an amount beyond ${LINE_USD_MAX} USD.`, {
    hint: 'The answer of the provider is broken: nothing of this day was stored. Run the import again.',
    cause,
  });

export interface VersionTotals {
  readonly totals: StatementTotals;
  readonly lines: number;
}

export const totalsBy = (of: (name: StatementAmount) => bigint | undefined): StatementTotals => ({
  ...{ billed: of('billed'), list: of('list'), estimated: of('estimated'), tokens: of('tokens'), requests: of('requests') },
});

/** As they are kept beside a version: reading days adds up no lines. */
export const totalsText = (totals: StatementTotals): string =>
  JSON.stringify(Object.fromEntries(STATEMENT_AMOUNTS.flatMap((name) => (totals[name] === undefined ? [] : [[name, String(totals[name])]]))));

export function storedTotals({ line_count, totals }: StatementRow): VersionTotals {
  // What totalsText() wrote.
  const texts = JSON.parse(String(totals)) as { readonly [Amount in StatementAmount]?: string };
  const of = (name: StatementAmount): bigint | undefined => (texts[name] === undefined ? undefined : BigInt(texts[name]));
  return { totals: totalsBy(of), lines: Number(line_count) };
}

const optional = (value: unknown): number | undefined => (value === null || value === undefined ? undefined : Number(value));

export const originOf = ({ source, account }: StatementRow): StatementOrigin => ({ source: String(source), account: String(account) });

export const dayOf = (row: StatementRow): StatementDay => ({
  ...originOf(row),
  ...{ day: String(row.day), sinceMs: Number(row.since_ms), untilMs: optional(row.until_ms), checkedMs: Number(row.checked_ms) },
  ...{ isComplete: Number(row.is_complete) === 1, ...storedTotals(row) },
});

export const runOf = (row: StatementRow): ImportRun => ({
  ...{ id: Number(row.id), startedMs: Number(row.started_ms), endedMs: optional(row.ended_ms) },
  ...{ range: { from: String(row.from_day), to: String(row.to_day) }, outcome: row.outcome as ImportRun['outcome'] },
  ...{ days: Number(row.days), revised: Number(row.revised), lines: Number(row.lines) },
  // What endRun() wrote.
  remarks: JSON.parse(String(row.remarks)) as readonly string[],
});

/** A line with its combination and its version as plain data for JSON, without what nobody said. */
export function plainLine({ version, combination, id, digest, ...row }: StatementRow): object {
  const said = Object.entries(row).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(said.map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value]));
}
