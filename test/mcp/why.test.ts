/** "What did my team spend this week, and why?", as a model that follows the prompt asks it. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startApi, type TestApi } from '../api/support.ts';
import { event, NOON } from '../support/entries.ts';
import { call, closeClients, overHttp, REVISIONS } from './clients.ts';

const DAY_MS = 86_400_000;
let api: TestApi;

beforeAll(async () => {
  api = await startApi({
    nowMs: NOON,
    config: { budgets: [{ name: 'platform-month', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00' }] },
  });
  const days = [1, 2, 3].flatMap((day) => [
    event({ id: `before ${day}`, cost: '2', sessionId: `before ${day}`, timeMs: NOON - (7 + day) * DAY_MS }),
    event({ id: `after ${day}`, cost: '2', sessionId: `after ${day}`, timeMs: NOON - day * DAY_MS }),
    event({ id: `other ${day}`, cost: '50', team: 'search', user: 'sam@example.com', sessionId: `other ${day}`, timeMs: NOON - day * DAY_MS }),
  ]);
  await api.append([
    // The ledger covers the time that is compared.
    event({ id: 'first', cost: '1', team: 'search', user: 'sam@example.com', sessionId: 'first', timeMs: NOON - 30 * DAY_MS }),
    ...days,
    event({
      id: 'large',
      cost: '30.000000000001',
      user: 'bob@example.com',
      model: 'claude-fable-5',
      sessionId: 'large-session',
      timeMs: NOON - DAY_MS,
    }),
  ]);
});
afterAll(() => api.stop());
afterEach(closeClients);

test.each(REVISIONS)('the tools that the prompt names lead to the total, the change and its cause, revision %s', async (revision) => {
  const client = await overHttp(api.url, { revision });
  const { messages } = await client.getPrompt({ name: 'team_spend', arguments: {} });
  const text = messages[0]?.content.type === 'text' ? messages[0].content.text : '';
  const { tools } = await client.listTools();
  for (const [, name = ''] of text.matchAll(/\b[Cc]all (\w+)/g)) expect(tools.map((tool) => tool.name)).toContain(name);

  const teams = await call(client, 'spend', { by: ['team'], period: 'this_week' });
  expect(teams.structured.rows).toEqual([
    { team: 'search', cost_usd: '150.00' },
    { team: 'platform', cost_usd: '36.000000000001' },
  ]);

  const week = await call(client, 'analysis', { period: 'this_week', where: ['team:platform'] });
  expect(week.structured).toMatchObject({ cost_usd: '36.000000000001', change: { change_usd: '30.000000000001' }, age_seconds: expect.any(Number) });
  expect(week.text).toContain('$36.00');
  expect(week.text).toContain('bob@example.com');
  expect(week.text).toContain('claude-fable-5');
  expect(week.text).toContain('large-session');
  expect(week.text).not.toContain('sam@example.com');

  const cause = await call(client, 'explain', { period: 'this_week', where: ['team:platform'] });
  expect(cause.text).toContain('large-session');
  expect(cause.text).not.toContain('sam@example.com');

  const session = await call(client, 'session_requests', { session: 'large-session' });
  expect(session.structured).toMatchObject({ cost_usd: '30.000000000001', requests: [{ model: 'claude-fable-5' }] });

  const budgets = await call(client, 'budgets');
  expect(budgets.structured).toMatchObject({ budgets: [{ name: 'platform-month', spent: '42.000000000001', remaining: '57.999999999999' }] });
});
