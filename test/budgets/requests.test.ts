/** Requests for more: what may be asked, who may end one, and that there is exactly one raise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BudgetWriter } from '../../collector/budgets/journal.ts';
import { stateOf } from '../../collector/budgets/request.ts';
import { approveRequest, type Binding, denyRequest, requestMore, withdrawRequest } from '../../collector/budgets/request-change.ts';
import { budgetRequestsSchema } from '../../collector/config/budget-requests.ts';
import { budgetSchema } from '../../collector/config/budgets.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
const USD = 10n ** 12n;
const BUDGETS = [
  budgetSchema.parse({ name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00' }),
  budgetSchema.parse({ name: 'each', scope: { team: 'platform' }, per: 'user', period: { rolling_days: 7 }, amount_usd: '10.00' }),
  budgetSchema.parse({ name: 'berlin', amount_usd: '5.00', period: 'day', time_zone: 'Europe/Berlin' }),
];
const ADA = 'ada@example.com';
const BINDING: readonly Binding[] = [
  { key: `each/${ADA}`, stopped: true },
  { key: 'platform', stopped: false },
];

let folder: string;
let journal: BudgetWriter;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-requests-'));
  journal = openBudgetStore(join(folder, 'budgets.sqlite'));
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true });
});

const context = (atMs = NOON, who = 'ops', configured = BUDGETS, limits = {}) => ({
  ...{ journal, configured, calendar: { timeZone: 'UTC', weekStart: 'monday' } as const, change: { who, atMs } },
  limits: budgetRequestsSchema.parse(limits),
});
const ask = (input: object = {}, atMs = NOON, { user = ADA, binding = BINDING, limits = {} } = {}) =>
  requestMore(
    { budget: 'platform', by: '50', until: undefined, why: 'a release', ...input },
    user,
    binding,
    context(atMs, 'laptop', BUDGETS, limits),
  );

async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof LedgerlineError) return `${error.code}: ${error.message} ${error.hint}`;
    throw error;
  }
  return 'accepted';
}

describe('asking', () => {
  test('is for an amount, until the end of the period unless said otherwise, and expires', async () => {
    expect(await ask()).toMatchObject({
      ...{ key: 'platform', amount: 50n * USD, unit: 'usd', why: 'a release', user: ADA, who: 'laptop', atMs: NOON },
      ...{ untilMs: Date.UTC(2026, 11, 1), expiresMs: NOON + 3 * DAY_MS },
    });
    expect(await ask({ budget: 'each', until: '2026-12-24' })).toMatchObject({ key: `each/${ADA}`, untilMs: Date.UTC(2026, 11, 25) });
  });

  test('of a rolling period is for as many days, and of a zone for its day', async () => {
    expect((await ask({ budget: 'each' })).untilMs).toBe(Date.UTC(2026, 10, 27));
    const made = await ask({ budget: 'berlin' }, NOON, { binding: [{ key: 'berlin', stopped: false }] });
    expect(made.untilMs).toBe(Date.UTC(2026, 10, 20, 23));
    expect(made.expiresMs).toBe(made.untilMs);
  });

  test('needs no name where one budget binds, or one is stopped', async () => {
    expect((await ask({ budget: undefined })).key).toBe(`each/${ADA}`);
    expect((await ask({ budget: undefined }, NOON, { binding: [{ key: 'platform', stopped: false }] })).key).toBe('platform');
    const two = [
      { key: 'platform', stopped: false },
      { key: 'berlin', stopped: false },
    ];
    expect(await refusal(() => ask({ budget: undefined }, NOON, { binding: two }))).toBe(
      'invalid: 2 budgets bind ada@example.com: it has to be said which is to be raised. Name the budget. Those that do: platform, berlin.',
    );
    expect(await refusal(() => ask({ budget: undefined }, NOON, { binding: [] }))).toContain('No budget binds ada@example.com');
  });

  test('is refused for what binds others, in the same words as for what there is not', async () => {
    const words = async (name: string) => (await refusal(() => ask({ budget: name }))).replaceAll(name, 'X');
    expect(await words('berlin')).toBe('forbidden: No budget "X" binds ada@example.com. Those that do: each/ada@example.com, platform.');
    expect([await words('each/bob@example.com'), await words('nothing')]).toEqual([await words('berlin'), await words('berlin')]);
    expect((await words('x'.repeat(500))).length).toBeLessThan(300);
  });

  test('is refused for what no raise may be', async () => {
    for (const input of [
      { by: '-1' },
      { by: '0' },
      { by: 'much' },
      { by: '10000.01' },
      { why: ' ' },
      { why: undefined },
      { why: 'x'.repeat(501) },
      { until: '2026-11-19' },
      { until: 'soon' },
    ])
      expect([input, await refusal(() => ask(input))]).toEqual([input, expect.stringMatching(/^invalid: (by|why|until) /)]);
    expect(await journal.requests({ limit: 9 })).toEqual([]);
  });

  test('is for one at a time of a budget', async () => {
    const { id } = await ask();
    expect(await refusal(() => ask())).toBe(
      `invalid: Request ${id} for "platform" is still open, until 2026-11-23T12:00:00Z. Wait for its answer, or withdraw it with \`ledgerline budget withdraw ${id}\` and ask again.`,
    );
    expect((await ask({ budget: 'each' })).key).toBe(`each/${ADA}`);
    expect((await ask({}, NOON, { user: 'bob@example.com' })).user).toBe('bob@example.com');
    expect((await ask({}, NOON + 3 * DAY_MS)).atMs).toBe(NOON + 3 * DAY_MS);
  });

  test('is bounded, for one user and for all', async () => {
    const again = async (user: string, limits: object) => {
      const { id } = await ask({}, NOON, { user, limits });
      await withdrawRequest(id, user, context(NOON, 'laptop'));
    };
    const limits = { per_user_per_day: 3, per_day: 5 };
    for (let count = 0; count < 3; count++) await again(ADA, limits);
    expect(await refusal(() => again(ADA, limits))).toContain(
      'rate_limited: ada@example.com made 3 requests within 24 hours'.replace(' made', ' has made'),
    );
    for (let count = 0; count < 2; count++) await again('bob@example.com', limits);
    expect(await refusal(() => again('cleo@example.com', limits))).toContain('(budget_requests.per_day)');
    expect((await ask({}, NOON + DAY_MS + 1, { limits })).id).toBeGreaterThan(0);
  });
});

describe('answering', () => {
  const raises = async () => (await journal.budgets(BUDGETS)).flatMap((budget) => budget.raises ?? []);

  test('an approval is one raise, as was asked', async () => {
    const request = await ask();
    const { raise } = await approveRequest(request.id, undefined, context(NOON + 1));
    expect(await raises()).toEqual([raise]);
    expect(raise).toMatchObject({
      key: 'platform',
      amount: 50n * USD,
      fromMs: NOON + 1,
      untilMs: request.untilMs,
      why: 'a release',
      who: 'ops',
      request: request.id,
    });
    expect(await journal.findRequest(request.id)).toMatchObject({ decision: { what: 'approved', who: 'ops', atMs: NOON + 1, amount: 50n * USD } });
  });

  test('an approval may be of another amount, within what a raise may be', async () => {
    const request = await ask({ budget: 'each' });
    expect(await refusal(() => approveRequest(request.id, '2000', context()))).toContain('invalid: by cannot be "2000"');
    expect((await approveRequest(request.id, '20', context())).raise).toMatchObject({ key: `each/${ADA}`, amount: 20n * USD });
  });

  test('twice is refused with who was first, and changes nothing', async () => {
    const { id } = await ask();
    await approveRequest(id, undefined, context(NOON, 'ops'));
    const words = `invalid: Request ${id} was approved by ops on 2026-11-20T12:00:00Z. \`ledgerline budget requests\` lists those that are open.`;
    expect(await refusal(() => approveRequest(id, undefined, context(NOON, 'lead')))).toBe(words);
    expect(await refusal(() => denyRequest(id, 'no', context(NOON, 'lead')))).toBe(words);
    expect(await refusal(() => withdrawRequest(id, ADA, context(NOON, 'laptop')))).toBe(words);
    expect(await raises()).toHaveLength(1);
  });

  test('two approvers at once, each with a connection of its own, make one raise', async () => {
    const { id } = await ask();
    const other = openBudgetStore(join(folder, 'budgets.sqlite'));
    const outcomes = await Promise.all([journal, other].map((one) => refusal(() => approveRequest(id, undefined, { ...context(), journal: one }))));
    await other.close();
    expect(outcomes).toEqual(['accepted', expect.stringContaining('was approved by ops')]);
    expect(await raises()).toHaveLength(1);
  });

  test('never after it expired, to the millisecond', async () => {
    const [one, two] = [await ask(), await ask({ budget: 'each' })];
    expect(await refusal(() => approveRequest(one.id, undefined, context(one.expiresMs)))).toBe(
      `invalid: Request ${one.id} expired on 2026-11-23T12:00:00Z. Raise the budget with \`ledgerline budget raise\`, or let it be asked for again.`,
    );
    expect((await approveRequest(two.id, undefined, context(two.expiresMs - 1))).raise.fromMs).toBe(two.expiresMs - 1);
    const states = await Promise.all([one, two].map(async ({ id }) => stateOf((await journal.findRequest(id)) ?? one, one.expiresMs)));
    expect(states).toEqual(['expired', 'approved']);
  });

  test('of a budget that is no more, or that is in another unit now, is refused', async () => {
    const { id } = await ask();
    const tokens = budgetSchema.parse({ name: 'platform', tokens: { amount: 100, classes: ['input'] } });
    expect(await refusal(() => approveRequest(id, undefined, context(NOON, 'ops', [])))).toContain('not_found: There is no budget "platform"');
    expect(await refusal(() => approveRequest(id, undefined, context(NOON, 'ops', [tokens])))).toBe(
      `invalid: Request ${id} asks for USD, and the budget "platform" is in tokens now. Deny it, and raise the budget with \`ledgerline budget raise\`.`,
    );
    expect(await refusal(() => denyRequest(id, 'gone', context(NOON, 'ops', [])))).toBe('accepted');
  });

  test('of one that was removed and made anew is refused: it was another budget', async () => {
    await journal.set(budgetSchema.parse({ name: 'set', amount_usd: '5.00' }), { who: 'ops', atMs: 1 });
    const { id } = await ask({ budget: 'set' }, NOON, { binding: [{ key: 'set', stopped: false }] });
    await journal.remove('set', { who: 'lead', atMs: NOON });
    await journal.set(budgetSchema.parse({ name: 'set', amount_usd: '5.00' }), { who: 'ops', atMs: NOON });
    expect(await refusal(() => approveRequest(id, undefined, context()))).toContain(
      `Request ${id} went with its budget, which lead removed on 2026-11-20T12:00:00Z.`,
    );
  });

  test('a denial says why; what there is not cannot be answered', async () => {
    const { id } = await ask();
    expect(await refusal(() => denyRequest(id, '', context()))).toContain('invalid: why cannot be ""');
    await denyRequest(id, 'next month', context());
    expect((await journal.findRequest(id))?.decision).toMatchObject({ what: 'denied', why: 'next month' });
    expect(await refusal(() => approveRequest(99, undefined, context()))).toContain('not_found: There is no request 99.');
  });

  test('only whoever asked withdraws', async () => {
    const { id } = await ask();
    expect(await refusal(() => withdrawRequest(id, 'bob@example.com', context()))).toContain(`not_found: There is no request ${id}.`);
    await withdrawRequest(id, ADA, context());
    expect((await journal.findRequest(id))?.decision?.what).toBe('withdrawn');
  });
});
