import { afterEach, describe, expect, test } from '@jest/globals';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { FORECAST_ROLLOUT } from '../../../collector/query/forecast-rollout.ts';
import { forecastRollout } from '../../../collector/query/rollout/forecast.ts';
import { readPilot } from '../../../collector/query/rollout/pilot.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { Random, seededRandom } from '../../support/random.ts';
import { openQuestioned, type Questioned } from '../put-question.ts';

const DAY = 86_400_000;
/** Friday 20 November 2026: the eight weeks before it begin with a Friday. */
const TODAY = Date.parse('2026-11-20T00:00:00Z');

let questioned: Questioned;
afterEach(() => questioned.close());
const ask = (words: string) => questioned.put(FORECAST_ROLLOUT, words);
const PLAN = 'pilot=team:platform&users=400';

interface Use {
  readonly users: number;
  readonly days?: number;
  readonly isUsed?: (weekday: number, back: number, user: number) => boolean;
  readonly costOf?: (user: number, back: number) => string;
  readonly modelOf?: (user: number, back: number) => string;
}

/** Of the days before today, Mondays to Fridays unless said otherwise. */
function uses({ users, days = 56, isUsed = (weekday) => weekday % 6 !== 0, costOf = () => '10', modelOf = () => 'claude-opus-5-5' }: Use): Entry[] {
  return Array.from({ length: days }, (_, index) => index + 1).flatMap((back) =>
    Array.from({ length: users }, (_, user) => user)
      .filter((user) => isUsed(new Date(TODAY - back * DAY).getUTCDay(), back, user))
      .map((user) =>
        event({
          ...{ id: `${back} ${user}`, user: `user-${user}@example.com`, sessionId: `${back} ${user}`, timeMs: TODAY - back * DAY + 9 * 3_600_000 },
          ...{ cost: costOf(user, back), model: modelOf(user, back) },
        }),
      ),
  );
}

async function given(use: Use, config: object = {}): Promise<void> {
  questioned = await openQuestioned(NOON, config);
  await questioned.append(...uses(use));
}

describe('a roll-out from a pilot', () => {
  test('should be a point where every user costs the same, beside what is published', async () => {
    await given({ users: 20 });
    const answer = await ask(PLAN);
    expect(answer).toMatchObject({
      ...{ verdict: 'enough', findings: [], start: '2026-12-01', users: 400 },
      pilot: {
        ...{ filters: ['team:platform'], users: 20, days: 56, active_user_days: 800, cost_usd: '8000.00', largest_user_share: 0.05 },
        per_active_day: { mean_usd: '10.00', p50_usd: '10.00', p90_usd: '10.00', p99_usd: '10.00' },
        models: [{ model: 'claude-opus-5-5', share: 1, user_days: 800, users: 20, per_user_day_usd: '10.00' }],
      },
      // 23 working days, the most of any of the twelve months.
      recommended: { amount_usd: '92000.00', month: '2026-12', command: 'ledgerline budget set rollout --amount 92000.00 --period month' },
      published: [
        { edition: '2025', average_usd: '6.00', working_days: 23, every_working_day_usd: '55200.00', measured_days_usd: '55200.00' },
        { edition: '2026', average_usd: '13.00', working_days: 23, every_working_day_usd: '119600.00', measured_days_usd: '119600.00' },
      ],
    });
    expect(answer.pilot.active_share).toBeCloseTo(5 / 7, 6);
    expect(answer.pilot.weekdays.map(({ share }) => share)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2, 0, 0]);
    expect(answer.months).toHaveLength(12);
    expect(answer.months[0]).toEqual({
      ...{ month: '2026-12', from: '2026-12-01', to: '2026-12-31', days: 31, working_days: 23, users: 400, p50_usd: '92000.00', p90_usd: '92000.00' },
    });
    // 261 working days from December 2026 to November 2027.
    expect(answer.total).toEqual({ p50_usd: '1044000.00', p90_usd: '1044000.00' });
  });

  test('should begin when it is to, and ramp up', async () => {
    await given({ users: 20 });
    const { months } = await ask(`${PLAN}&start=2026-12-14&ramp=25,50,100`);
    // 14 to 20 December: 5 days of 100; 21 to 27: 5 of 200; 28 to 31: 4 of 400.
    expect(months[0]).toMatchObject({ from: '2026-12-14', working_days: 14, users: 400, p50_usd: '31000.00', p90_usd: '31000.00' });
  });

  test('should count days without use, and users who sent nothing', async () => {
    await given({ users: 20, isUsed: (weekday, back, user) => weekday % 6 !== 0 && Math.floor(back / 7) % 2 === user % 2 });
    const half = await ask(PLAN);
    expect(half.pilot.active_user_days).toBe(400);
    expect(Number(half.months[0]?.p50_usd)).toBeGreaterThan(36_000);
    expect(Number(half.months[0]?.p50_usd)).toBeLessThan(56_000);
    const silent = await ask(`${PLAN}&pilot_users=40`);
    expect(silent.pilot).toMatchObject({ users: 40, active_user_days: 400 });
    expect(Number(silent.months[0]?.p50_usd) / Number(half.months[0]?.p50_usd)).toBeCloseTo(0.5, 1);
  });

  test('should be the same whatever users are called, and again', async () => {
    const costOf = (user: number, back: number): string => `${1 + ((user * 7 + back * 3) % 11)}`;
    await given({ users: 12, costOf });
    const answer = await ask(`${PLAN}&ramp=6`);
    expect(await ask(`${PLAN}&ramp=6`)).toEqual(answer);
    await questioned.close();
    await given({ users: 12, costOf: (user, back) => costOf(11 - user, back) });
    expect((await ask(`${PLAN}&ramp=6`)).months).toEqual(answer.months);
  });

  test('should see the pilot alone, in its time alone, and only what who asks may see', async () => {
    await given({ users: 20 });
    await questioned.append(
      event({ id: 'today', cost: '900', timeMs: NOON }),
      event({ id: 'other', team: 'search', cost: '900', timeMs: NOON - DAY }),
    );
    expect(await ask(PLAN)).toMatchObject({ pilot: { users: 20, cost_usd: '8000.00' }, verdict: 'enough' });
    const { pilot } = await ask(`${PLAN}&since=2026-10-20&until=2026-11-18`);
    expect(pilot).toMatchObject({ days: 28, range: { from: '2026-10-22T00:00:00.000Z', to: '2026-11-19T00:00:00.000Z' } });
    const scoped = await questioned.put(FORECAST_ROLLOUT, PLAN, { scope: [{ dimension: 'team', values: ['search'] }] });
    expect(scoped).toMatchObject({ verdict: 'too_small', pilot: { users: 0, cost_usd: '0.00' }, recommended: null });
  });
});

