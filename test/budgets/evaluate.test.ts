import { describe, expect, test } from '@jest/globals';
import { evaluateBudgets } from '../../collector/budgets/evaluate.ts';
import type { Budget } from '../../collector/budgets/journal.ts';
import { scopeFilters, scopeText } from '../../collector/budgets/scope.ts';
import type { BudgetStatus } from '../../collector/budgets/status.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { adjustment, event, NOON, usd } from '../support/entries.ts';
import { openTestLedger } from '../support/sqlite-ledger.ts';

const calendar = { timeZone: 'UTC', weekStart: 'monday' } as const;
const DAY_MS = 86_400_000;

const budgetOf = (given: object): Budget => {
  const [budget] = configSchema.parse({ budgets: [{ name: 'b', ...('tokens' in given ? {} : { amount_usd: '100.00' }), ...given }] }).budgets;
  if (budget === undefined) throw new Error('one budget was given');
  return budget;
};

/** The statuses of one budget over a real ledger of these entries. */
async function statuses(budget: Budget, entries: readonly Entry[], nowMs = NOON): Promise<BudgetStatus[]> {
  const ledger = await openTestLedger();
  try {
    if (entries.length > 0) await ledger.writer.append({ entries, receivedMs: nowMs });
    return await evaluateBudgets([budget], { reader: ledger.reader, calendar, nowMs });
  } finally {
    await ledger.destroy();
  }
}

async function statusOf(...given: Parameters<typeof statuses>): Promise<BudgetStatus> {
  const [status] = await statuses(...given);
  if (status === undefined) throw new Error('a budget has a status');
  return status;
}

const reached = (status: BudgetStatus): string[] =>
  status.thresholds.filter((threshold) => threshold.reached).map(({ at, on, severity }) => `${on} ${at} ${severity}`);

test('a scope tells what a client calls "unallocated" from spend without a team', async () => {
  const entries = [event({ id: '1', cost: '1', team: '' }), event({ id: '2', cost: '2', team: 'unallocated', sessionId: 's2' })];
  const spentIn = async (team: string) => (await statusOf(budgetOf({ scope: { team } }), entries)).spent;
  expect([await spentIn('unallocated'), await spentIn("'unallocated'")]).toEqual([usd('1'), usd('2')]);
  expect(scopeText(scopeFilters({ team: "'unallocated'" }))).toBe("team='unallocated'");
});

describe('a budget of jobs', () => {
  const entry = (id: string, cost: string, job: string) =>
    event({ id, cost, sessionId: id, user: '', dimensions: { team: 'platform', ...(job !== '' && { job }) } });
  const entries = [entry('1', '30', 'ci:acme/api/nightly'), entry('2', '99', 'ci:acme/api/release'), entry('3', '7', '')];

  test('counts one of them, and stops it', async () => {
    const status = await statusOf(budgetOf({ scope: { job: 'ci:acme/api/release' }, amount_usd: '99.00', hard_limit: true }), entries);
    expect(status).toMatchObject({ spent: usd('99'), stopped: true });
    expect(scopeText(status.where)).toBe('job=ci:acme/api/release');
  });

  test('gives each the amount, and what is no job is in none', async () => {
    const found = await statuses(budgetOf({ per: 'job', amount_usd: '60.00' }), entries);
    expect(found.map(({ key, spent }) => [key, spent])).toEqual([
      ['b/ci:acme/api/nightly', usd('30')],
      ['b/ci:acme/api/release', usd('99')],
    ]);
    expect(found.map(reached)).toEqual([['actual 0.5 info'], ['actual 0.5 info', 'actual 0.8 warning', 'actual 1 critical']]);
  });
});

