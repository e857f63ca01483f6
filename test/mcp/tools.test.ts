/** Every tool with typical and wrong arguments, over a ledger of many users: what it says is what REST says. */
import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client, Tool } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { configSchema } from '../../collector/config/config.ts';
import { TOOLS } from '../../collector/mcp/tools.ts';
import { QUESTIONS } from '../../collector/query/questions.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { NOON } from '../support/entries.ts';
import { call, closeClients, overHttp, REVISIONS } from './clients.ts';
import { CONFIG, organization } from './organization.ts';
import { TYPICAL } from './typical.ts';

const LEAD = 'the-token-of-a-lead';
const TOKENS = [
  { name: 'finance', role: 'read', sha256: hash('sha256', 'finance') },
  { name: 'lead', role: 'read', sha256: hash('sha256', LEAD), scope: { teams: ['platform'] } },
] as const;
let api: TestApi;

beforeAll(async () => {
  const auth = { tokens: TOKENS.map((token) => ({ ...token })) };
  api = await startApi({ nowMs: NOON, config: { ...CONFIG, auth }, authenticate: createAuthenticator(configSchema.parse({ auth }).auth.tokens) });
  await api.append(organization());
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
    client = await overHttp(api.url, { revision, token: 'finance' });
    ({ tools } = await client.listTools());
  });

  const calls = Object.entries(TYPICAL).flatMap(([tool, { given }]) => given.map((one) => [tool, JSON.stringify(one), one] as const));
  test.each(calls)('%s %s says what REST says, to the last digit', async (tool, _text, given) => {
    expect(Object.keys(given).filter((key) => tools.find(({ name }) => name === tool)?.inputSchema.properties?.[key] === undefined)).toEqual([]);
    const { structured, isError, text } = await call(client, tool, given);
    expect({ isError, text: isError && text }).toEqual({ isError: false, text: false });
    const { status, body } = await api.get(restPath(tool, given), { authorization: 'Bearer finance' });
    expect(status).toBe(200);
    expect(structured.cut_lists).toBeUndefined();
    expect(timeless(structured)).toEqual(timeless(body));
    expect(text.length).toBeLessThan(24_000);
  });

  test.each(calls)('%s %s shows a lead what REST shows, and nobody else', async (tool, _text, given) => {
    const lead = await overHttp(api.url, { revision, token: LEAD });
    const { structured, text } = await call(lead, tool, given);
    const { body } = await api.get(restPath(tool, given), { authorization: `Bearer ${LEAD}` });
    if (Object.keys(structured).length > 0) expect(timeless(structured)).toEqual(timeless(body));
    for (const name of ['carol', 'dan@', 'of-search']) expect(`${text} ${JSON.stringify(structured)}`).not.toContain(name);
  });

  test('a lead sees the team alone', async () => {
    const lead = await overHttp(api.url, { revision, token: LEAD });
    const [all, seen, team] = await Promise.all([
      call(client, 'spend'),
      call(lead, 'spend', { by: ['team'] }),
      call(client, 'spend', { by: ['team'], where: ['team:platform'] }),
    ]);
    expect(seen.structured.rows).toEqual(team.structured.rows);
    expect(seen.structured.total).not.toBe(all.structured.total);
    expect(await call(lead, 'budget', { key: 'of-search' })).toMatchObject({ isError: true });
  });

  const refusals = Object.entries(TYPICAL).flatMap(([tool, { refused }]) =>
    refused.map(([given, ...words]) => [tool, JSON.stringify(given), given, words] as const),
  );
  test.each(refusals)('%s %s is refused with the remedy', async (tool, _text, given, words) => {
    const { isError, text } = await call(client, tool, given);
    expect(isError).toBe(true);
    for (const word of words) expect(text).toContain(word);
  });

  test('a limit that is none is refused with the maximum that the tool names, one that is too large as it was given', async () => {
    const limited = tools.flatMap(
      ({ name, inputSchema: { properties = {}, required = [] } }) =>
        z
          .object({ limit: z.object({ maximum: z.number() }) })
          .transform(({ limit: { maximum } }) => ({ name, maximum, path: Object.fromEntries(required.map((key) => [key, 's1'])) }))
          .safeParse(properties).data ?? [],
    );
    expect(limited.map(({ name }) => name)).toEqual(expect.arrayContaining(['breakdown', 'compare', 'sessions', 'trend']));
    for (const { name, maximum, path } of limited) {
      for (const limit of ['abc', -1, 1.5]) {
        const { isError, text } = await call(client, name, { ...path, limit });
        expect({ isError, text }).toEqual({
          isError: true,
          text: expect.stringContaining(`limit=${limit} is not a whole number from 1 to ${maximum}.`),
        });
      }
      if (maximum < 100)
        expect((await call(client, name, { ...path, limit: 200 })).text).toContain(`limit=200 is not a whole number from 1 to ${maximum}.`);
    }
  });
});
