/** Rows without a limit: the same as the query's, in order, a page at a time, about one instant. */
import { describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import type { Grain } from '../../../collector/core/calendar.ts';
import type { LedgerSnapshot, Row, RowsQuery } from '../../../collector/ledger/ledger.ts';
import { compareKeys } from '../../../collector/ledger/row-order.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const COST: RowsQuery = { measures: ['cost'], by: ['user'], grain: 'day', timeZone: 'UTC', where: [] };

export async function rowsOf(ledger: LedgerSnapshot, query: RowsQuery): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of ledger.rows(query)) rows.push(...page);
  return rows;
}

const GRAINS: readonly Grain[] = ['total', 'quarter_hour', 'hour', 'day', 'week', 'month'];
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'] as const;
const DIMENSIONS: readonly DimensionName[] = ['organization', 'team', 'user', 'workspace', 'model', 'tool'];

/** About days on which clocks change somewhere. */
const entryAt = (random: Random, id: number) =>
  event({
    id: String(id),
    sessionId: `session-${random.below(40)}`,
    timeMs: Date.parse(random.pick(['2026-10-24T00:00:00Z', '2026-10-31T00:00:00Z', '2026-10-03T10:00:00Z'])) + random.below(2 * DAY),
    cost: `0.${1 + random.below(99)}`,
    team: random.pick(['platform', 'data', '']),
    user: random.pick(['ann', 'Ben', 'c\u00e9line', '\u{1f600}', '\uffee', '']),
    model: random.pick(['claude-opus-5-5', 'claude-haiku-5-5']),
    dimensions: { workspace: random.pick(['shop', 'lab']), tool: random.pick(['Bash', '']) },
  });

export function randomRowsQuery(random: Random): RowsQuery {
  const from = Date.parse('2026-10-03T00:00:00Z') + random.below(33 * 24 * 4) * (HOUR / 4);
  return {
    measures: random.pick([['cost'], ['requests', 'cost'], ['input_tokens', 'sessions']] as const),
    by: random.shuffle(DIMENSIONS).slice(0, random.below(DIMENSIONS.length + 1)),
    grain: random.pick(GRAINS),
    timeZone: random.pick(ZONES),
    where: random.chance(0.3) ? [{ dimension: 'team', values: random.pick([['data'], ['platform', '']]) }] : [],
    ...(random.chance(0.2) && { whereNot: [{ dimension: 'user', values: ['Ben'] }] }),
    ...(random.chance(0.5) && { fromMs: from }),
    ...(random.chance(0.5) && { toMs: from + random.below(40 * 24 * 4) * (HOUR / 4) }),
  };
}

export const randomEntries = (random: Random, count: number) => Array.from({ length: count }, (_, index) => entryAt(random, index));

/** Each once, in order, and what the query says. */
export async function expectSameRows(ledger: LedgerSnapshot, query: RowsQuery): Promise<void> {
  const { rows, totals } = await ledger.query({ ...query, rowsMax: 100_000 });
  const walked = await rowsOf(ledger, query);
  expect({ query, rows: walked }).toEqual({ query, rows: rows.toSorted((a, b) => (a.startMs ?? 0) - (b.startMs ?? 0) || compareKeys(a.key, b.key)) });
  expect(query.measures.map((_, index) => walked.reduce((sum, row) => sum + (row.values[index] ?? 0n), 0n))).toEqual(totals);
}

export function describeRows(open: OpenStore): void {
  describe('rows for exports', () => {
    const ledger = useLedger(open);

    test('are those of the query, each once, by period and then by key, whatever is asked', async () => {
      const random = seededRandom('rows');
      await ledger.append(...randomEntries(random, 300));
      for (let round = 0; round < 60; round++) await expectSameRows(ledger.reader, randomRowsQuery(random));
    });

    test('are none where there is nothing', async () => {
      expect(await rowsOf(ledger.reader, COST)).toEqual([]);
      expect(await rowsOf(ledger.reader, { ...COST, grain: 'total' })).toEqual([]);
    });

    test('are about the instant of the first page, whatever is written between two', async () => {
      const days = Array.from({ length: 40 }, (_, day) => event({ id: `${day}`, timeMs: NOON - day * DAY }));
      await ledger.append(...days);
      const pages = ledger.reader.rows({ ...COST, by: ['user', 'model'] })[Symbol.asyncIterator]();
      const first = await pages.next();
      await ledger.append(event({ id: 'late', cost: '5' }));
      const rows: Row[] = [...(first.value ?? [])];
      for (let page = await pages.next(); page.done !== true; page = await pages.next()) rows.push(...page.value);
      expect(rows.reduce((sum, { values }) => sum + (values[0] ?? 0n), 0n)).toBe(usd('0.4'));
      expect((await rowsOf(ledger.reader, COST)).at(-1)?.values).toEqual([usd('5.01')]);
    });

    test('may be left in the middle, and let the next ones begin', async () => {
      await ledger.append(event({ id: 'a' }));
      for (let round = 0; round < 10; round++) {
        for await (const page of ledger.reader.rows(COST)) {
          expect(page).toHaveLength(1);
          break;
        }
      }
    });

    test('agree with the other answers of a snapshot, which may have a bound of its own', async () => {
      await ledger.append(event({ id: 'a' }));
      const seen = await ledger.reader.snapshot(
        async (held) => {
          await ledger.append(event({ id: 'b', timeMs: NOON + 1 }));
          return [(await rowsOf(held, COST))[0]?.values[0], (await held.query({ ...COST, rowsMax: 1 })).totals[0]];
        },
        { maxMs: 60_000 },
      );
      expect(seen).toEqual([usd('0.01'), usd('0.01')]);
      const late = ledger.reader.snapshot(() => Promise.withResolvers<never>().promise, { maxMs: 50 });
      await expect(late).rejects.toMatchObject({ code: 'unavailable', message: 'Reading the ledger at one instant took longer than 0.05 s.' });
    });
  });
}
