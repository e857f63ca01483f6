/** Is the copy the same ledger? Figure by figure, as readers see them; a sentence for each difference. */
import { isDeepStrictEqual } from 'node:util';
import { DIMENSION_NAMES, type DimensionName, MEASURE_NAMES } from '../../catalog/measures.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { LedgerReader, LedgerSnapshot, Query, Row } from '../../ledger/ledger.ts';
import { storable } from '../postgres/sql-text.ts';
import type { CopySource, CopyTarget } from './ends.ts';
import type { Say } from './progress.ts';
import { together } from './rows-together.ts';
import { differencesBeside } from './verify-beside.ts';
import { sessionDifferences } from './verify-sessions.ts';
import { tableDifferences } from './verify-tables.ts';

const ROWS_MAX = 10_000_000;
const ALL_MS = DAY_MS;
const ALWAYS = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

export interface BothEnds extends Pick<CalendarOptions, 'timeZone'> {
  readonly source: CopySource;
  readonly target: CopyTarget;
  readonly say: Say;
}

export async function* differences(both: BothEnds): AsyncGenerator<string, void> {
  const { source, target, say } = both;
  const [from, to] = [source.reader(), target.reader()];
  try {
    yield* differentFigures(both, from, to);
    yield* tableDifferences(source, target);
    yield* differencesBeside(source.beside, target.beside);
    say('checking the copy');
    const found = await to.check();
    // What the source has as well is as it was there.
    const known = found.length === 0 ? [] : await from.check();
    for (const difference of found) if (!known.includes(difference)) yield `The copy does not agree with itself: ${difference}`;
  } finally {
    await from.close();
    await to.close();
  }
}

async function* differentFigures({ source, target, timeZone, say }: BothEnds, from: LedgerReader, to: LedgerReader): AsyncGenerator<string, void> {
  const question = { measures: MEASURE_NAMES, timeZone, where: [], rowsMax: ROWS_MAX };
  yield* differentAnswers('status', from, to, async (ledger) => withoutVersion(await ledger.status()));
  say('verifying sums by month');
  yield* differentSums('', from, to, { ...question, by: [], grain: 'month' });
  for (const name of DIMENSION_NAMES) {
    say(`verifying sums by ${name}`);
    yield* differentSums(` by ${name}`, from, to, { ...question, by: [name], grain: 'total' });
  }
  say('verifying sessions');
  yield* sessionDifferences(source, target);
  yield* differentAnswers('closed months', from, to, (ledger) => ledger.closedMonths());
  yield* differentAnswers('what was moved out of closed months', from, to, async (ledger) =>
    sorted(await ledger.moved({ by: ['team'], rowsMax: ROWS_MAX })),
  );
  yield* differentAnswers('requests as the API counted them', from, to, async (ledger) => {
    const { sums, uncounted } = await ledger.apiRequests(ALWAYS);
    return [sorted(sums), sorted(uncounted)];
  });
  yield* differentAnswers('users', from, to, async (ledger) => sorted(await ledger.people()));
  yield* differentAnswers('requests and tokens by minute', from, to, async (ledger) => sorted(await ledger.minutes(ALWAYS)));
  yield* differentAnswers('repricings', from, to, (ledger) => ledger.repricings());
}

const withoutVersion = ({ schemaVersion: _, ...status }: Awaited<ReturnType<LedgerReader['status']>>) => status;

/** Names as the database can hold them. */
const plain = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? String(value) : typeof value === 'string' ? storable(value) : value)));

/** In an order of their own. */
const sorted = (rows: readonly object[]): string[] =>
  together(rows)
    .map((row) => JSON.stringify(plain(row)))
    .sort();

async function* differentAnswers<Answer>(
  what: string,
  from: LedgerReader,
  to: LedgerReader,
  ask: (ledger: LedgerSnapshot) => Promise<Answer>,
): AsyncGenerator<string, void> {
  const [one, other] = [await ask(from), await ask(to)];
  if (!isDeepStrictEqual(plain(one), plain(other))) yield `${what}: not the same.`;
}

async function* differentSums(by: string, from: LedgerReader, to: LedgerReader, query: Query): AsyncGenerator<string, void> {
  const [one, other] = [await sumsOf(from, query), await sumsOf(to, query)];
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    for (const [index, name] of query.measures.entries()) {
      const [was, is] = [one.get(key)?.[index] ?? 0n, other.get(key)?.[index] ?? 0n];
      if (was !== is) yield `${name}${by} of ${key}: ${was} at the source, ${is} in the copy.`;
    }
  }
}

async function sumsOf(ledger: LedgerReader, query: Query): Promise<Map<string, bigint[]>> {
  const { rows } = await ledger.snapshot((held) => held.query(query), { maxMs: ALL_MS });
  const sums = new Map<string, bigint[]>();
  for (const row of rows) {
    const sum = sums.getOrInsertComputed(nameOf(row, query.by), () => query.measures.map(() => 0n));
    for (const [index, value] of row.values.entries()) sum[index] = (sum[index] ?? 0n) + value;
  }
  return sums;
}

const nameOf = ({ startMs, key }: Row, by: readonly DimensionName[]): string =>
  by.length === 0 && startMs !== undefined ? new Date(startMs).toISOString() : JSON.stringify(key.map(storable));