describe('what is posted for a closed month', () => {
  const DECEMBER_MS = Date.parse('2026-12-01T00:00:00Z');
  const nowMs = DECEMBER_MS + 3.5 * DAY_MS;

  /** November is closed; then its history of 400 USD comes, and a correction of what it had. */
  async function spentOf(given: object, late: readonly Entry[]): Promise<BudgetStatus[]> {
    const ledger = await openTestLedger();
    try {
      const usual = [event({ id: 'before', cost: '30' }), event({ id: 'today', cost: '5', timeMs: nowMs - 1_000, sessionId: 'today' })];
      await ledger.writer.append({ entries: usual.slice(0, 1), receivedMs: NOON });
      await ledger.writer.closeMonth('2026-11', DECEMBER_MS);
      await ledger.writer.append({ entries: [...usual.slice(1), ...late], receivedMs: nowMs });
      return await evaluateBudgets([budgetOf(given)], { reader: ledger.reader, calendar, nowMs });
    } finally {
      await ledger.destroy();
    }
  }
  const imported = [
    event({ id: 'late', cost: '400', timeMs: NOON + 1, sessionId: 'late' }),
    event({ id: 'bea', cost: '70', timeMs: NOON + 2, sessionId: 'bea', user: 'bea@example.com' }),
  ];

  test.each(['day', 'week', 'month'])('stops nobody by a budget of the present %s', async (period) => {
    const found = await spentOf({ per: 'user', period, amount_usd: '20.00', hard_limit: true }, imported);
    expect(found.map(({ key, spent, stopped }) => [key, spent, stopped])).toEqual([['b/alice@example.com', usd('5'), false]]);
  });

  test('counts where its month is within the period', async () => {
    expect(await spentOf({ period: 'quarter', hard_limit: true }, imported)).toMatchObject([{ spent: usd('505'), stopped: true }]);
    expect(await spentOf({ period: { rolling_days: 30 } }, imported)).toMatchObject([{ spent: usd('505') }]);
  });

  test('makes room for nobody where it takes something back', async () => {
    const less = adjustment({ id: 'less', cost: '-25', timeMs: NOON + 1 });
    expect(await spentOf({ period: 'month', amount_usd: '5.00', hard_limit: true }, [less])).toMatchObject([{ spent: usd('5'), stopped: true }]);
  });
});

describe('a budget that was changed', () => {
  const CHANGED_MS = NOON - DAY_MS;
  const changed = (then: object, now: object): Budget => ({ ...budgetOf(now), earlier: [{ untilMs: CHANGED_MS, budget: budgetOf(then) }] });
  const october = event({ id: '1', cost: '40', timeMs: NOON - 40 * DAY_MS });

  test('keeps what rolled over, and its past amount', async () => {
    const budget = changed({ rollover: true, amount_usd: '100.00' }, { rollover: true, amount_usd: '500.00' });
    expect(await statusOf(budget, [october])).toMatchObject({ base: usd('500'), rolledOver: usd('60') });
    expect(await statusOf(budget, [october], NOON - 40 * DAY_MS)).toMatchObject({ base: usd('100'), usedRatio: 0.4 });
  });

  test('keeps the past amounts of its members', async () => {
    const of = (amount_usd: string) => ({ amount_usd: '100.00', members: [{ user: 'alice@example.com', amount_usd }] });
    const past = await statuses(changed(of('10.00'), of('80.00')), [october], NOON - 40 * DAY_MS);
    expect(past[1]).toMatchObject({ base: usd('10'), spent: usd('40') });
  });

  test('in another unit says nothing of before', async () => {
    const budget = changed({ amount_usd: '100.00' }, { tokens: { amount: 7, classes: ['input'] } });
    expect(await statusOf(budget, [october], NOON - 40 * DAY_MS)).toMatchObject({ base: 7n, unit: 'tokens' });
  });
});

