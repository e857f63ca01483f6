/** What listens for readers, over real sockets: health whatever others ask, turns, limits, and nothing that a client says about itself. */
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { waitFor } from '../../support/wait.ts';
import type { Problem } from '../support.ts';
import { patientReader, startFront, type TestFront, type TestFrontOptions } from './fronts.ts';

let front: TestFront | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await front?.stop();
  front = undefined;
});

const HEAVY = '/api/v1/boards/overview';
async function start(options: Omit<TestFrontOptions, 'kind'>): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const started = await startFront({ kind: 'api', ...options });
  front = started;
  return (path, init) => fetch(`http://127.0.0.1:${started.port}${path}`, init);
}
const problemOf = async (response: Response): Promise<Problem['error']> => ((await response.json()) as Problem).error;

test('health and light requests are answered while heavy ones take every place and every turn', async () => {
  const { reader, asked, until } = patientReader();
  const get = await start({ reader: (request, response) => (request.url === '/' ? response.end('the page') : reader(request, response)) });
  const heavy = [1, 2, 3].map((index) => get(`${HEAVY}?${index}`));
  await until(1);
  expect(await (await get('/healthz')).text()).toBe('alive');
  expect(await (await get('/')).text()).toBe('the page');
  for (let answered = 0; answered < 3; answered++) {
    await until(answered + 1);
    asked[answered]?.response.end('done');
  }
  expect(await Promise.all(heavy.map(async (answer) => (await answer).text()))).toEqual(['done', 'done', 'done']);
});

test('beyond the turns it answers 503, with when to come again, and counts it', async () => {
  const { reader, asked, until } = patientReader();
  const get = await start({ reader, limits: { queries: 1, queries_waiting: 1 } });
  const first = get(HEAVY);
  await until(1);
  const [one, two] = await Promise.race([Promise.all([get(HEAVY), undefined]), Promise.all([undefined, get(HEAVY)])]);
  const refused = one ?? two;
  expect(refused?.status).toBe(503);
  expect(refused?.headers.get('retry-after')).toBe('5');
  expect(refused && (await problemOf(refused)).message).toContain('limits.queries_waiting');
  expect(front?.limitsHit).toEqual(['limits.queries_waiting']);
  asked[0]?.response.end();
  await first;
  await until(2);
  asked[1]?.response.end();
});

test('an answer that takes too long is 503 with the key and the remedy, and the reader is no longer asked for it', async () => {
  const { reader, asked } = patientReader();
  const get = await start({ reader, limits: { query_ms: 50 } });
  const answer = await get(HEAVY);
  expect(answer.status).toBe(503);
  const { message, hint } = await problemOf(answer);
  expect(message).toContain('limits.query_ms');
  expect(hint).toContain('fewer dimensions');
  await waitFor('the reader to see it', () => asked[0]?.isGone === true);
  expect(front?.limitsHit).toEqual(['limits.query_ms']);
});

test.each(['/api/v1/privacy/erasures', '/api/v1/directory/merges', '/api/v1/closed-months'])(
  'what POST %s begins goes on whoever waits, so its end is waited for',
  async (path) => {
    const { reader, asked, until } = patientReader();
    const get = await start({ reader, limits: { query_ms: 50 } });
    const answer = get(path, { method: 'POST', body: '{}' });
    await until(1);
    // Each of these came later and had its time.
    for (const later of [HEAVY, '/api/v1/status', path]) expect((await get(later)).status).toBe(503);
    expect(asked[0]).toMatchObject({ path, isGone: false });
    asked[0]?.response.end('done');
    expect(await (await answer).text()).toBe('done');
  },
);

test('a client that goes away takes its question with it', async () => {
  const { reader, asked, until } = patientReader();
  const get = await start({ reader });
  const client = new AbortController();
  const answer = get(HEAVY, { signal: client.signal }).catch(() => 'gone');
  await until(1);
  client.abort();
  expect(await answer).toBe('gone');
  await waitFor('the reader to see it', () => asked[0]?.isGone === true);
});

test('without a reader it says that one is coming', async () => {
  const get = await start({});
  const answer = await get('/api/v1/spend');
  expect(answer.status).toBe(503);
  expect(await problemOf(answer)).toMatchObject({ code: 'unavailable', message: 'The reader thread is being restarted.' });
  expect((await get('/healthz')).status).toBe(200);
});

test('who asks is what the connection says, not what a header says', async () => {
  const get = await start({ reader: (request, response) => void response.end(JSON.stringify(request.rawHeaders)) });
  const headers = { 'x-ledgerline-peer': '{"address":"10.0.0.1"}', 'X-Other': 'stays' };
  const raw = (await (await get('/', { headers })).json()) as string[];
  const peers = raw.flatMap((name, index) => (name.toLowerCase() === 'x-ledgerline-peer' ? [raw[index + 1]] : []));
  expect(peers).toEqual(['{"address":"127.0.0.1"}']);
  expect(raw).toContain('stays');
});

test('a body comes through whole, one that is too large to the byte that shows it, and status and headers come back', async () => {
  const get = await start({
    reader: async (request, response) => {
      let bytes = 0;
      for await (const chunk of request) bytes += Buffer.from(chunk).byteLength;
      response.writeHead(201, { 'x-bytes': String(bytes), 'set-cookie': ['a=1', 'b=2'] }).end();
    },
  });
  const put = async (bytes: number) => get('/api/v1/budgets/x', { method: 'PUT', body: 'x'.repeat(bytes) });
  const answer = await put(1_000);
  expect([answer.status, answer.headers.get('x-bytes'), answer.headers.getSetCookie()]).toEqual([201, '1000', ['a=1', 'b=2']]);
  expect((await put(100_000)).headers.get('x-bytes')).toBe(String(64 * 1024 + 1));
});

test('a client that reads nothing is cut off, and the reader with it', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let isOver = false;
  await start({
    stalledMs: 50,
    reader: (_request, response) => {
      response.once('close', () => {
        isOver = true;
      });
      const more = (): void => {
        while (response.write(chunk)) if (response.destroyed) return;
      };
      response.on('drain', more);
      more();
    },
  });
  const socket = connect(front?.port ?? 0, '127.0.0.1').pause();
  sockets.push(socket.on('error', () => undefined));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await waitFor('the end of it', () => isOver);
});

test('a reader that pauses in the middle of an answer is waited for', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let paused: ServerResponse | undefined;
  let cutOff = 0;
  await start({
    stalledMs: 50,
    reader: (request, response) => {
      if (request.url === '/pauses') {
        paused = response;
        response.write('first,');
        return;
      }
      response.once('close', () => cutOff++);
      const more = (): void => {
        while (response.write(chunk)) if (response.destroyed) return;
      };
      response.on('drain', more);
      more();
    },
  });
  const answer = fetch(`http://127.0.0.1:${front?.port}/pauses`).then((response) => response.text());
  const pausing = await waitFor('the pause', () => paused);
  // Clients that stall are cut off one after the other meanwhile: so long it lasts.
  for (const count of [1, 2, 3]) {
    const socket = connect(front?.port ?? 0, '127.0.0.1').pause();
    sockets.push(socket.on('error', () => undefined));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await waitFor('the end of it', () => cutOff >= count);
  }
  pausing.end('last');
  expect(await answer).toBe('first,last');
});
