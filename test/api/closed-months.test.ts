/** Closing a month over REST. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { bearer } from './scope-cases.ts';
import { startApi, type TestApi } from './support.ts';

const DECEMBER_2 = Date.parse('2026-12-02T00:00:00Z');
let api: TestApi;

beforeAll(async () => {
  api = await startApi({ nowMs: DECEMBER_2, closeMonth: (month) => api.ledger.writer.closeMonth(month, DECEMBER_2) });
  await api.append([event({ id: 'one', timeMs: NOON })]);
});
afterAll(() => api.stop());

async function close(body: unknown, { url }: Pick<TestApi, 'url'> = api, headers: Record<string, string> = {}) {
  const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/v1/closed-months`, options);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('closes a month that is over, once', async () => {
  const closed = {
    month: '2026-11',
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    closed_at: '2026-12-02T00:00:00.000Z',
  };
  expect(await close({ month: '2026-11' })).toEqual({ status: 200, body: closed });
  expect(await close({ month: '2026-11' })).toEqual({ status: 200, body: closed });
  expect(await api.ledger.reader.closedMonths()).toHaveLength(1);
});

test.each([[{ month: '2026-12' }], [{ month: 'November' }], [{}], [{ month: '2026-11', really: true }], [[]]])('%j is refused', async (body) => {
  expect((await close(body)).status).toBe(400);
});

test('needs the role admin where there are tokens', async () => {
  const sha256 = 'a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3';
  const tokens = [
    { name: 'reader', role: 'read', sha256 },
    { name: 'boss', role: 'admin', sha256: 'b'.repeat(64) },
  ] as const;
  const guarded = await startApi({ authenticate: createAuthenticator(tokens) });
  try {
    expect((await close({ month: '2026-11' }, guarded)).status).toBe(401);
    expect((await close({ month: '2026-11' }, guarded, bearer('123'))).status).toBe(403);
  } finally {
    await guarded.stop();
  }
});
