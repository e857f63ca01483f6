/** Cumulative spend: every point is the sum of the entries up to it, the time before likewise; what is not known is null, with the reason. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PanelAnswer } from '../../../collector/query/boards/answer.ts';
import type { CumulativeData } from '../../../collector/query/boards/cumulative-data.ts';
import type { StatusAnswer } from '../../../collector/query/budget-answers.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { event } from '../../support/entries.ts';
import { Random } from '../../support/random.ts';

/** Friday, 07:07 in New York, where the clock changed on the first of November. */
const NOW = Date.parse('2026-11-20T12:07:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The ledger's first record. */
const FIRST = NOW - 85 * DAY_MS;

const random = new Random(7);
const ENTRIES = Array.from({ length: 900 }, (_, index) => ({
  timeMs: index === 0 ? FIRST : FIRST + random.below(NOW - FIRST),
  team: ['platform', 'data', ''][index % 3] ?? '',
  cents: 1 + random.below(2_000),
}));
const BUDGETS = [
  { name: 'all', scope: {}, period: 'month', amount_usd: '12000.00' },
  { name: 'yearly', scope: {}, period: 'year', amount_usd: '90000.00' },
  { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '700.00', hard_limit: true },
  { name: 'each', scope: {}, per: 'team', period: 'month', amount_usd: '3000.00' },
];

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ nowMs: NOW, config: { timezone: 'America/New_York', budgets: BUDGETS } });
  await api.append(
    ENTRIES.map(({ timeMs, team, cents }, index) =>
      event({ id: `${index}`, sessionId: `${index}`, user: 'ada@example.com', team, timeMs, cost: (cents / 100).toFixed(2) }),
    ),
  );
});
afterAll(() => api.stop());

async function shown(query: string): Promise<CumulativeData> {
  const { body } = await api.get<PanelAnswer>(`/api/v1/boards/overview/panels/cumulative-spend?${query}`);
  if (body.data?.cumulative === undefined) throw new Error(JSON.stringify(body));
  return body.data.cumulative;
}

const cents = (amount: unknown): number => Math.round(Number(amount) * 100);
const spent = (fromSeconds: number, toSeconds: number, team?: string): number =>
  ENTRIES.filter((one) => one.timeMs >= fromSeconds * 1000 && one.timeMs < toSeconds * 1000 && (team === undefined || one.team === team)).reduce(
    (sum, one) => sum + one.cents,
    0,
  );
const iso = (seconds: number | null | undefined): string => new Date((seconds ?? 0) * 1000).toISOString().slice(0, 16);

describe('every point is the sum of the entries up to it', () => {
  test.each([
    ['', undefined],
    ['period=today', undefined],
    ['period=this_week&where=team:platform', 'platform'],
    ['period=last_month&where=team:data', 'data'],
    ['from=now-13d/d', undefined],
    ['from=2026-10-30&to=2026-11-04', undefined],
    ['from=2026-11-18T10:30:00Z&to=2026-11-19T09:15:00Z', undefined],
    ['from=2026-11-11T15:00:00Z&to=2026-11-16T20:00:00Z', undefined],
  ])('%s', async (query, team) => {
    const { at, amounts, previous, total, before, previous_from, previous_to } = await shown(query);
    const [from = 0] = at;
    const now = Math.min(NOW / 1000, at.at(-1) ?? 0);
    expect(at).toEqual([...new Set(at)].sort((a, b) => a - b));
    expect(amounts.map((amount) => (amount === null ? 'ahead' : cents(amount)))).toEqual(
      at.map((end) => (end > now ? 'ahead' : spent(from, end, team))),
    );
    expect(cents(total)).toBe(spent(from, now, team));
    expect(at).toContain(now);
    if (previous_from === null || previous_to === null) throw new Error('There is a time before.');
    expect(cents(before)).toBe(spent(previous_from, previous_to, team));
    expect(previous[at.indexOf(now)]).toBe(before);
    // Days of the calendar: as far from the beginning by the clock on the wall, so an hour more or less where that was changed.
    const wall = (seconds: number): number =>
      Temporal.Instant.fromEpochMilliseconds(seconds * 1000)
        .toZonedDateTimeISO('America/New_York')
        .toPlainDateTime()
        .toZonedDateTime('UTC').epochMilliseconds / 1000;
    const instant = (seconds: number): number =>
      Temporal.Instant.fromEpochMilliseconds(seconds * 1000)
        .toZonedDateTimeISO('UTC')
        .toPlainDateTime()
        .toZonedDateTime('America/New_York').epochMilliseconds / 1000;
    for (const [index, end] of at.entries()) {
      const then = previous[index];
      if (end === now || then === undefined || then === null) continue;
      expect([iso(end), cents(then)]).toEqual([iso(end), spent(previous_from, instant(wall(previous_from) + wall(end) - wall(from)), team)]);
    }
  });
});