describe('the spread of a pilot', () => {
  test('should be what a plain computation over the entries finds', async () => {
    questioned = await openQuestioned(NOON);
    const random = seededRandom('pilot');
    const entries = Array.from({ length: 900 }, (_, index) =>
      event({
        ...{ id: `${index}`, sessionId: `${index}`, user: `user-${random.below(23)}`, cost: `${random.below(9_000) / 1_000}` },
        ...{ timeMs: TODAY - 1 - random.below(56 * DAY), model: random.pick(['m-one', 'm-two']) },
      }),
    );
    await questioned.append(...entries, event({ id: 'first', user: 'user-1', cost: '0.5', timeMs: TODAY - 56 * DAY }));
    const all = [...entries, event({ id: 'first', user: 'user-1', cost: '0.5', timeMs: TODAY - 56 * DAY })];
    const sum = (some: readonly Entry[]): number => some.reduce((cost, entry) => cost + Number(entry.cost), 0) / 1e12;
    const days = [...Map.groupBy(all, ({ timeMs, dimensions }) => `${dimensions.user} ${Math.floor(timeMs / DAY)}`).values()]
      .map(sum)
      .filter((cost) => cost > 0);
    const users = [...Map.groupBy(all, ({ dimensions }) => dimensions.user).values()].map((own) => (sum(own) * 30) / 56);
    const rank = (amounts: readonly number[], share: number): number =>
      amounts.toSorted((a, b) => a - b).find((_, before) => before + 1 >= share * amounts.length - 1e-6) ?? Number.NaN;
    const { pilot } = await ask(PLAN);
    for (const [answered, amounts] of [[pilot.per_active_day, days] as const, [pilot.per_user_30_days, users] as const]) {
      expect(Number(answered?.mean_usd)).toBeCloseTo(amounts.reduce((all, amount) => all + amount, 0) / amounts.length, 6);
      for (const [name, share] of [
        ['p50_usd', 0.5],
        ['p90_usd', 0.9],
        ['p99_usd', 0.99],
      ] as const)
        expect(Number(answered?.[name])).toBeCloseTo(rank(amounts, share), 6);
    }
    expect(pilot.active_user_days).toBe(days.length);
    expect(pilot.models.reduce((all, model) => all + model.user_days, 0)).toBe(days.length);
    expect(pilot.largest_user_share).toBeCloseTo(Math.max(...users) / users.reduce((all, user) => all + user, 0), 5);
    expect(pilot.weekdays.reduce((all, { share }) => all + (share ?? 0), 0)).toBeCloseTo(1, 4);
  });
});

