/** Which sessions reached the session warning of a budget: of all that there are. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { costlySessions } from '../../collector/alerts/costly-sessions.ts';
import { evaluateBudgets } from '../../collector/budgets/evaluate.ts';
import { configSchema } from '../../collector/config/config.ts';
import { event, NOON, usd } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

/** Of the large team, so that its sessions fill more than a page. */
const SESSIONS = 1_100;
const calendar = { timeZone: 'UTC', weekStart: 'monday' } as const;
let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
  const large = Array.from({ length: SESSIONS }, (_, index) => event({ id: `${index}`, sessionId: `large-${index}`, cost: '5', team: 'large' }));
  const small = [
    event({ id: 'small', sessionId: 'small', cost: '2', team: 'small' }),
    event({ id: 'cheap', sessionId: 'cheap', cost: '0.5', team: 'small' }),
  ];
  await ledger.writer.append({ entries: [...large, ...small], receivedMs: NOON });
});
afterAll(() => ledger.destroy());

async function costly(...given: readonly object[]): Promise<string[]> {
  const { budgets } = configSchema.parse({ budgets: given.map((budget) => ({ amount_usd: '9000.00', ...budget })) });
  const statuses = await evaluateBudgets(budgets, { reader: ledger.reader, calendar, nowMs: NOON });
  const found = await costlySessions(statuses, ledger.reader, NOON);
  return found.map(({ status, session }) => `${status.key} ${session.sessionId} ${session.cost}`);
}

test('those of a small team are found beside a thousand that cost more', async () => {
  expect(await costly({ name: 'small', scope: { team: 'small' }, session_warning_usd: '1.00' })).toEqual([`small small ${usd('2')}`]);
});

test('each budget has its own warning', async () => {
  const found = await costly(
    { name: 'small', scope: { team: 'small' }, session_warning_usd: '1.00' },
    { name: 'large', scope: { team: 'large' }, session_warning_usd: '5.00' },
    { name: 'all', session_warning_usd: '5.01' },
  );
  expect(found).toHaveLength(SESSIONS + 1);
  expect(new Set(found).size).toBe(SESSIONS + 1);
});

test('a budget with parts of members warns of a session once', async () => {
  const members = [{ user: 'alice@example.com', amount_usd: '100.00' }];
  const found = await costly({ name: 'small', scope: { team: 'small' }, members, session_warning_usd: '1.00' });
  expect(found).toEqual([`small small ${usd('2')}`]);
  const each = await costly({ name: 'each', scope: { team: 'small' }, per: 'user', session_warning_usd: '1.00' });
  expect(each).toEqual([`each/alice@example.com small ${usd('2')}`]);
});
