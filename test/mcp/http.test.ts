import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { DIMENSION_NAMES, MEASURE_NAMES } from '../../collector/catalog/measures.ts';
import { QUESTIONS } from '../../collector/query/questions.ts';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { call, closeClients, overHttp, REVISIONS } from './clients.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startApi({ config: { timezone: 'Europe/Berlin' }, nowMs: NOON });
  await api.append([
    event({ id: '1', cost: '0.005343' }),
    event({ id: '2', cost: '1.25', team: 'search', user: 'bob@example.com', sessionId: 's2' }),
    event({ id: '3', cost: '2.000000000001', team: '', user: 'carol@example.com', sessionId: 's3' }),
  ]);
});
afterAll(() => api.stop());
afterEach(closeClients);

describe.each(REVISIONS)('MCP over HTTP, revision %s', (revision) => {
  test('names each tool with what it takes and gives, and that it only reads', async () => {
    const client = await overHttp(api.url, { revision });
    expect(client.getServerVersion()).toMatchObject({ name: 'ledgerline' });
    expect(client.getInstructions()).toContain('exact decimal strings');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('spend');
    for (const tool of tools) {
      expect(tool.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false, openWorldHint: false });
      expect([tool.inputSchema.type, tool.outputSchema?.type]).toEqual(['object', 'object']);
    }
  });

  test('answers with the figures of REST, to the last digit, as text and as data', async () => {
    const client = await overHttp(api.url, { revision });
    const { structured, text } = await call(client, 'spend', { by: ['team', 'user'], where: ['team:search', 'team:unallocated'], period: 'today' });
    const { body } = await api.get<SpendAnswer>('/api/v1/spend?by=team,user&where=team:search&where=team:unallocated&period=today');
    const { age_seconds: _, ...facts } = body;
    expect(structured).toMatchObject(facts);
    expect(text).toContain('total: 3.250000000001');
    expect(text).toContain('| search | bob@example.com | 1.25 |');
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['a dimension that is none', { by: ['teem'] }, ['by=teem', 'team']],
    ['a filter of another shape', { where: ['platform'] }, ['where=platform', 'dimension:value']],
    ['a time that is none', { from: 'soon' }, ['from=soon', 'now-7d']],
    ['an argument that is none', { group: 'team' }, ['group=team', 'by']],
    ['an object for text', { where: { team: 'platform' } }, ['where', 'a list of them']],
  ])('answers %s with the remedy', async (_name, given, words) => {
    const { isError, text } = await call(await overHttp(api.url, { revision }), 'spend', given);
    expect(isError).toBe(true);
    for (const word of words) expect(text).toContain(word);
  });

  test('takes a list as text, and nothing for what is left out', async () => {
    const client = await overHttp(api.url, { revision });
    const asked = await Promise.all([
      call(client, 'spend', { by: 'team,user', where: 'team:search' }),
      call(client, 'spend', { by: ['team', 'user'], where: ['team:search'], from: null, measures: [] }),
    ]);
    expect(asked.map(({ structured }) => structured.rows)).toEqual(
      Array.from({ length: 2 }, () => [{ team: 'search', user: 'bob@example.com', cost_usd: '1.25' }]),
    );
  });

  test('has a prompt that leads to the answer', async () => {
    const client = await overHttp(api.url, { revision });
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['team_spend']);
    const { messages } = await client.getPrompt({ name: 'team_spend', arguments: { team: 'search' } });
    expect(messages[0]?.content).toMatchObject({ type: 'text', text: expect.stringContaining('the team search') });
  });
});

test('the catalogue is a resource', async () => {
  const client = await overHttp(api.url);
  const { resources } = await client.listResources();
  expect(resources).toMatchObject([{ uri: 'ledgerline://catalogue', mimeType: 'text/markdown' }]);
  const { contents } = await client.readResource({ uri: 'ledgerline://catalogue' });
  const [first] = contents;
  const text = first !== undefined && 'text' in first ? first.text : '';
  for (const name of [...MEASURE_NAMES, ...DIMENSION_NAMES]) expect(text).toContain(`| ${name} |`);
});

/** What a model is not offered, and why. */
const NO_TOOLS: Readonly<Record<string, string>> = {
  catalogue: 'is a resource',
  budget_audit: 'is within budget',
  budget_requests: 'is for approvers: my_budget has what its user asked for',
  me: 'says what the token is, which whoever configured the client knows',
  guard: 'is for hooks: my_budget has what is left',
  statusline: 'is for the status line of clients: the same',
  job_cost: 'is for comments on pull requests: breakdown and spend have jobs',
  alerts: 'is for operators: channels and deliveries',
  directory_users: 'is for operators: directory_user has one, and directory_check what is wrong',
  usage: 'is for scripts that know ccusage: trend has the periods',
  usage_sessions: 'the same',
  blocks: 'the same: top has the rate of now',
};

test('every question is a tool, or has a reason why it is none', async () => {
  const { tools } = await (await overHttp(api.url)).listTools();
  const named = tools.map(({ name }) => name);
  const missing = QUESTIONS.map(({ id }) => id).filter((id) => !named.includes(id));
  expect(missing.sort()).toEqual(Object.keys(NO_TOOLS).sort());
});

describe('a token', () => {
  test('is asked for as clients of the protocol want it', async () => {
    const guarded = await startApi({ authenticate: createAuthenticator([{ name: 'reader', role: 'read', sha256: 'a'.repeat(64) }]) });
    try {
      const response = await fetch(`${guarded.url}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="ledgerline"']);
      await expect(overHttp(guarded.url)).rejects.toThrow(/401|Unauthorized|token/i);
    } finally {
      await guarded.stop();
    }
  });

  test('of a developer that only sends is offered, and gets, what that user has left', async () => {
    const own = await startApi({
      nowMs: NOON,
      authenticate: createAuthenticator([
        { name: 'finance', role: 'read', sha256: hash('sha256', 'finance') },
        { name: 'bob', role: 'ingest', user: 'bob@example.com', sha256: hash('sha256', 'bob') },
      ]),
      config: { budgets: [{ name: 'each', per: 'user', period: 'month', amount_usd: '5.00' }] },
    });
    try {
      await own.append([event({ id: '1', cost: '1.25', user: 'bob@example.com' }), event({ id: '2', cost: '3', user: 'alice@example.com' })]);
      const client = await overHttp(own.url, { token: 'bob' });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['advice', 'my_budget']);
      expect((await call(client, 'advice')).structured).toMatchObject({ cost_usd: '1.25' });
      expect(await call(client, 'advice', { user: 'alice@example.com' })).toMatchObject({ isError: true });
      const { structured } = await call(client, 'my_budget');
      expect(structured).toMatchObject({ user: 'bob@example.com', budgets: [{ name: 'each', spent: '1.25', remaining: '3.75' }] });
      expect(await call(client, 'my_budget', { user: 'alice@example.com' })).toMatchObject({ isError: true });
    } finally {
      await own.stop();
    }
  });
});
