import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { showValue } from '../../collector/catalog/values.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { TREND, type TrendAnswer } from '../../collector/query/trend.ts';
import { event } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';
import { among, amountOf, costOf, grouped, pico, randomEntries, TOKENS } from './random-entries.ts';

const ZONE = 'Europe/Berlin';
const at = (local: string, zone = ZONE): number => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
const NOW = at('2026-11-20T15:20');
/** Nothing is known before. */
const FIRST = at('2026-09-09T08:00');
const entries = randomEntries(seededRandom('trend'), { count: 1_500, fromMs: FIRST + 3_600_000, toMs: NOW }).concat(
  randomEntries(seededRandom('trend'), { count: 1, fromMs: FIRST, toMs: FIRST + 1 }).map((entry) => ({ ...entry, sessionId: 'first' })),
);

let questioned: Questioned;
beforeAll(async () => {
  questioned = await openQuestioned(NOW, { timezone: ZONE });
  await questioned.append(...entries);
});
afterAll(() => questioned.close());

const trend = (words: string, scope: ReadScope = 'all'): Promise<TrendAnswer> => questioned.put(TREND, words, { scope });
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);

interface Case {
  readonly words: string;
  readonly scope?: ReadScope;
  readonly where?: readonly Filter[];
  readonly grain: 'day' | 'week' | 'month';
  readonly zone?: string;
  readonly from: string;
  readonly to: string;
}

const search = { dimension: 'team', values: ['search'] } as const;
const CASES: readonly (readonly [string, Case])[] = [
  ['thirty days', { words: '', grain: 'day', from: '2026-10-22', to: '2026-11-21' }],
  ['days before the first record', { words: 'days=90', grain: 'day', from: '2026-08-23', to: '2026-11-21' }],
  ['weeks', { words: 'weeks=9', grain: 'week', from: '2026-09-21', to: '2026-11-23' }],
  ['months', { words: 'months=3', grain: 'month', from: '2026-09-01', to: '2026-12-01' }],
  ['weeks that a month cuts', { words: 'month=2026-10&grain=week', grain: 'week', from: '2026-10-01', to: '2026-11-01' }],
  [
    'days of another zone',
    { words: 'from=2026-10-20&to=2026-11-05&tz=America/New_York', grain: 'day', zone: 'America/New_York', from: '2026-10-20', to: '2026-11-05' },
  ],
  ['what a team may see', { words: 'days=40', scope: [search], where: [search], grain: 'day', from: '2026-10-12', to: '2026-11-21' }],
  ['what a filter leaves', { words: 'days=40&where=team:search', where: [search], grain: 'day', from: '2026-10-12', to: '2026-11-21' }],
];
const AVERAGED = { day: 7, week: 4, month: 3 };

