/** Bars begin where the ledger's own periods do, also where a clock is set by half an hour: nothing lies between two of them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Calendar, QUARTER_MS } from '../../../collector/core/calendar.ts';
import type { PanelAnswer } from '../../../collector/query/boards/answer.ts';
import { barStarts } from '../../../collector/query/boards/bar-starts.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { event } from '../../support/entries.ts';

const DAY_MS = 96 * QUARTER_MS;
/** A zone, and a day on which its clock is set: back and forward by half an hour, by an hour, at midnight. */
const CLOCKS = [
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Asia/Colombo', '2006-04-15'],
  ['Asia/Pyongyang', '2015-08-15'],
  ['America/New_York', '2026-11-01'],
  ['America/Havana', '2026-03-08'],
] as const;

describe.each(CLOCKS)('%s on %s', (timeZone, date) => {
  const calendar = { timeZone, weekStart: 'monday' } as const;
  const noonMs = Date.parse(`${date}T12:00:00Z`);

  test.each(['quarter_hour', 'hour', 'day', 'week', 'month'] as const)('bars by %s are the periods of the ledger', (grain) => {
    const own = new Calendar(calendar);
    const timeRange = { fromMs: noonMs - 2 * DAY_MS, toMs: noonMs + 2 * DAY_MS };
    const quarters = Array.from({ length: 4 * 96 }, (_, index) => timeRange.fromMs + index * QUARTER_MS);
    const starts = quarters.map((timeMs) => own.startOf(grain, own.periodOf(grain, timeMs)));
    expect(barStarts(grain, timeRange, [], { calendar, nowMs: noonMs + 9 * DAY_MS })).toEqual([...new Set(starts)]);
  });
});

describe('a day on which the clock of Lord Howe is set', () => {
  const DAYS = ['2026-04-05', '2026-10-04'];
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ nowMs: Date.parse('2026-11-20T12:00:00Z'), config: { timezone: 'Australia/Lord_Howe' } });
    const quarters = DAYS.flatMap((day) =>
      Array.from({ length: 3 * 96 }, (_, index) => Date.parse(`${day}T00:00:00Z`) - DAY_MS + index * QUARTER_MS),
    );
    await api.append(quarters.map((timeMs, index) => event({ id: `${index}`, sessionId: `${index}`, timeMs, cost: '1' })));
  });
  afterAll(() => api.stop());

  test.each([
    ['2026-04-05', 24.5],
    ['2026-10-04', 23.5],
  ])('%s has each hour, and all of its spend', async (day, hours) => {
    const panel = async (id: string) => (await api.get<PanelAnswer>(`/api/v1/boards/overview/panels/${id}?period=${day}`)).body.data;
    const { cumulative } = await panel('cumulative-spend');
    expect([cumulative?.total, cumulative?.amounts.at(-1)].map(Number)).toEqual([hours * 4, hours * 4]);
    const { series } = await panel('cost-per-day-by-team');
    const drawn = series?.series[0]?.values.reduce<number>((sum, value) => sum + Number(value), 0);
    expect([series?.grain, drawn]).toEqual(['hour', hours * 4]);
  });
});
