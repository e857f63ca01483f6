/** Which budgets are which limits at a gateway, to the cent, and which are none and why. */
import { describe, expect, test } from '@jest/globals';
import type { Raise } from '../../collector/budgets/journal.ts';
import { type BudgetConfig, budgetSchema } from '../../collector/config/budgets.ts';
import type { GatewayConfig } from '../../collector/config/gateway.ts';
import { desiredLimits } from '../../collector/gateway/desired.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const PICO = 1_000_000_000_000n;

const GATEWAY: GatewayConfig = {
  url: 'https://gateway.example.com',
  key_file: 'key',
  groups: { platform: 'grp_platform', data: 'grp_data' },
  users: { 'ada@example.com': 'sub-ada', 'bob@example.com': 'sub-bob' },
  per_member_usd: undefined,
  enforce: 'hard_limits',
};

type Given = Partial<BudgetConfig> & { readonly raises?: readonly Raise[] };

function desired(budgets: readonly Given[], gateway: Partial<GatewayConfig> = {}, timeZone = 'UTC') {
  const parsed = budgets.map(({ raises = [], ...budget }, index) => ({
    ...budgetSchema.parse({ name: `b${index}`, hard_limit: true, ...(budget.tokens === undefined && { amount_usd: '100.00' }), ...budget }),
    raises,
  }));
  const { limits, remarks } = desiredLimits(parsed, { gateway: { ...GATEWAY, ...gateway }, calendar: { timeZone, weekStart: 'monday' }, nowMs: NOW });
  return {
    limits: limits.map(({ scope, period, cents, pool, budgets: from }) => [scope.type, scope.id, period, cents, pool?.cents, from.join()]),
    remarks: remarks.map(({ budget, reason }) => `${budget}: ${reason}`),
  };
}

const raise = (key: string, usd: bigint, untilMs = NOW + 1): Raise => ({
  ...{ id: 1, key, amount: usd * PICO, unit: 'usd', fromMs: NOW - 1, untilMs, why: 'x', who: 'x', atMs: NOW - 1 },
});

describe('what can be expressed', () => {
  test('a budget of a team is a pool of its group, and each member may use all of it unless something says otherwise', () => {
    const pool = { scope: { team: 'platform' }, amount_usd: '1200.00' };
    expect(desired([pool]).limits).toEqual([['rbac_group', 'grp_platform', 'monthly', 120_000n, 120_000n, 'b0']]);
    expect(desired([pool], { per_member_usd: '150.00' }).limits).toEqual([['rbac_group', 'grp_platform', 'monthly', 15_000n, 120_000n, 'b0']]);
    expect(desired([pool, { scope: { team: 'platform' }, per: 'user', amount_usd: '90' }], { per_member_usd: '150.00' }).limits).toEqual([
      ['rbac_group', 'grp_platform', 'monthly', 9_000n, 120_000n, 'b0,b1'],
    ]);
  });

  test('a budget per team is a pool of every group, or of those it names', () => {
    expect(desired([{ per: 'team' }]).limits.map(([, id, , , pool, from]) => [id, pool, from])).toEqual([
      ['grp_data', 10_000n, 'b0/data'],
      ['grp_platform', 10_000n, 'b0/platform'],
    ]);
    expect(desired([{ per: 'team', scope: { team: ['data', 'sales'] } }])).toEqual({
      limits: [['rbac_group', 'grp_data', 'monthly', 10_000n, 10_000n, 'b0/data']],
      remarks: ['b0/sales: gateway.groups has no group for the team sales'],
    });
  });

  test('a budget per user of a team is the amount of each member, by the day as well', () => {
    expect(desired([{ scope: { team: 'platform' }, per: 'user', period: 'day', amount_usd: '20' }]).limits).toEqual([
      ['rbac_group', 'grp_platform', 'daily', 2_000n, undefined, 'b0'],
    ]);
  });

  test('a budget of a user, or per user, is a limit of each user that the gateway has an id for', () => {
    expect(desired([{ scope: { user: 'ada@example.com' }, period: 'day' }]).limits).toEqual([['user', 'sub-ada', 'daily', 10_000n, undefined, 'b0']]);
    expect(desired([{ per: 'user' }]).limits.map(([, id]) => id)).toEqual(['sub-ada', 'sub-bob']);
    expect(desired([{ per: 'user', scope: { user: ['bob@example.com', 'eve@example.com'] } }])).toEqual({
      limits: [['user', 'sub-bob', 'monthly', 10_000n, undefined, 'b0/bob@example.com']],
      remarks: ['b0/eve@example.com: gateway.users has no id for this user'],
    });
  });

  test('parts that are set aside are caps, and what is lost is said', () => {
    const { limits, remarks } = desired([{ scope: { team: 'data' }, members: [{ user: 'ada@example.com', amount_usd: '40.00' }] }]);
    expect(limits).toEqual([
      ['rbac_group', 'grp_data', 'monthly', 10_000n, 10_000n, 'b0'],
      ['user', 'sub-ada', 'monthly', 4_000n, undefined, 'b0/ada@example.com'],
    ]);
    expect(remarks.join()).toMatch(/all others share the whole pool/);
  });

  test('amounts include raises while they last, of the whole and of the one user', () => {
    const raises = [raise('b0', 50n), raise('b0/ada@example.com', 7n), raise('b0', 1_000n, NOW)];
    expect(desired([{ per: 'user', raises }]).limits.map(([, id, , cents]) => [id, cents])).toEqual([
      ['sub-ada', 15_700n],
      ['sub-bob', 15_000n],
    ]);
    expect(desired([{ scope: { team: 'data' }, raises: [raise('b0', 50n)] }]).limits).toEqual([
      ['rbac_group', 'grp_data', 'monthly', 15_000n, 15_000n, 'b0'],
    ]);
    expect(desired([{ scope: { team: 'data' }, per: 'user', raises: [raise('b0/ada@example.com', 7n)] }]).remarks.join()).toMatch(
      /raise of one member/,
    );
  });

  test('dated amounts hold from their day on', () => {
    const amounts = [
      { from: '2026-11-01', amount_usd: '200.00' },
      { from: '2026-12-01', amount_usd: '300.00' },
    ];
    expect(desired([{ scope: { team: 'data' }, amounts }]).limits[0]?.[4]).toBe(20_000n);
  });

  test('cents are rounded down without floating point, which is said', () => {
    const { limits, remarks } = desired([{ scope: { team: 'data' }, amount_usd: '90071992547.409999' }]);
    expect(limits[0]?.[4]).toBe(9_007_199_254_740n);
    expect(remarks).toEqual(['b0: its amount of 90071992547.409999 USD is rounded down to whole cents']);
  });

  test('of two budgets for the same limit the smaller holds, as it does here', () => {
    const { limits, remarks } = desired([
      { scope: { team: 'data' }, amount_usd: '500' },
      { scope: { team: 'data' }, amount_usd: '300' },
    ]);
    expect(limits).toEqual([['rbac_group', 'grp_data', 'monthly', 30_000n, 30_000n, 'b1']]);
    expect(remarks).toEqual(['b0: the budget b1 is for the same and not larger; the gateway has one limit for both']);
  });

  test('where the limit of a user would go before a smaller one of their group, that is said', () => {
    const group = { scope: { team: 'data' }, per: 'user', amount_usd: '10' } as const;
    const user = { scope: { user: 'ada@example.com' } };
    const remark = 'b1: it goes before the smaller amount of each member of grp_data, if the user is one';
    expect(desired([group, { ...user, amount_usd: '10.01' }]).remarks).toEqual([remark]);
    expect(desired([group, { ...user, amount_usd: '10' }]).remarks).toEqual([]);
    expect(desired([group, { ...user, amount_usd: '20', period: 'day' }]).remarks).toEqual([]);
  });

  test('UTC has many names', () => {
    expect(desired([{ scope: { team: 'data' }, time_zone: 'Etc/UTC' }], {}, 'Europe/Berlin').limits).toHaveLength(1);
  });

  test('what only warns is pushed where the configuration says so', () => {
    const soft = [{ scope: { team: 'data' }, hard_limit: false }];
    expect(desired(soft).remarks.join()).toMatch(/^b0: it only warns here, and the gateway would stop work/);
    expect(desired(soft, { enforce: 'all' }).limits).toHaveLength(1);
  });
});