describe.each(CASES)('a trend of %s', (_, { words, scope = 'all', where = [], grain, zone = ZONE, from, to }) => {
  let answer: TrendAnswer;
  const range = { fromMs: at(from, zone), toMs: at(to, zone) };
  const own = among(entries, range, where);
  /** What who asks may see at all. */
  const seen = scope === 'all' ? entries : among(entries, { fromMs: 0, toMs: NOW }, where);
  /** The local date that a period begins with, by an oracle of its own. */
  const startOf = (date: Temporal.PlainDate): Temporal.PlainDate =>
    grain === 'day' ? date : grain === 'month' ? date.with({ day: 1 }) : date.subtract({ days: date.dayOfWeek - 1 });
  const bucketOf = (ms: number): string => startOf(Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate()).toString();
  const costs = (all: readonly Entry[]): Map<string, bigint> =>
    new Map([...Map.groupBy(all, ({ timeMs }) => bucketOf(timeMs))].map(([key, group]) => [key, costOf(group)]));
  beforeAll(async () => {
    answer = await trend(`${words}${words === '' ? '' : '&'}by=team&limit=2`, scope);
  });

  test('should have a point for each period, which add up to the total', () => {
    expect(answer.range).toMatchObject({ from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() });
    const oracle = costs(own);
    const starts: string[] = [];
    for (
      let date = startOf(Temporal.PlainDate.from(from));
      at(`${date}T00:00`, zone) < Math.min(range.toMs, NOW);
      date = startOf(date.add({ days: grain === 'day' ? 1 : grain === 'week' ? 7 : 31 }))
    )
      starts.push(date.toString());
    expect(answer.points.map(({ start }) => bucketOf(Date.parse(start)))).toEqual(starts);
    const known = answer.points.filter(({ value }) => value !== null);
    expect(known.map(({ start, value }) => [bucketOf(Date.parse(start)), pico(String(value))])).toEqual(
      known.map(({ start }) => [bucketOf(Date.parse(start)), oracle.get(bucketOf(Date.parse(start))) ?? 0n]),
    );
    expect(sum(known.map(({ value }) => pico(String(value))))).toBe(pico(String(answer.total)));
    expect(pico(String(answer.total))).toBe(costOf(own));
  });

  test('should know zero from nothing known', () => {
    const first = bucketOf(Math.min(...seen.map(({ timeMs }) => timeMs)));
    for (const { start, value } of answer.points)
      expect({ start, known: value !== null }).toEqual({ start, known: bucketOf(Date.parse(start)) >= first });
  });

  test('should average whole points alone', () => {
    const all = costs(among(entries, { fromMs: 0, toMs: range.toMs }, where));
    const first = bucketOf(Math.min(...seen.map(({ timeMs }) => timeMs)));
    for (const { start, moving_average, is_whole } of answer.points) {
      const date = startOf(Temporal.Instant.from(start).toZonedDateTimeISO(zone).toPlainDate());
      const back = Array.from({ length: AVERAGED[grain] }, (_, index) => date.subtract({ [`${grain}s`]: index }).toString());
      // A cut first period makes every average that it is in unknown.
      const isCut = back.some((key) => Temporal.PlainDate.compare(key, from) < 0 && key === startOf(Temporal.PlainDate.from(from)).toString());
      const expected =
        !is_whole || isCut || back.some((key) => key < first) ? null : sum(back.map((key) => all.get(key) ?? 0n)) / BigInt(back.length);
      expect([start, moving_average === null ? null : pico(String(moving_average))]).toEqual([start, expected]);
    }
  });

  test('should have the largest as series and all others as one', () => {
    const teams = [...grouped(own, 'team')].map(([team, group]) => ({ team, cost: costOf(group), group })).sort((a, b) => (a.cost < b.cost ? 1 : -1));
    expect(answer.series.map(({ value, total }) => ({ value, cost: pico(String(total)) }))).toEqual(
      teams.slice(0, 2).map(({ team, cost }) => ({ value: showValue('team', team), cost })),
    );
    expect(sum([...answer.series, ...(answer.others === null ? [] : [answer.others])].map(({ total }) => pico(String(total))))).toBe(costOf(own));
    for (const [index, { value, start }] of answer.points.entries()) {
      if (value === null) continue;
      for (const { value: name, values } of answer.series) {
        const group = teams.find(({ team }) => showValue('team', team) === name)?.group ?? [];
        expect(pico(String(values[index]))).toBe(costs(group).get(bucketOf(Date.parse(start))) ?? 0n);
      }
      const parts = [...answer.series, ...(answer.others === null ? [] : [answer.others])].map(({ values }) => pico(String(values[index])));
      expect(sum(parts)).toBe(pico(String(value)));
    }
  });

  test('should give the weekdays of whole days', () => {
    const days = answer.points.filter(({ is_whole, value }) => is_whole && value !== null);
    const weekdayOf = (start: string): string => Temporal.Instant.from(start).toZonedDateTimeISO(zone).toLocaleString('en', { weekday: 'long' });
    const oracle = Map.groupBy(days, ({ start }) => weekdayOf(start));
    for (const { weekday, days: count, average } of answer.weekdays) {
      const costsOfDay = (oracle.get(weekday) ?? []).map(({ value }) => pico(String(value)));
      expect([count, pico(String(average))]).toEqual([costsOfDay.length, sum(costsOfDay) / BigInt(costsOfDay.length)]);
    }
    expect(answer.weekdays.length).toBe(grain === 'day' ? 7 : 0);
  });

  test('should compare with the time before, where the ledger covers it', () => {
    const compared = { fromMs: Date.parse(answer.compared?.from ?? ''), toMs: Date.parse(answer.compared?.to ?? '') };
    const isCovered = bucketOf(compared.fromMs) > '2026-09-09';
    const before = costOf(among(entries, compared, where));
    if (scope === 'all') expect(answer.before === null).toBe(!isCovered);
    if (answer.before === null) expect([answer.change, answer.change_ratio]).toEqual([null, null]);
    else expect([pico(String(answer.before)), pico(String(answer.change))]).toEqual([before, costOf(own) - before]);
  });
});

