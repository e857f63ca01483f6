/** Usage by period and session, and blocks of five hours, against an oracle that folds the entries themselves. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { shownSessionId } from '../../collector/catalog/session-ids.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { BLOCKS } from '../../collector/query/blocks.ts';
import { USAGE } from '../../collector/query/usage.ts';
import { USAGE_SESSIONS } from '../../collector/query/usage-sessions.ts';
import { event, NOON } from '../support/entries.ts';
import { Random } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';
import { among, amountOf, costOf, grouped, pico, randomEntries, TOKENS } from './random-entries.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Over both changes of the clock in Berlin. */
const FROM = Date.parse('2026-03-20T00:00:00Z');
const TO = Date.parse('2026-11-20T00:00:00Z');
const entries = randomEntries(new Random(11), { count: 400, fromMs: FROM, toMs: TO });
let asked: Questioned;

beforeAll(async () => {
  asked = await openQuestioned(TO);
  for (const own of Map.groupBy(entries, ({ sessionId }) => sessionId).values()) await asked.append(...own);
});
afterAll(() => asked.close());

/** The label of the period that an entry falls in, by dates alone. */
function labelOf({ timeMs }: Entry, grain: string, timeZone: string): string {
  const date = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDate();
  if (grain === 'month') return date.toString().slice(0, 7);
  return (grain === 'week' ? date.subtract({ days: date.dayOfWeek - 1 }) : date).toString();
}

const usageOf = (own: readonly Entry[]) => ({ cost: costOf(own), tokens: TOKENS.map((measure) => Number(amountOf(own, measure))) });

interface Shown {
  readonly cost_usd: string;
  readonly input_tokens: string | number;
  readonly output_tokens: string | number;
  readonly cache_read_tokens: string | number;
  readonly cache_creation_tokens: string | number;
  readonly total_tokens: string | number;
}

function shownUsage(row: Shown) {
  const tokens = [row.input_tokens, row.output_tokens, row.cache_read_tokens, row.cache_creation_tokens].map(Number);
  expect(Number(row.total_tokens)).toBe(tokens.reduce((sum, count) => sum + count, 0));
  return { cost: pico(row.cost_usd), tokens };
}

describe.each(['day', 'week', 'month'])('usage by %s', (grain) => {
  test.each(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Africa/Cairo'])('in %s is the sum of the entries, and so are its models', async (tz) => {
    const answer = await asked.put(USAGE, `grain=${grain}&tz=${tz}`);
    const expected = Map.groupBy(entries, (entry) => labelOf(entry, grain, tz));
    expect(answer.rows.map(({ period }) => period)).toEqual([...expected.keys()].sort());
    for (const row of answer.rows) {
      const own = expected.get(row.period) ?? [];
      expect(shownUsage(row)).toEqual(usageOf(own));
      const models = grouped(own, 'model');
      expect(row.models.length).toBe(models.size);
      for (const model of row.models) expect(shownUsage(model)).toEqual(usageOf(models.get(model.model === 'unknown' ? '' : model.model) ?? []));
    }
    expect(shownUsage(answer.totals)).toEqual(usageOf(entries));
  });
});

test('usage of a time range, a filter and a scope, newest first, at list price', async () => {
  const words = 'since=20260401&until=20260430&order=desc&cost=list&where=team:platform';
  const scope = [{ dimension: 'user', values: ['ada@example.com'] }] as const;
  const answer = await asked.put(USAGE, words, { scope });
  const range = { fromMs: Date.parse('2026-04-01T00:00Z'), toMs: Date.parse('2026-05-01T00:00Z') };
  const own = among(entries, range, [...scope, { dimension: 'team', values: ['platform'] }]);
  expect(pico(answer.totals.cost_usd)).toBe(own.reduce((sum, { listCost }) => sum + listCost, 0n));
  const periods = answer.rows.map(({ period }) => period);
  expect(periods).toEqual(periods.toSorted().reverse());
  expect(periods.length).toBeGreaterThan(0);
});

test('usage of sessions is that of their entries', async () => {
  const answer = await asked.put(USAGE_SESSIONS, 'limit=500&order=asc');
  const expected = Map.groupBy(entries, ({ sessionId }) => shownSessionId(sessionId));
  expect(answer.rows.length).toBe(expected.size);
  for (const row of answer.rows) expect(shownUsage(row)).toEqual(usageOf(expected.get(row.session_id) ?? []));
  expect(shownUsage(answer.totals)).toEqual(usageOf(entries));
  const newest = await asked.put(USAGE_SESSIONS, 'limit=3');
  expect([answer.is_complete, newest.is_complete]).toEqual([true, false]);
  expect((await asked.put(USAGE_SESSIONS, `limit=${expected.size}`)).is_complete).toBe(true);
  expect(newest.rows.map(({ full_id }) => full_id)).toEqual(
    answer.rows
      .map(({ full_id }) => full_id)
      .slice(-3)
      .reverse(),
  );
});