describe('a mix of models', () => {
  const isOpus = (user: number, back: number): boolean => (user + back) % 2 === 0;
  const use: Use = {
    users: 20,
    costOf: (user, back) => (isOpus(user, back) ? '30' : '10'),
    modelOf: (user, back) => (isOpus(user, back) ? 'claude-opus-5-5' : 'claude-sonnet-5'),
  };

  test('should weigh the days of each model anew: of 30 and 10 dollars, a fifth and four fifths are 14, against 20 now', async () => {
    await given(use);
    const answer = await ask(`${PLAN}&mix=opus%3D20,claude-sonnet-5%3D80`);
    expect(answer).toMatchObject({
      verdict: 'enough',
      mix: {
        factor: 0.7,
        models: [
          { name: 'opus', percent: 20, per_user_day_usd: '30.00' },
          { name: 'claude-sonnet-5', percent: 80, per_user_day_usd: '10.00' },
        ],
      },
    });
    expect(Number(answer.months[0]?.p50_usd) / (14 * 400 * 23)).toBeCloseTo(1, 1);
  });

  test('should be refused where a model was never used, and called thin where it hardly was', async () => {
    await given({ ...use, modelOf: (user, back) => (user === 0 && back < 14 ? 'claude-haiku-5-5' : 'claude-sonnet-5') });
    const unknown = await ask(`${PLAN}&mix=opus%3D20,sonnet%3D80`);
    expect(unknown).toMatchObject({ verdict: 'too_small', mix: null, months: [], recommended: null });
    expect(unknown.findings).toEqual([expect.objectContaining({ code: 'mix_unknown', severity: 'critical' })]);
    const thin = await ask(`${PLAN}&mix=haiku%3D20,sonnet%3D80`);
    expect(thin).toMatchObject({ verdict: 'small', findings: [{ code: 'mix_thin', severity: 'warning' }] });
    expect(thin.months).toHaveLength(12);
  });
});

describe('a pilot that is too small', () => {
  test.each<[string, Use, string, object]>([
    ['without spend', { users: 0 }, 'too_small', { code: 'pilot_without_spend' }],
    ['of four users', { users: 4 }, 'too_small', { code: 'pilot_users', remedy: '1 more user for a forecast, 16 more users for a good one.' }],
    ['of ten users', { users: 10 }, 'small', { code: 'pilot_users', severity: 'warning', remedy: '10 more users for a good one.' }],
    [
      'of thirteen days',
      { users: 20, days: 13, isUsed: () => true },
      'too_small',
      { code: 'pilot_days', remedy: 'Wait: 1 more for a forecast, 15 more for a good one.' },
    ],
    [
      'of twenty days',
      { users: 20, days: 20, isUsed: () => true },
      'small',
      { code: 'pilot_days', severity: 'warning', remedy: '8 more days would do.' },
    ],
    [
      'with hardly any use',
      { users: 20, isUsed: (_, back, user) => (back === 56 ? user < 10 : back === 1 && user >= 11) },
      'too_small',
      { code: 'pilot_use', message: 'The pilot has 19 days of use, over all users.' },
    ],
    [
      'with one user who costs most of it',
      { users: 21, costOf: (user) => (user === 0 ? '300' : '10') },
      'too_small',
      // 300 of 300 + 10 (n - 1) are three tenths for 71 users.
      {
        code: 'pilot_largest_user',
        severity: 'critical',
        message: "One user has 60 % of the pilot's spend.",
        remedy: 'With 71 users like these it would have 30 %.',
      },
    ],
    [
      'with one user who costs much of it',
      { users: 21, costOf: (user) => (user === 0 ? '120' : '10') },
      'small',
      { code: 'pilot_largest_user', severity: 'warning', remedy: 'With 29 users like these it would have 30 %.' },
    ],
    [
      'that still grows',
      { users: 40, isUsed: (weekday, back, user) => weekday % 6 !== 0 && (user < 20 || back < 20) },
      'small',
      { code: 'pilot_still_growing' },
    ],
  ])('%s should say so, and what would suffice', async (_, use, verdict, finding) => {
    await given(use);
    const answer = await ask(PLAN);
    expect(answer.verdict).toBe(verdict);
    expect(answer.findings).toContainEqual(expect.objectContaining(finding));
    expect(answer.months).toHaveLength(verdict === 'too_small' ? 0 : 12);
    expect(answer.recommended === null).toBe(verdict === 'too_small');
  });

  test('should not hide spend without a user', async () => {
    await given({ users: 20 });
    await questioned.append(event({ id: 'nobody', user: '', cost: '2000', timeMs: NOON - DAY }));
    expect(await ask(PLAN)).toMatchObject({
      ...{ verdict: 'small', pilot: { unattributed_usd: '2000.00', cost_usd: '8000.00' } },
      findings: [{ code: 'pilot_unattributed', message: "20 % of the pilot's spend has no user, and is not in the forecast." }],
    });
  });

  test('should have a wider band than a large one with the same users', async () => {
    const costOf = (user: number): string => `${5 + (user % 5) * 5}`;
    await given({ users: 5, costOf });
    const small = await ask(PLAN);
    await questioned.close();
    await given({ users: 100, costOf });
    const large = await ask(PLAN);
    const width = ({ months: [month] }: typeof small): number => Number(month?.p90_usd) / Number(month?.p50_usd);
    expect(width(small)).toBeGreaterThan(1.2);
    expect(width(large)).toBeLessThan(1.1);
    expect([small.verdict, large.verdict]).toEqual(['small', 'enough']);
  });
});