test('the course goes on to the end of a running month, and shows the whole month before', async () => {
  const { at, amounts, previous, grain } = await shown('');
  expect([grain, at.length, iso(at[0]), iso(at.at(-1))]).toEqual(['day', 32, '2026-11-01T04:00', '2026-12-01T05:00']);
  expect(amounts.filter((amount) => amount === null)).toHaveLength(11);
  expect(previous).not.toContain(null);
});

test('a shorter month before ends where it ended', async () => {
  const { at, previous, before } = await shown('period=2026-10');
  // The thirty-first has no day to stand beside; the figure is that of the whole September.
  expect([at.length, previous.length, previous.at(-1)]).toEqual([32, 32, before]);
});

describe('what is not known', () => {
  test('is no zero where the ledger had not begun', async () => {
    const { before, previous, before_note } = await shown('period=2026-08');
    expect([before, previous, before_note]).toEqual([null, [], 'The ledger has nothing of the time before.']);
    expect((await shown('period=2026-09')).before_note).toBe('The ledger begins on 2026-08-27, within the time before.');
    expect((await shown('to=2026-11-01')).before_note).toBe('There is no time before to compare with.');
  });

  test('is no forecast of what is over or no period of the calendar', async () => {
    const notes = await Promise.all(['period=last_month', 'from=now-6d/d', 'from=2026-12-01&to=2027-01-01'].map((query) => shown(query)));
    expect(notes.map(({ forecast, forecast_note }) => [forecast, forecast_note])).toEqual([
      [null, 'This time range is over.'],
      [null, 'A forecast is made for a day, week, month, quarter or year that is still running.'],
      [null, 'This time range has not begun.'],
    ]);
  });
});

test('the forecast is that of a budget for the same', async () => {
  const { body } = await api.get<{ readonly budgets: readonly StatusAnswer[] }>('/api/v1/budgets?forecast=true');
  for (const [query, name] of [
    ['', 'all'],
    ['where=team:platform', 'platform'],
    ['where=team:data', 'each/data'],
    ['period=this_year', 'yearly'],
  ] as const) {
    const { forecast } = await shown(query);
    const own = body.budgets.find(({ key }) => key === name)?.forecast;
    expect([forecast?.median, forecast?.p90]).toEqual([own !== undefined && 'p50' in own && own.p50, own !== undefined && 'p50' in own && own.p90]);
  }
  expect(iso((await shown('')).forecast?.at)).toBe('2026-12-01T05:00');
});

describe('a budget is shown where its scope and its period are what is selected', () => {
  test.each([
    ['', ['all']],
    ['period=this_year', ['yearly']],
    ['where=team:platform', ['each/platform', 'platform']],
    ['where=team:data', ['each/data']],
    ['where=team:platform&where=team:data', []],
    ['period=last_month', []],
    ['from=now-6d/d', []],
    ['where=model:claude-opus-5-5', []],
  ])('%s', async (query, names) => {
    expect((await shown(query)).budgets.map(({ budget }) => budget).sort()).toEqual(names);
  });

  test('with what is left and until when', async () => {
    const { total, budgets } = await shown('');
    expect(budgets).toEqual([
      {
        budget: 'all',
        amount: '12000.00',
        remaining: expect.any(String),
        ends: Date.parse('2026-12-01T05:00:00Z') / 1000,
        runs_out: null,
        stopped: false,
      },
    ]);
    expect(cents(budgets[0]?.remaining)).toBe(1_200_000 - cents(total));
    expect((await shown('where=team:platform')).budgets.map(({ stopped }) => stopped)).toContain(true);
  });
});

test('as CSV it has a line for each point', async () => {
  const { text } = await api.get(`/api/v1/boards/overview/panels/cumulative-spend.csv`);
  const [head, first, ...rest] = text.trim().split('\r\n');
  expect(head).toBe('Time,Spent (usd),Previous period (usd),"Forecast, median (usd)","Forecast, 90th percentile (usd)",Budget all (usd)');
  expect(first).toBe('2026-11-01T04:00:00.000Z,0.00,0.00,,,12000.00');
  expect(rest).toHaveLength(31);
});
