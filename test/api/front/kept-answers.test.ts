/** What never changes, over real sockets: asked of the reader once, and the same to the byte from then on. */
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { waitFor } from '../../support/wait.ts';
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
async function start(headers: Readonly<Record<string, string>>, { text = TEXT, status = 200, stalledMs = 10_000 } = {}) {
  const asked: string[] = [];
  const reader: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response
      .writeHead(status, { 'content-type': 'text/javascript', 'content-length': text.length, etag: '"1"', 'x-of-reader': 'yes', ...headers })
      .end(text);
  };
  const started = await startFront({ kind: 'api', reader, stalledMs });
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
  const { asked, get } = await start(headers, { status });
  for (let round = 0; round < 2; round++) expect(await get('/a.js')).toMatchObject({ status, text: TEXT });
  expect(asked).toHaveLength(2);
});

test('one that is larger than all that is kept comes through whole', async () => {
  const large = 'x'.repeat(20 * 1024 * 1024);
  const { asked, get } = await start({ 'cache-control': NEVER_CHANGES }, { text: large });
  for (let round = 0; round < 2; round++) expect((await get('/large.js')).text === large).toBe(true);
  expect(asked).toHaveLength(2);
});

test('a client that reads nothing of it is cut off', async () => {
  const { get } = await start({ 'cache-control': NEVER_CHANGES }, { text: 'x'.repeat(1024 * 1024), stalledMs: 50 });
  await get('/a.js');
  const socket = connect(front?.port ?? 0, '127.0.0.1').pause();
  let isOver = false;
  socket
    .on('error', () => undefined)
    .once('close', () => {
      isOver = true;
    });
  const asking = 'GET /a.js HTTP/1.1\r\nHost: localhost\r\n\r\n';
  socket.write(asking.repeat(20));
  // A side that is paused sees the end of the other when it writes.
  await waitFor('the end of it', () => {
    if (!isOver) socket.write(asking);
    return isOver;
  });
});

test('HEAD and POST are the reader’s', async () => {
  const { asked, get } = await start({ 'cache-control': NEVER_CHANGES });
  await get('/a.js');
  await get('/a.js', { method: 'HEAD' });
  await get('/a.js', { method: 'POST', body: 'x' });
  expect(asked).toEqual(['GET /a.js', 'HEAD /a.js', 'POST /a.js']);
});
