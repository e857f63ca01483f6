/** What never changes, over real sockets: asked of the reader once, and the same to the byte from then on. */
import type { RequestListener } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { startFront, type TestFront } from './fronts.ts';

const NEVER_CHANGES = 'public, max-age=31536000, immutable';
const TEXT = 'export const one = 1;\n'.repeat(200);

let front: TestFront | undefined;
afterEach(async () => {
  await front?.stop();
  front = undefined;
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A front over a reader that answers with these headers, and counts. */
async function start(headers: Readonly<Record<string, string>>, text = TEXT, status = 200) {
  const asked: string[] = [];
  const reader: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response
      .writeHead(status, { 'content-type': 'text/javascript', 'content-length': text.length, etag: '"1"', 'x-of-reader': 'yes', ...headers })
      .end(text);
  };
  const started = await startFront({ kind: 'api', reader });
  front = started;
  const get = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const answer = await fetch(`http://127.0.0.1:${started.port}${path}`, init);
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
  };
  return { asked, get };
}

const withoutDate = ({ headers: { date: _, ...headers }, ...rest }: Answer) => ({ ...rest, headers });

test.each(['gzip', 'identity'])('is asked for once, and goes out as the reader had it (%s)', async (encoding) => {
  const { asked, get } = await start({ 'cache-control': NEVER_CHANGES });
  const init = { headers: { 'accept-encoding': encoding } };
  const first = await get('/assets/1/a.js', init);
  expect(first).toMatchObject({
    status: 200,
    text: TEXT,
    headers: { 'x-of-reader': 'yes', 'cache-control': NEVER_CHANGES, vary: 'Accept-Encoding' },
  });
  expect(first.headers['content-encoding']).toBe(encoding === 'gzip' ? 'gzip' : undefined);
  const again = await Promise.all(Array.from({ length: 20 }, () => get('/assets/1/a.js', init)));
  for (const answer of again) expect(withoutDate(answer)).toEqual(withoutDate(first));
  expect(asked).toEqual(['GET /assets/1/a.js']);
});

test('whoever takes no gzip gets none of what another was sent', async () => {
  const { get } = await start({ 'cache-control': NEVER_CHANGES });
  await get('/a.js', { headers: { 'accept-encoding': 'gzip' } });
  const plain = await get('/a.js', { headers: { 'accept-encoding': 'identity' } });
  expect([plain.text, plain.headers['content-encoding'], plain.headers['content-length']]).toEqual([TEXT, undefined, String(TEXT.length)]);
});

test('another address is another answer', async () => {
  const { asked, get } = await start({ 'cache-control': NEVER_CHANGES });
  for (const path of ['/a.js', '/b.js', '/a.js?x', '/a.js']) await get(path);
  expect(asked).toEqual(['GET /a.js', 'GET /b.js', 'GET /a.js?x']);
});

test.each<[string, Readonly<Record<string, string>>, number]>([
  ['may change', { 'cache-control': 'no-cache' }, 200],
  ['is for one reader', { 'cache-control': 'private, immutable' }, 200],
  ['says nothing of it', {}, 200],
  ['is a failure', { 'cache-control': NEVER_CHANGES }, 404],
])('what %s is asked for each time', async (_, headers, status) => {
  const { asked, get } = await start(headers, TEXT, status);
  for (let round = 0; round < 2; round++) expect(await get('/a.js')).toMatchObject({ status, text: TEXT });
  expect(asked).toHaveLength(2);
});

test('one that is larger than all that is kept comes through whole', async () => {
  const large = 'x'.repeat(20 * 1024 * 1024);
  const { asked, get } = await start({ 'cache-control': NEVER_CHANGES }, large);
  for (let round = 0; round < 2; round++) expect((await get('/large.js')).text === large).toBe(true);
  expect(asked).toHaveLength(2);
});

test('HEAD and POST are the reader’s', async () => {
  const { asked, get } = await start({ 'cache-control': NEVER_CHANGES });
  await get('/a.js');
  await get('/a.js', { method: 'HEAD' });
  await get('/a.js', { method: 'POST', body: 'x' });
  expect(asked).toEqual(['GET /a.js', 'HEAD /a.js', 'POST /a.js']);
});
