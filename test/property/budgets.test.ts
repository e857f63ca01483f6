/**
 * Budgets of every kind, over the nights on which clocks change, leap days and the ends of months, in zones with odd offsets: what a
 * budget has spent is always what plain arithmetic over the entries says, and what the ledger answers for the same stretch and scope.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { amountAt, evaluateBudgets } from '../../collector/budget.ts';
import type { Budget } from '../../collector/budget-book.ts';
import { budgetMistakes } from '../../collector/budget-check.ts';
import { budgetSchema } from '../../collector/budget-config.ts';
import { budgetSpan } from '../../collector/budget-period.ts';
import type { BudgetStatus } from '../../collector/budget-status.ts';
import type { Entry, Filter } from '../../collector/ledger.ts';
import { event, usd } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const ROUNDS = 250;
const ENTRIES = 900;
const LEDGER = { timeZone: 'Europe/Berlin', weekStart: 'monday' } as const;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Apia',
  'Africa/Cairo',
];
const TEAMS = ['platform', 'data', ''];
const USERS = ['ada@example.com', 'ben@example.com', 'cleo@example.com', ''];
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5'];
const QUARTER = 900_000;
const DAY = 86_400_000;
/** Around which all happens: clocks forward and back in both halves of the world, leap days, the ends of a year and of a February. */
const MOMENTS = [
  '2024-02-29T12:00Z',
  '2023-12-31T23:30Z',
  '2024-03-31T01:00Z',
  '2024-10-27T01:00Z',
  '2024-04-25T22:00Z',
  '2024-11-03T06:00Z',
  '2024-04-06T15:30Z',
].map((text) => Date.parse(text));

const near = (random: Random, spread: number): number => {
  const edge = random.chance(0.3) ? 0 : random.below(2 * spread) - spread;
  return random.pick(MOMENTS) + edge - (random.chance(0.2) ? 1 : 0);
};

