/** Every tool with typical and wrong arguments, over a ledger of many users: what it says is what REST says. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client, Tool } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { TOOLS } from '../../collector/mcp/tools.ts';
import { QUESTIONS } from '../../collector/query/questions.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { event, NOON } from '../support/entries.ts';
import { Random } from '../support/random.ts';
import { call, closeClients, overHttp, REVISIONS } from './clients.ts';
import { TYPICAL } from './typical.ts';

const HOUR_MS = 3_600_000;
const TEAMS = ['platform', 'search', ''];
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5', 'claude-fable-5'];
let api: TestApi;

beforeAll(async () => {
  api = await startApi({
    nowMs: NOON,
    config: { timezone: 'Europe/Berlin', budgets: [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '500.00' }] },
  });
  const random = new Random(20261129);
  await api.append(
    Array.from({ length: 400 }, (_, index) =>
      event({
        ...{ id: `${index}`, cost: `${random.below(5)}.${String(random.below(1e9)).padStart(12, '0')}`, team: random.pick(TEAMS) },
        ...{ user: random.pick(['alice', 'bob', 'carol', 'dan']).concat('@example.com'), model: random.pick(MODELS) },
        ...{ sessionId: `s${random.below(40)}`, timeMs: NOON - random.below(50 * 24) * HOUR_MS },
      }),
    ),
  );
});
afterAll(async () => {
  await closeClients();
  await api.stop();
});

/** How old an answer is depends on when it is given. */
const timeless = (answer: object): object => JSON.parse(JSON.stringify(answer, (key, value) => (key === 'age_seconds' ? undefined : value)));

const restPath = (id: string, given: Record<string, unknown>): string => {
  const { path = '', pathParameters = {}, parameters = {} } = QUESTIONS.find((question) => question.id === id) ?? {};
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) {
    if (key in pathParameters) continue;
    if (parameters[key]?.isRepeatable) for (const item of [value].flat()) query.append(key, String(item));
    else query.set(key, String(value));
  }
  return `/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given[name])))}?${query}`;
};

test('what was cut has a name that no answer has itself', () => {
  for (const { question } of TOOLS) {
    const fields = question.answer instanceof z.ZodObject ? Object.keys(question.answer.shape) : ['no object'];
    for (const name of ['no object', 'cut_lists']) expect(fields).not.toContain(name);
  }
});

test('each tool has typical calls here, and calls that it refuses', () => {
  expect(TOOLS.map(({ question }) => question.id).sort()).toEqual(Object.keys(TYPICAL).sort());
});

describe.each(REVISIONS)('revision %s', (revision) => {
  let client: Client;
  let tools: readonly Tool[];
  beforeAll(async () => {
    client = await overHttp(api.url, { revision });
    ({ tools } = await client.listTools());
  });

  const calls = Object.entries(TYPICAL).flatMap(([tool, { given }]) => given.map((one) => [tool, JSON.stringify(one), one] as const));
  test.each(calls)('%s %s says what REST says, to the last digit', async (tool, _text, given) => {
    expect(Object.keys(given).filter((key) => tools.find(({ name }) => name === tool)?.inputSchema.properties?.[key] === undefined)).toEqual([]);
    const { structured, isError, text } = await call(client, tool, given);
    expect({ isError, text: isError && text }).toEqual({ isError: false, text: false });
    const { status, body } = await api.get(restPath(tool, given));
    expect(status).toBe(200);
    expect(structured.cut_lists).toBeUndefined();
    expect(timeless(structured)).toEqual(timeless(body));
    expect(text.length).toBeLessThan(24_000);
  });

  const refusals = Object.entries(TYPICAL).flatMap(([tool, { refused }]) =>
    refused.map(([given, ...words]) => [tool, JSON.stringify(given), given, words] as const),
  );
  test.each(refusals)('%s %s is refused with the remedy', async (tool, _text, given, words) => {
    const { isError, text } = await call(client, tool, given);
    expect(isError).toBe(true);
    for (const word of words) expect(text).toContain(word);
  });
});