describe('a budget', () => {
  test('covers the calendar month of its own zone, also across the change of the clock', async () => {
    const budget = budgetOf({ time_zone: 'Europe/Berlin' });
    const status = await statusOf(budget, [], Date.parse('2026-10-31T23:30:00Z'));
    expect(new Date(status.periodStartMs).toISOString()).toBe('2026-10-31T23:00:00.000Z');
    expect(new Date(status.periodEndMs).toISOString()).toBe('2026-11-30T23:00:00.000Z');
    const october = await statusOf(budget, [], Date.parse('2026-10-31T22:59:59Z'));
    expect(new Date(october.periodStartMs).toISOString()).toBe('2026-09-30T22:00:00.000Z');
    expect(october.periodEndMs).toBe(status.periodStartMs);
  });

  test('of which exactly the amount is spent has reached it and is stopped; a pico-dollar before, it is not', async () => {
    const budget = budgetOf({ amount_usd: '12345.67', hard_limit: true });
    const spent = await statusOf(budget, [event({ id: '1', cost: '12345.67' })]);
    expect({ ratio: spent.usedRatio, remaining: spent.remaining, stopped: spent.stopped }).toEqual({ ratio: 1, remaining: 0n, stopped: true });
    expect(reached(spent)).toEqual(['actual 0.5 info', 'actual 0.8 warning', 'actual 1 critical']);
    const almost = await statusOf(budget, [event({ id: '1', cost: '12345.669999999999' })]);
    expect({ remaining: almost.remaining, stopped: almost.stopped }).toEqual({ remaining: 1n, stopped: false });
    expect(almost.usedRatio).toBeLessThan(1);
    expect(reached(almost)).toEqual(['actual 0.5 info', 'actual 0.8 warning']);
  });

  test('reaches its warning at exactly that share', async () => {
    const budget = budgetOf({ amount_usd: '10', thresholds: [{ at: 0.8 }] });
    expect(reached(await statusOf(budget, [event({ id: '1', cost: '8' })]))).toEqual(['actual 0.8 warning']);
    expect(reached(await statusOf(budget, [event({ id: '1', cost: '7.999999999999' })]))).toEqual([]);
  });

  test('of nothing is exhausted by the first cent, and allows no work from the start', async () => {
    const budget = budgetOf({ amount_usd: '0', hard_limit: true });
    const unused = await statusOf(budget, []);
    expect([unused.usedRatio, unused.stopped, reached(unused)]).toEqual([0, true, []]);
    const used = await statusOf(budget, [event({ id: '1', cost: '0.01' })]);
    expect([used.usedRatio, used.stopped]).toEqual([Number.POSITIVE_INFINITY, true]);
    expect(reached(used)).toContain('actual 1 critical');
  });

  test('names its scope in one order, and finds what is unallocated', () => {
    expect(scopeText(scopeFilters({}))).toBe('everything');
    expect(scopeText(scopeFilters({ user: 'alice', model: ['opus', 'haiku'] }))).toBe('model=opus|haiku, user=alice');
    expect(scopeFilters({ team: 'unallocated' })).toEqual([{ dimension: 'team', values: [''] }]);
    expect(scopeText(scopeFilters({ team: 'unallocated' }))).toBe('team=unallocated');
  });

  test('of once counts from its first day to before its last, and reaches nothing outside', async () => {
    const budget = budgetOf({ period: { from: '2026-11-10', to: '2026-11-20' }, amount_usd: '1', hard_limit: true });
    const entries = [event({ id: '1', timeMs: NOON - 10 * DAY_MS, cost: '3' }), event({ id: '2', cost: '5' })];
    const over = await statusOf(budget, entries);
    expect([over.spent, over.active, over.stopped, reached(over)]).toEqual([usd('3'), false, false, []]);
    const during = await statusOf(budget, entries, NOON - 5 * DAY_MS);
    expect([during.spent, during.active, during.stopped, during.period]).toEqual([usd('3'), true, true, '2026-11-10 to 2026-11-20']);
  });

  test('of rolling days counts today and the days before it', async () => {
    const budget = budgetOf({ period: { rolling_days: 3 } });
    const entries = [0, 1, 2, 3].map((back) => event({ id: String(back), timeMs: NOON - back * DAY_MS, cost: `${10 ** back}` }));
    const status = await statusOf(budget, entries);
    expect([status.spent, status.period]).toEqual([usd('111'), 'rolling 3 days']);
  });

  test('of tokens counts the classes it names, and no others', async () => {
    const amounts = { input_tokens: 10, output_tokens: 20, cache_read_tokens: 5000, cache_creation_tokens: 300 };
    const budget = budgetOf({ tokens: { amount: 60, classes: ['output', 'input'] } });
    const status = await statusOf(budget, [event({ id: '1', amounts })]);
    expect([status.unit, status.spent, status.limit, status.usedRatio]).toEqual(['tokens', 30n, 60n, 0.5]);
  });
});

