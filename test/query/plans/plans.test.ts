/** Seats against what they were used for. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseUsd } from '../../../collector/core/money.ts';
import { feeOf, groupOf, seatGroups } from '../../../collector/query/plans/fee.ts';
import { PLANS, type PlansAnswer } from '../../../collector/query/plans.ts';
import { readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { event, usd } from '../../support/entries.ts';
import { bring } from '../../support/statements.ts';
import { openQuestioned, type Questioned } from '../put-question.ts';

const OCTOBER_10 = Date.parse('2026-10-10T12:00:00Z');
const NOVEMBER_16 = Date.parse('2026-11-16T09:00:00Z');
const PLAN_ROWS = [
  { plan: 'team', seat: 'premium', seats: 10, monthly_usd: '100.00' },
  { plan: 'team', seat: 'premium', seats: 20, monthly_usd: '90.00', from: '2026-10-16' },
  { plan: 'team', seats: 5, monthly_usd: '25.00', from: '2026-11-01' },
];

let questioned: Questioned;
let file: string;

const used = (id: string, list: string, plan: string, seat: string) =>
  event({ id, cost: list, sessionId: id, timeMs: OCTOBER_10, dimensions: { plan, seat, workspace: 'api' }, amounts: { requests: 2 } });

beforeAll(async () => {
  questioned = await openQuestioned(NOVEMBER_16, { plans: PLAN_ROWS });
  await questioned.append(
    ...[used('a', '300.00', 'team', 'premium'), used('b', '700.00', 'team', 'premium'), used('c', '40.00', 'team', 'standard')],
    ...[
      used('d', '12.00', '', ''),
      used('e', '5.00', 'enterprise', 'usage_based'),
      used('f', '2.50', 'max', ''),
      used('g', '1.00', 'enterprise', 'other'),
    ],
  );
  file = join(dirname(questioned.ledger.file), 'statements.sqlite');
});
afterAll(() => questioned.close());

const ask = async (words: string, hasStatements = false): Promise<PlansAnswer> => {
  const asking = { ...questioned.asking, ...(hasStatements && { statements: () => readStatements(file) }) };
  const { answer } = await PLANS.respond({ parameters: new URLSearchParams(words) }, asking);
  return PLANS.answer.parse(answer);
};

test('value is beside the fee by plan and seat, and metered use apart', async () => {
  const answer = await ask('month=2026-10');
  // 15 days of ten seats at 100, 16 days of twenty at 90.
  const fee = ((parseUsd('1000.00') ?? 0n) * 15n) / 31n + ((parseUsd('1800.00') ?? 0n) * 16n) / 31n;
  const [premium, any, personal] = answer.plans;
  expect(parseUsd(premium?.fee_usd ?? '')).toBe(fee);
  expect(premium).toMatchObject({
    plan: 'team',
    seat: 'premium',
    seats: 20,
    monthly_usd: '90.00',
    value_usd: '1000.00',
    value_per_seat_usd: '50.00',
    sessions: 2,
  });
  expect(premium?.leverage).toBeCloseTo(1000 / (15_000 / 31 + 28_800 / 31), 5);
  expect(any).toMatchObject({ plan: 'team', seat: 'any', seats: 0, fee_usd: '0.00', value_usd: '40.00', leverage: null });
  expect(personal).toMatchObject({ plan: 'max', seat: 'any', seats: null, fee_usd: null, value_usd: '2.50' });
  expect(answer).toMatchObject({
    total: { value_usd: '1042.50', leverage: null },
    ...{ metered: { value_usd: '17.00', sessions: 2 }, unknown: { value_usd: '1.00' }, overage_usd: null },
    findings: [{ code: 'plan_without_price' }],
  });
});

test('the fee of a month that goes on is that of the days that have passed', async () => {
  const { total } = await ask('month=2026-11');
  expect(total.fee_usd).toBe('1026.666666666666');
});

test('usage credits are what is billed where all use is covered', async () => {
  const place = { model: 'claude-opus-5-5', workspace: 'seats', product: 'claude_code' };
  await bring(file, 'anthropic-analytics', [{ day: '2026-10-20', ...place, billed: usd('30.00'), list: usd('30.00') }]);
  expect((await ask('month=2026-10', true)).overage_usd).toBe('0.00');
  await questioned.append(
    event({ id: 'h', cost: '500.00', timeMs: OCTOBER_10 + 10 * 86_400_000, dimensions: { plan: 'team', seat: 'premium', workspace: 'seats' } }),
  );
  expect((await ask('month=2026-10', true)).overage_usd).toBe('30.00');
});

test('a whole month costs the whole price, whatever days it has, and a day its part', () => {
  const [group] = seatGroups([{ plan: 'team', seat: 'standard', seats: 3, monthly_usd: '10.00', from: undefined }]);
  if (group === undefined) throw new Error('there is one');
  const month = (from: string, to: string): bigint => feeOf(group, { fromMs: Date.parse(from), toMs: Date.parse(to) });
  for (const [from, to] of [
    ['2026-02-01', '2026-03-01'],
    ['2026-10-01', '2026-11-01'],
  ] as const)
    expect(month(from, to)).toBe(usd('30.00'));
  expect(month('2026-01-01', '2027-01-01')).toBe(usd('360.00'));
  expect(month('2026-11-01', '2026-11-02')).toBe(usd('1.00'));
  expect(month('2026-11-02', '2026-11-02')).toBe(0n);
  expect(groupOf([group], 'team', 'premium')).toBeUndefined();
  expect(groupOf([group], 'team', 'standard')).toBe(group);
});