describe('a trend', () => {
  test('should be of any sum', async () => {
    const { total, unit, points } = await trend('measure=tokens&days=10');
    const own = among(entries, { fromMs: at('2026-11-11'), toMs: NOW });
    expect([total, unit, points.length]).toEqual([Number(amountOf(own, ...TOKENS)), 'tokens', 10]);
  });

  test('should have nothing to say of an empty time', async () => {
    const { points, average, before, weekdays } = await trend('from=2026-07-01&to=2026-07-04');
    expect([points.map(({ value }) => value), average, before, weekdays]).toEqual([[null, null, null], null, null, []]);
  });

  test('should have few things in many days as a part of one', async () => {
    const few = await openQuestioned(NOW, { timezone: ZONE });
    try {
      await few.append(...['01', '14', '16', '16'].map((day, index) => event({ id: `${index}`, timeMs: at(`2026-11-${day}T12:00`) })));
      const { total, average, points, weekdays } = await few.put(TREND, 'measure=requests&from=2026-11-13&to=2026-11-20');
      expect([total, average, points.at(-1)?.moving_average]).toEqual([3, 0.428571, 0.428571]);
      expect(weekdays.find(({ weekday }) => weekday === 'Monday')).toMatchObject({ days: 1, average: 2 });
    } finally {
      await few.close();
    }
  });

  test('should have a point for what a clock that is ahead has dated', async () => {
    const ahead = await openQuestioned(NOW, { timezone: ZONE });
    try {
      await ahead.append(
        event({ id: '1', cost: '2', timeMs: at('2026-11-19T12:00') }),
        event({ id: '2', cost: '7', timeMs: at('2026-11-22T01:00') }),
      );
      const { total, points, series } = await ahead.put(TREND, 'period=this_month&by=team');
      expect(points.slice(-4).map(({ start, value, is_whole }) => [start.slice(0, 10), value, is_whole])).toEqual([
        ['2026-11-18', '2.00', true],
        ['2026-11-19', '0.00', false],
        ['2026-11-20', '0.00', false],
        ['2026-11-21', '7.00', false],
      ]);
      expect([total, series[0]?.values.slice(-4)]).toEqual(['9.00', ['2.00', '0.00', '0.00', '7.00']]);
    } finally {
      await ahead.close();
    }
  });

  test('as CSV should have a line for each point and series', async () => {
    const words = new URLSearchParams('days=2&by=team&limit=1');
    const { asked, answer } = await TREND.respond({ parameters: words }, questioned.asking);
    const lines = [...(TREND.csv?.(asked, answer) ?? [])].join('').trim().split('\r\n');
    expect(lines[0]).toBe('start,team,value');
    expect(lines.length).toBe(1 + 2 * (answer.others === null ? 1 : 2));
  });

  test.each([
    ['by=teem', 'by=teem is not a dimension', 'Did you mean "team"?'],
    ['by=team,user', 'by=team,user names 2 dimensions', 'at most 1'],
    ['measure=cost_per_request', 'measure=cost_per_request is no sum', 'Allowed: cost'],
    ['measure=costs', 'measure=costs is not known', 'Did you mean "cost"?'],
    ['days=7&weeks=2', 'days=7 cannot be combined with weeks', 'Give one'],
    ['days=7&period=today', 'days=7 cannot be combined with period', 'Give one'],
    ['days=0', 'days=0 is not a whole number', 'from 1 to 1000'],
    ['from=2020-01-01', 'grain=day makes more than 1000 points', 'Choose week or month'],
  ])('should refuse %s', async (words, message, hint) => {
    await expect(trend(words)).rejects.toMatchObject({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) });
  });

  test.each(['features', 'Client-Version', 'mcp', 'Repositories', 'organisation', 'developer'])('should know %s as a dimension', async (word) => {
    expect((await trend(`days=2&by=${word}`)).by).not.toBeNull();
  });
});
