/**
 * A closed month as two files: every row as CSV, and a signed JSON document with its sums, the bill, what it rests on, the hash of the rows and that
 * of the month before, which has to be there. Months are so a chain: none can be changed or left out unnoticed.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIMENSIONS, type DimensionName, type MeasureName } from '../../catalog/measures.ts';
import { showValue } from '../../catalog/values.ts';
import { LedgerlineError } from '../../core/error.ts';
import { formatUsd } from '../../core/money.ts';
import { writeWholeFile } from '../../core/whole-file.ts';
import type { ClosedMonth } from '../../ledger/closed-months.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { PriceBook } from '../../pricing/price-book.ts';
import { csvPieces } from '../../query/csv.ts';
import type { ReconciliationAnswer } from '../../query/reconcile.ts';
import { renderInstant } from '../../query/render.ts';
import { canonicalJson } from './canonical.ts';
import { type Signed, signed } from './signature.ts';

const MEASURES = ['cost', 'cost_list', 'cost_contracted'] as const satisfies readonly MeasureName[];
const BY = ['team', 'user', 'workspace', 'model', 'cost_center'] as const satisfies readonly DimensionName[];
const COLUMNS = ['day', ...BY, 'reported_usd', 'list_usd', 'contracted_usd'] as const;

export interface ClosedMonthExport {
  readonly closed: ClosedMonth;
  /** The closed month before it; undefined for the first. */
  readonly before: ClosedMonth | undefined;
  /** Of the same month, in UTC. */
  readonly reconciliation: ReconciliationAnswer;
  readonly prices: Pick<PriceBook, 'models' | 'history' | 'tariffs'>;
  /** In which the ledger's days begin. */
  readonly timeZone: string;
  readonly folder: string;
  readonly key: KeyObject;
}

export interface WrittenMonth {
  readonly document: string;
  readonly rows: string;
  readonly count: number;
}

export const documentFileOf = (folder: string, month: string): string => join(folder, `${month}.json`);
const rowsNameOf = (month: string): string => `${month}.csv`;
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Files appear whole or not at all, the rows first. */
export async function writeClosedMonth(ledger: LedgerSnapshot, asked: ClosedMonthExport): Promise<WrittenMonth> {
  const { closed, before, folder, key } = asked;
  const previous = before === undefined ? null : previousOf(folder, before);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sums = new Sums();
  const name = rowsNameOf(closed.month);
  const rows = await writeWholeFile(join(folder, name), rowPieces(ledger, asked, sums));
  const document = documentOf(asked, sums, { previous, rows: { file: name, sha256: rows.sha256, rows: sums.count } });
  const file = documentFileOf(folder, closed.month);
  await writeWholeFile(file, [Buffer.from(`${canonicalJson(signed(document, key))}\n`)]);
  return { document: file, rows: join(folder, name), count: sums.count };
}

/** What the rows come to, in all and by day. */
class Sums {
  count = 0;
  readonly all: bigint[] = MEASURES.map(() => 0n);
  readonly days = new Map<string, bigint[]>();

  add(day: string, values: readonly bigint[]): void {
    this.count += 1;
    const ofDay = this.days.getOrInsertComputed(day, () => MEASURES.map(() => 0n));
    for (const [index, value] of values.entries()) {
      this.all[index] = (this.all[index] ?? 0n) + value;
      ofDay[index] = (ofDay[index] ?? 0n) + value;
    }
  }
}

async function* rowPieces(ledger: LedgerSnapshot, { closed, timeZone }: ClosedMonthExport, sums: Sums): AsyncIterable<Uint8Array> {
  const { fromMs, toMs } = closed;
  yield Buffer.from([...csvPieces(COLUMNS, [])].join(''));
  for await (const page of ledger.rows({ measures: MEASURES, by: BY, fromMs, toMs, grain: 'day', timeZone, where: [] })) {
    const rows = page.map(({ startMs = fromMs, key, values }) => {
      const day = localDay(startMs, timeZone);
      sums.add(day, values);
      return [day, ...BY.map((name, index) => shown(name, key[index] ?? '')), ...values.map(formatUsd)];
    });
    yield Buffer.from([...csvPieces([], rows)].slice(1).join(''));
  }
}

const shown = (name: DimensionName, value: string): string => (value === '' ? DIMENSIONS[name].absent : showValue(name, value));
const localDay = (ms: number, timeZone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate().toString();

const amounts = ([reported = 0n, list = 0n, contracted = 0n]: readonly bigint[]) => ({
  reported_usd: formatUsd(reported),
  list_usd: formatUsd(list),
  contracted_usd: formatUsd(contracted),
});

function documentOf(
  { closed, reconciliation, prices, timeZone }: ClosedMonthExport,
  sums: Sums,
  { rows, previous }: Pick<Signed['document'], 'rows' | 'previous'>,
): Signed['document'] {
  const { as_of: _asOf, age_seconds: _age, completeness: _completeness, findings: _findings, ...bill } = reconciliation;
  return {
    format: 'ledgerline-closed-month/1',
    month: closed.month,
    time_zone: timeZone,
    ...{ from: renderInstant(closed.fromMs), to: renderInstant(closed.toMs), closed_at: renderInstant(closed.closedMs) },
    total: amounts(sums.all),
    days: [...sums.days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, values]) => ({ day, ...amounts(values) })),
    rows,
    bill,
    price_book_sha256: bookHash(prices),
    previous,
  };
}

/** Of every price that holds at any time, with factors and terms. */
const bookHash = ({ models, history, tariffs }: ClosedMonthExport['prices']): string =>
  sha256(canonicalJson([...models].sort().map((model) => [model, plain(history(model)), plain(tariffs(model))])));

/** Bigints and infinities as text. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' || (typeof one === 'number' && !Number.isFinite(one)) ? String(one) : one)),
  );

/** Throws LedgerlineError `not_found` where the file of that month is not there: without it the chain would begin anew, and nobody could tell. */
export function previousOf(folder: string, { month }: Pick<ClosedMonth, 'month'>): NonNullable<Signed['document']['previous']> {
  const file = documentFileOf(folder, month);
  if (existsSync(file)) return { month, sha256: sha256(readFileSync(file)) };
  throw new LedgerlineError('not_found', `${file} is not there, and the next month is signed with its hash.`, {
    hint: `Copy it from where ${month} was closed, or from a backup. Where it was never written, \`ledgerline reconcile close --month ${month}\` writes it.`,
  });
}
