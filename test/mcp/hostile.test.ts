/** Whatever is posted to /mcp gets an answer that says what is wrong, and changes nothing for those who ask properly. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startApi, type TestApi } from '../api/support.ts';
import { event, NOON } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { call, closeClients, overHttp } from './clients.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ nowMs: NOON });
  await api.append([event({ id: '1', cost: '1.5' })]);
});
afterAll(() => api.stop());
afterEach(closeClients);

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
interface Reply {
  readonly status: number;
  readonly text: string;
  readonly allow: string | null;
}
async function post(body: string, headers: Record<string, string> = HEADERS): Promise<Reply> {
  const response = await fetch(`${api.url}/mcp`, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text(), allow: response.headers.get('allow') };
}
const message = (method: unknown, params: unknown = {}, id: unknown = 1): string => JSON.stringify({ jsonrpc: '2.0', id, method, params });
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

describe('POST /mcp refuses', () => {
  test.each<[string, string, number, string]>([
    ['what is no JSON', '{', 400, '-32700'],
    ['a batch', `[${message('tools/list')},${message('tools/list')}]`, 400, 'one message at a time'],
    ['more than 64 KiB', message('tools/list', { x: 'x'.repeat(70_000) }), 413, '65536'],
    ['an unknown method', message('budgets/set'), 200, '-32601'],
    ['an unknown tool', message('tools/call', { name: 'set_budget', arguments: {} }), 200, 'set_budget'],
    ['a tool that is named like a property of all objects', message('tools/call', { name: 'constructor', arguments: {} }), 200, 'constructor'],
  ])('%s', async (_name, body, status, words) => {
    const reply = await post(body);
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(words);
  });

  test('to have its answers kept', async () => {
    const response = await fetch(`${api.url}/mcp`, { method: 'POST', headers: HEADERS, body: message('tools/list') });
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  test('another type than JSON', async () => {
    expect((await post(message('tools/list'), { ...HEADERS, 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('a revision that nobody knows, with those that it does', async () => {
    const reply = await post(message('tools/list', { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } }), {
      ...HEADERS,
      'mcp-protocol-version': '2031-01-01',
    });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('2026-07-28');
  });

  test('a stream that would stay open', async () => {
    const reply = await post(message('subscriptions/listen', { _meta: ENVELOPE, notifications: { toolsListChanged: true } }), {
      ...HEADERS,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    });
    expect(reply.text).toContain('"error"');
  });

  test.each(['http://evil.example', 'null', 'https://127.0.0.1.evil.example'])('a page from %s', async (origin) => {
    const reply = await post(message('tools/list'), { ...HEADERS, origin });
    expect(reply.status).toBe(403);
    expect((await post(message('tools/list'), { ...HEADERS, origin: api.url })).status).toBe(200);
  });

  test.each(['GET', 'DELETE', 'PUT', 'OPTIONS'])('%s, since it keeps no session', async (method) => {
    const response = await fetch(`${api.url}/mcp`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

const ODD: readonly unknown[] = [null, 0, -1, 1e308, '', 'x', [], {}, [[]], '__proto__', { toString: 1 }, '\u0000\u202e', 'é'.repeat(600), true];
const METHODS = ['initialize', 'tools/list', 'tools/call', 'prompts/get', 'resources/read', 'server/discover', 'ping', 'logging/setLevel', '', 'x'];
const KEYS = ['name', 'arguments', 'uri', 'by', 'where', 'period', 'from', 'limit', '__proto__', 'constructor', '_meta', 'cursor', 'tz'];

const oddObject = (random: Random, depth = 2): unknown =>
  Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [
      random.pick(KEYS),
      depth > 0 && random.chance(0.4) ? oddObject(random, depth - 1) : random.pick(ODD),
    ]),
  );

function hostileMessage(random: Random): string {
  if (random.chance(0.1)) return random.pick(['', '{', 'null', '[]', '1', '"x"', '['.repeat(20_000), `{"a":${'['.repeat(20_000)}`, '\u0000']);
  const odd = oddObject(random);
  const params = random.chance(0.5)
    ? { name: random.pick(['spend', 'team_spend', 'x']), arguments: oddObject(random), uri: 'ledgerline://catalogue' }
    : odd;
  const whole = { jsonrpc: '2.0', id: 1, method: random.pick(METHODS), params };
  const changed = random.chance(0.3) ? { ...whole, [random.pick(['jsonrpc', 'id', 'method', 'params'])]: random.pick(ODD) } : whole;
  return JSON.stringify(random.chance(0.3) ? { ...changed, params: { ...(params as object), _meta: ENVELOPE } } : changed);
}

test('500 hostile messages get an answer each, none of them 5xx, and a proper one afterwards its figures', async () => {
  const random = seededRandom('hostile messages of MCP');
  const complaints: string[] = [];
  for (let count = 0; count < 500; count++) {
    const body = hostileMessage(random);
    const headers = random.chance(0.3)
      ? { ...HEADERS, 'mcp-protocol-version': random.pick(['2026-07-28', '2025-06-18', 'x']), 'mcp-method': 'tools/call' }
      : HEADERS;
    const { status, text } = await post(body, headers);
    if (status >= 500 || /node_modules|at \w+ \(/.test(text)) complaints.push(`${status} ${body.slice(0, 200)}: ${text.slice(0, 200)}`);
  }
  expect(complaints).toEqual([]);
  expect(await call(await overHttp(api.url), 'spend')).toMatchObject({ structured: { total: '1.50' } });
});