describe('an amount', () => {
  const budget = budgetOf({ amounts: [{ from: '2026-11-20', amount_usd: '300' }] });

  test('that changes holds from its day, for the whole running period', async () => {
    const entries = [event({ id: '1', timeMs: NOON - 3 * DAY_MS, cost: '90' })];
    expect((await statusOf(budget, entries, Date.parse('2026-11-19T23:59:59Z'))).limit).toBe(usd('100'));
    const changed = await statusOf(budget, entries, Date.parse('2026-11-20T00:00:00Z'));
    expect([changed.limit, changed.spent]).toEqual([usd('300'), usd('90')]);
  });

  test('is raised for a time, and only then', async () => {
    const raise = { id: 1, key: 'b', amount: usd('50'), fromMs: NOON, untilMs: NOON + 1000, why: 'release', who: 'ops', atMs: NOON };
    const at = async (nowMs: number) => (await statusOf({ ...budgetOf({}), raises: [raise, { ...raise, key: 'other' }] }, [], nowMs)).raised;
    expect([await at(NOON - 1), await at(NOON), await at(NOON + 999), await at(NOON + 1000)]).toEqual([0n, usd('50'), usd('50'), 0n]);
  });

  const october = event({ id: 'oct', timeMs: Date.parse('2026-10-10T12:00Z'), cost: '60' });
  test('that is left of the period before is added when it rolls over, up to its bound', async () => {
    const left = async (given: object, entries = [october]) => (await statusOf(budgetOf({ rollover: true, ...given }), entries)).rolledOver;
    expect(await left({})).toBe(usd('40'));
    expect(await left({ rollover_max_usd: '15.00' })).toBe(usd('15'));
    expect(await left({ amount_usd: '50' })).toBe(0n);
    expect(await left({ scope: { team: 'data' } })).toBe(usd('100'));
    expect(await left({ amounts: [{ from: '2026-10-31', amount_usd: '70' }] })).toBe(usd('10'));
    expect((await statusOf(budgetOf({}), [october])).rolledOver).toBe(0n);
  });

  test('is not known to be left of a period of which the ledger has nothing', async () => {
    expect((await statusOf(budgetOf({ rollover: true }), [])).rolledOver).toBe(0n);
  });
});

describe('members', () => {
  const spend = [
    event({ id: '1', user: 'ada@example.com', cost: '210' }),
    event({ id: '2', user: 'ben@example.com', cost: '30' }),
    event({ id: '3', user: 'cleo@example.com', cost: '5' }),
    event({ id: '4', user: 'ada@example.com', team: 'data', cost: '999' }),
  ];

  test('of a team of 1000 have their 200 and 150, and the others the rest', async () => {
    const members = [
      { user: 'ada@example.com', amount_usd: '200.00' },
      { user: 'ben@example.com', amount_usd: '150.00' },
    ];
    const [team, ada, ben] = await statuses(budgetOf({ scope: { team: 'platform' }, amount_usd: '1000.00', members }), spend);
    expect(team).toMatchObject({ key: 'b', spent: usd('245'), limit: usd('1000'), team: 'platform', parent: undefined });
    expect(team?.allocation).toEqual({ allocated: usd('350'), rest: usd('650'), restSpent: usd('5') });
    expect(ada).toMatchObject({ key: 'b/ada@example.com', parent: 'b', spent: usd('210'), limit: usd('200'), remaining: usd('-10') });
    expect(ada?.scope).toBe('team=platform, user=ada@example.com');
    expect(ben).toMatchObject({ key: 'b/ben@example.com', spent: usd('30'), usedRatio: 0.2 });
  });

  test('each have the whole amount of a budget per user; nobody is no member', async () => {
    const all = await statuses(budgetOf({ scope: { team: 'platform' }, per: 'user' }), [...spend, event({ id: '5', user: '' })]);
    expect(all.map(({ key, spent }) => [key, spent])).toEqual([
      ['b/ada@example.com', usd('210')],
      ['b/ben@example.com', usd('30')],
      ['b/cleo@example.com', usd('5')],
    ]);
  });

  test('whom the scope names have a status before they spend anything', async () => {
    const [status] = await statuses(budgetOf({ scope: { user: ['new@example.com'] }, per: 'user' }), spend);
    expect(status).toMatchObject({ key: 'b/new@example.com', spent: 0n });
  });

  test('are raised one by one, or all by the name of their budget', async () => {
    const raise = { id: 1, amount: usd('1'), fromMs: 0, untilMs: NOON * 2, why: '', who: 'ops', atMs: 0 };
    const budget = {
      ...budgetOf({ per: 'user' }),
      raises: [
        { ...raise, key: 'b' },
        { ...raise, key: 'b/ada@example.com' },
      ],
    };
    expect((await statuses(budget, spend)).map(({ raised }) => raised)).toEqual([usd('2'), usd('1'), usd('1')]);
  });
});