describe('what cannot be expressed is said with the reason', () => {
  const cases: readonly (readonly [string, Given, RegExp])[] = [
    ['a daily pool', { scope: { team: 'data' }, period: 'day' }, /a pool of the gateway is by the month/],
    ['a weekly pool', { scope: { team: 'data' }, period: 'week' }, /a pool of the gateway is by the month, and this one is by the week/],
    ['a weekly limit of a user', { scope: { user: 'ada@example.com' }, period: 'week' }, /on which day a week begins/],
    ['a quarter', { scope: { team: 'data' }, period: 'quarter' }, /neither a day nor a month/],
    ['rolling days', { scope: { team: 'data' }, period: { rolling_days: 30 } }, /neither a day nor a month/],
    ['another time zone', { scope: { team: 'data' }, time_zone: 'Europe/Berlin' }, /begin in Europe\/Berlin; those of the gateway begin in UTC/],
    ['a workspace', { scope: { workspace: 'w' } }, /names a workspace/],
    ['a repository within a team', { scope: { team: 'data', repository: 'r' } }, /names a repository/],
    ['a cost center', { scope: { cost_center: 'c' } }, /names a cost center/],
    ['tokens', { scope: { team: 'data' }, tokens: { amount: 5, classes: ['input'] } }, /counts tokens/],
    ['a pool within another', { scope: { team: 'data' }, parent: 'all' }, /part of the budget all; .* one pool/],
    ['everybody', {}, /everybody shares it/],
    ['several teams together', { scope: { team: ['data', 'platform'] } }, /several teams share it/],
    ['several users together', { scope: { user: ['ada@example.com', 'bob@example.com'] } }, /several users share it/],
    ['a user within a team', { scope: { team: 'data', user: 'ada@example.com' } }, /users within a team/],
    ['per model', { per: 'model' }, /for each model/],
    ['what rolls over', { scope: { team: 'data' }, rollover: true }, /rolls over/],
    ['a team without a group', { scope: { team: 'sales' } }, /no group for the team sales/],
  ];
  test.each(cases)('%s', (_, budget, reason) => {
    const { limits, remarks } = desired([budget]);
    expect(limits).toEqual([]);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^b0/);
    expect(remarks[0]).toMatch(reason);
  });

  test('per user where no user is known', () => {
    expect(desired([{ per: 'user' }], { users: {} }).remarks).toEqual(['b0: gateway.users names nobody']);
  });
});
