/** The page's files: which of them browsers keep, and what they are given by another version's address. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let shell: string;
beforeAll(async () => {
  api = await startApi();
  const answer = await api.get('/');
  expect(answer.headers.get('cache-control')).toBe('no-cache');
  shell = answer.text;
});
afterAll(() => api.stop());

const named = (): string[] => [...new Set([...shell.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path))];
/** As a browser asks: fetch adds that it wants no 304. */
async function statusOf(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const asked = request(`${api.url}${path}`, { headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const versionOf = (path: string): string => path.split('/')[2] ?? '';

test('the page names all by one version, and each stays for a year', async () => {
  expect(named().length).toBeGreaterThan(40);
  expect(new Set(named().map(versionOf)).size).toBe(1);
  for (const path of named()) {
    const { status, headers } = await api.get(path);
    expect({ path, status, kept: headers.get('cache-control') }).toEqual({ path, status: 200, kept: 'public, max-age=31536000, immutable' });
  }
});

test('modules that import by an address name that version, too', async () => {
  for (const path of named().filter((name) => name.endsWith('.ts'))) {
    const addresses = [...(await api.get(path)).text.matchAll(/from '(\/assets\/[^']+)'/g)].map(([, address = '']) => address);
    for (const address of addresses) expect({ path, version: versionOf(address) }).toEqual({ path, version: versionOf(path) });
  }
});

test.each(['/assets/page.css', '/assets/of-another-replica/page.css'])('%s is given as it is, and asked for again', async (path) => {
  const { status, headers, text } = await api.get(path);
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache']);
  expect(text).toBe((await api.get(named().find((name) => name.endsWith('/page.css')) ?? '')).text);
  expect(await statusOf(path, { 'if-none-match': headers.get('etag') ?? '' })).toBe(304);
});

test('what is no file of the page is not found, whatever the version', async () => {
  const version = versionOf(named()[0] ?? '');
  for (const path of ['nothing.ts', 'collector/config/config.ts', '../package.json'])
    expect({ path, status: (await api.get(`/assets/${version}/${path}`)).status }).toEqual({ path, status: 404 });
});