function generateEntries(random: Random): Entry[] {
  return Array.from({ length: ENTRIES }, (_, index) => {
    const timeMs = random.chance(0.5) ? Math.floor(near(random, 40 * DAY) / QUARTER) * QUARTER - random.below(2) : near(random, 40 * DAY);
    return event({
      ...{ id: String(index), sessionId: `s${index}`, timeMs, team: random.pick(TEAMS), user: random.pick(USERS), model: random.pick(MODELS) },
      cost: `${random.below(50)}.${random.below(1_000_000_000)}`,
      amounts: { requests: 1, input_tokens: random.below(1000), output_tokens: random.below(1000), cache_read_tokens: random.below(9000) },
    });
  });
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function generateBudget(random: Random, index: number): Budget {
  const from = near(random, 60 * DAY);
  const period = random.pick<unknown>([
    ...['day', 'week', 'month', 'quarter', 'year'],
    ...[{ rolling_days: 1 + random.below(60) }, { from: day(from), to: day(from + (1 + random.below(50)) * DAY) }],
  ]);
  const scope = {
    ...(random.chance(0.5) && { team: random.chance(0.5) ? random.pick(['platform', 'unallocated']) : ['platform', 'data'] }),
    ...(random.chance(0.3) && { model: random.pick(MODELS) }),
    ...(random.chance(0.3) && { user: random.chance(0.5) ? 'ada@example.com' : ['ada@example.com', 'ben@example.com', 'nobody@example.com'] }),
  };
  const isOfTokens = random.chance(0.3);
  const members = [
    { user: 'ada@example.com', ...(isOfTokens ? { tokens: 20 } : { amount_usd: '20' }) },
    { user: 'zoe@example.com', ...(isOfTokens ? { tokens: 15 } : { amount_usd: '15' }) },
  ];
  const changes = random.chance(0.4)
    ? [{ from: day(near(random, 30 * DAY)), ...(isOfTokens ? { tokens: 700 } : { amount_usd: '700.00' }) }]
    : undefined;
  return budgetSchema.parse({
    ...{ name: `b${index}`, scope, period, time_zone: random.pick(ZONES), week_start: random.pick(['monday', 'sunday', 'saturday']) },
    ...(isOfTokens
      ? { tokens: { amount: 1 + random.below(100_000), classes: random.pick([['input'], ['input', 'output'], ['cache_read']]) } }
      : { amount_usd: `${100 + random.below(900)}.50` }),
    ...(random.chance(0.25) ? { per: 'user' } : random.chance(0.3) ? { members } : {}),
    ...(changes !== undefined && { amounts: changes }),
    ...(typeof period === 'string' && random.chance(0.5) && { rollover: true, ...(!isOfTokens && random.chance(0.5) && { rollover_max_usd: '33' }) }),
    hard_limit: random.chance(0.5),
  });
}

/** The same as the ledger, by going through every entry. */
function addedUp(entries: readonly Entry[], where: readonly Filter[], measures: readonly string[], fromMs: number, toMs: number): bigint {
  const within = entries.filter(
    ({ timeMs, dimensions }) =>
      timeMs >= fromMs && timeMs < toMs && where.every(({ dimension, values }) => values.includes(dimensions[dimension] ?? '')),
  );
  const amounts = within.flatMap(({ cost, amounts: own }) =>
    measures.map((measure) => (measure === 'cost' ? cost : BigInt(own[measure as keyof typeof own] ?? 0))),
  );
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

describe('the spend of a budget is the spend of the ledger', () => {
  const random = seededRandom('budgets');
  const entries = generateEntries(random);
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger(LEDGER);
    await ledger.writer.append({ entries, receivedMs: Math.max(...MOMENTS) + 60 * DAY });
  });
  afterAll(() => ledger.destroy());

  function expectExact(status: BudgetStatus): void {
    const { where, measures, periodStartMs: fromMs, periodEndMs: toMs } = status;
    const expected = addedUp(entries, where, measures, fromMs, toMs);
    const asked = ledger.reader.query({ measures, by: [], fromMs, toMs, grain: 'total', timeZone: 'UTC', where, rowsMax: 10 });
    expect({ status, spent: status.spent }).toEqual({ status, spent: expected });
    expect(asked.totals.reduce((sum, total) => sum + total, 0n)).toBe(expected);
    expect(status.remaining).toBe(status.limit - status.spent);
    expect(status.limit).toBe(status.base + status.rolledOver + status.raised);
  }

  function expectItsRules(budget: Budget, status: BudgetStatus, nowMs: number): void {
    const span = budgetSpan(budget, nowMs, LEDGER);
    expect(span.isActive).toBe(status.periodStartMs <= nowMs && nowMs < status.periodEndMs);
    expect(status.stopped).toBe(budget.hard_limit === true && span.isActive && status.spent >= status.limit);
    for (const { at, on, reached } of status.thresholds) {
      const isReached = on === 'actual' && status.active && status.spent > 0n && status.spent * 1000n >= status.limit * BigInt(Math.round(at * 1000));
      expect({ at, on, reached }).toEqual({ at, on, reached: isReached });
    }
    if (span.previous === undefined || budget.rollover !== true || status.parent !== undefined) {
      expect(status.rolledOver).toBe(0n);
      return;
    }
    const { fromMs, toMs } = span.previous;
    const left = amountAt(budget, toMs - 1, span.calendar.timeZone) - addedUp(entries, status.where, status.measures, fromMs, toMs);
    const isKnown = addedUp(entries, [], status.measures, fromMs, toMs) > 0n;
    const bound = budget.rollover_max_usd === undefined ? left : usd(budget.rollover_max_usd);
    expect(status.rolledOver).toBe(!isKnown || left <= 0n ? 0n : left < bound ? left : bound);
  }

  test('whatever the period, the zone, the scope and the moment, alone and all at once', () => {
    const nowMs = near(random, 20 * DAY);
    const budgets = Array.from({ length: ROUNDS }, (_, index) => generateBudget(random, index));
    expect(budgetMistakes(budgets).filter(({ path }) => !path.includes('members') && !path.includes('period'))).toEqual([]);
    const together = evaluateBudgets(budgets, { reader: ledger.reader, calendar: LEDGER, nowMs });
    for (const status of together) expectExact(status);
    for (const budget of budgets) {
      const alone = evaluateBudgets([budget], { reader: ledger.reader, calendar: LEDGER, nowMs });
      expect(alone).toEqual(together.filter(({ name }) => name === budget.name));
      for (const status of alone) expectItsRules(budget, status, nowMs);
    }
  });

  test('periods of the calendar follow one another without a gap, and every entry belongs to exactly one', () => {
    for (let round = 0; round < 60; round++) {
      const budget = { ...generateBudget(random, round), per: undefined, members: undefined, rollover: false };
      if (typeof budget.period !== 'string' || budget.period === 'day') continue;
      const nowMs = near(random, 20 * DAY);
      const current = budgetSpan(budget, nowMs, LEDGER);
      expect(current.fromMs <= nowMs && nowMs < current.toMs).toBe(true);
      expect(budgetSpan(budget, current.toMs, LEDGER).fromMs).toBe(current.toMs);
      expect(budgetSpan(budget, current.fromMs - 1, LEDGER)).toMatchObject({ fromMs: current.previous?.fromMs, toMs: current.fromMs });
    }
  });

  test('moment after moment, until long after the last entry', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const nowMs = near(random, 50 * DAY);
      const budget = generateBudget(random, round);
      for (const status of evaluateBudgets([budget], { reader: ledger.reader, calendar: LEDGER, nowMs })) {
        expectExact(status);
        expectItsRules(budget, status, nowMs);
      }
    }
  });
});