test('amounts of any size are added up exactly', async () => {
  await given({ users: 5, costOf: (user) => (user === 0 ? '999999.999999' : '999999.999998') });
  const { months } = await ask('pilot=team:platform&users=4000');
  expect(Number(months[0]?.p50_usd) / (999_999.999998 * 4_000 * 23)).toBeCloseTo(1, 9);
  expect(usd(months[0]?.p90_usd ?? '0') >= usd(months[0]?.p50_usd ?? '1')).toBe(true);
});

test('the month of the pilot itself is within the band that its first half gives', async () => {
  // One of ten months may be beyond a 90th percentile: this one is always the same.
  const random = new Random(1);
  await given({ users: 20, isUsed: (weekday) => weekday % 6 !== 0 && random.chance(0.8), costOf: () => `${random.below(40)}` });
  const calendar = { timeZone: 'UTC', weekStart: 'monday' } as const;
  const start = Temporal.PlainDate.from('2026-10-16');
  const startMs = start.toZonedDateTime('UTC').epochMilliseconds;
  const where = [{ dimension: 'team', values: ['platform'] }] as const;
  const pilot = await readPilot(questioned.ledger.reader, {
    where,
    range: { fromMs: startMs - 21 * DAY, toMs: startMs },
    calendar,
    headcount: undefined,
  });
  const { forecast } = await forecastRollout(pilot, { users: 20, start, ramp: [], mix: [], headcount: undefined, timeZone: 'UTC' });
  const { totals } = await questioned.ledger.reader.query({
    ...{ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', rowsMax: 1, where, fromMs: startMs, toMs: Date.parse('2026-11-01T00:00:00Z') },
  });
  expect(totals[0]).toBeLessThan(forecast?.months[0]?.p90 ?? 0n);
});

describe('what is asked', () => {
  test.each([
    ['users=400', 'pilot', 'is missing'],
    ['pilot=team:platform', 'users', 'is missing'],
    ['pilot=platform&users=4', 'pilot=platform', 'is not a filter'],
    ['pilot=team:platform&users=0', 'users=0', 'from 1 to 50000'],
    [`${PLAN}&start=2026-02-30`, 'start=2026-02-30', 'is not a day'],
    [`${PLAN}&start=tomorrow`, 'start=tomorrow', 'is not a day'],
    [`${PLAN}&ramp=50,40`, 'ramp=50,40', 'is no ramp-up'],
    [`${PLAN}&mix=opus`, 'mix=opus', 'is no mix of models'],
  ])('%s should be refused with what is wrong', async (words, ...said) => {
    questioned = await openQuestioned(NOON);
    const error = await ask(words).catch((thrown: Error) => thrown.message);
    for (const part of said) expect(error).toContain(part);
  });

  test('of a long time the last 182 days are taken, and of today none', async () => {
    await given({ users: 5, days: 250, isUsed: (_weekday, back) => back % 5 === 0 });
    expect((await ask(`${PLAN}&period=2026`)).pilot).toMatchObject({ days: 175, range: { to: '2026-11-20T00:00:00.000Z' } });
    expect(await ask(`${PLAN}&period=today`)).toMatchObject({
      verdict: 'too_small',
      pilot: { days: 0, range: null },
      findings: [{ code: 'pilot_without_spend' }],
    });
  });

  test('a pilot that no record has gets the nearest name', async () => {
    await given({ users: 5, days: 14 });
    expect((await ask('pilot=team:platfrom&users=4')).hints).toEqual([expect.objectContaining({ nearest: 'platform' })]);
  });
});