describe('blocks', () => {
  test('are windows of five hours from the full hour of the first use', async () => {
    const answer = await asked.put(BLOCKS, '');
    const expected: { startMs: number; own: Entry[] }[] = [];
    for (const entry of entries.toSorted((a, b) => a.timeMs - b.timeMs)) {
      const last = expected.at(-1);
      if (last !== undefined && entry.timeMs < last.startMs + 5 * HOUR) last.own.push(entry);
      else expected.push({ startMs: Math.floor(entry.timeMs / HOUR) * HOUR, own: [entry] });
    }
    expect(answer.blocks.map(({ start }) => Date.parse(start))).toEqual(expected.map(({ startMs }) => startMs));
    for (const [index, block] of answer.blocks.entries()) {
      const own = expected[index]?.own ?? [];
      expect(shownUsage(block)).toEqual(usageOf(own));
      expect(block.requests).toBe(own.length);
      expect(block.models.map(({ model }) => model).sort()).toEqual([...grouped(own, 'model').keys()].map((model) => model || 'unknown').sort());
    }
  });

  test('the one that runs has a rate and what it comes to; one that is over has no projection', async () => {
    const start = NOON;
    const own = await openQuestioned(start + 2 * HOUR + 900_000);
    try {
      const at = (id: string, timeMs: number, cost: string) => event({ id, cost, timeMs });
      await own.append(at('old', start - 2 * DAY, '5'), at('a', start + 900_000, '1'), at('b', start + 2 * HOUR, '3'));
      const { blocks } = await own.put(BLOCKS, 'period=7d');
      expect(blocks.map(({ start: begin, is_active }) => [begin, is_active])).toEqual([
        ['2026-11-18T12:00:00.000Z', false],
        ['2026-11-20T12:00:00.000Z', true],
      ]);
      // 4 USD and 60 tokens in two hours; 165 minutes are left.
      expect(blocks[1]).toMatchObject({
        ...{ end: '2026-11-20T17:00:00.000Z', last_activity: '2026-11-20T14:15:00.000Z', requests: 2, cost_usd: '4.00' },
        burn_rate: { usd_per_hour: '2.00', tokens_per_minute: 0.5, input_output_tokens_per_minute: 0.5 },
        projection: { cost_usd: '9.50', total_tokens: 142, remaining_minutes: 165 },
      });
      expect(blocks[0]?.projection).toBeNull();
    } finally {
      await own.close();
    }
  });

  test('one that begins later, by a clock that is ahead, does not run', async () => {
    const own = await openQuestioned(NOON);
    try {
      await own.append(event({ id: 'now', timeMs: NOON - HOUR }), event({ id: 'ahead', timeMs: NOON + 36 * HOUR }));
      const { blocks } = await own.put(BLOCKS, '');
      expect(blocks.map(({ is_active, projection }) => [is_active, projection !== null])).toEqual([
        [true, true],
        [false, false],
      ]);
    } finally {
      await own.close();
    }
  });

  test('may have another length', async () => {
    const { blocks, hours } = await asked.put(BLOCKS, 'hours=1&period=2026-05');
    expect(hours).toBe(1);
    for (const { start, end } of blocks) expect(Date.parse(end) - Date.parse(start)).toBe(HOUR);
  });
});

test('sessions that clients call the same are two, and one of several teams has what each of them used', async () => {
  const shared = await openQuestioned(NOON);
  await shared.append(
    event({ id: '1', sessionId: 'same', cost: '1' }),
    event({ id: '2', sessionId: 'same~0123456789', cost: '2', timeMs: NOON + 1 }),
    event({ id: '3', sessionId: 'same~0123456789', cost: '4', team: 'search', timeMs: NOON + 2 }),
  );
  const costs = async (words: string) => (await shared.put(USAGE_SESSIONS, words)).rows.map(({ cost_usd }) => cost_usd);
  expect(await costs('')).toEqual(['6.00', '1.00']);
  expect(await costs('where=team:search')).toEqual(['4.00']);
  await shared.close();
});
