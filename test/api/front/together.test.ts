/** Questions of the guard that arrive at once reach the reader's thread in few exchanges; what it leaves to the ordinary way goes that way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { createFront } from '../../../collector/api/front/front.ts';
import { type AskedTogether, TOGETHER_PATH, type TogetherAnswers } from '../../../collector/api/together.ts';
import { ROUTES } from '../../../collector/catalog/names.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { listenHttp } from '../../../collector/server/http-server.ts';
import { listenOnSocket, makePrivateSockets } from '../../../collector/server/private-sockets.ts';
import { PEER_HEADER } from '../../../collector/server/reader-gate.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const textOf = async (request: IncomingMessage): Promise<string> =>
  Buffer.concat(await Array.fromAsync(request, (chunk: Buffer) => chunk)).toString();

interface Reader {
  readonly url: string;
  /** How many questions each exchange had. */
  readonly exchanges: number[];
  readonly alone: string[];
}

/** `after`: so many have to be there before the reader answers any. */
async function start(answerOf: (asked: AskedTogether) => TogetherAnswers[number], { status = 200, after = 1 } = {}): Promise<Reader> {
  const [exchanges, alone]: [number[], string[]] = [[], []];
  let arrived = 0;
  const all = Promise.withResolvers<void>();
  const guard = async (): Promise<void> => {
    if (++arrived === after) all.resolve();
  };
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url !== TOGETHER_PATH || request.headers[PEER_HEADER] !== undefined) {
      alone.push(`${request.method} ${request.url}`);
      response.end('"alone"');
      return;
    }
    const asked = JSON.parse(await textOf(request)) as AskedTogether[]; // written by the front, as this type
    exchanges.push(asked.length);
    await all.promise;
    response.writeHead(status).end(JSON.stringify(asked.map(answerOf)));
  };
  const sockets = await makePrivateSockets([]);
  closing.push(() => sockets.remove());
  const behind = await listenOnSocket((request, response) => void listener(request, response), sockets.pathOf('api'));
  closing.push(() => behind.close());
  const { limits } = configSchema.parse({});
  const options = { limits, guard, health: () => undefined, limitHit: () => undefined, socketPath: sockets.pathOf('api') };
  const front = await listenHttp(createFront(options), { host: '127.0.0.1', port: 0, key: 'server.api_port', flag: '--api-port' });
  closing.push(() => front.close());
  return { url: `http://127.0.0.1:${front.port}`, exchanges, alone };
}

const askAll = (url: string, count: number): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const response = await fetch(`${url}${ROUTES.guard}?session=${index}`, { headers: { authorization: `Bearer ${index}`, connection: 'close' } });
      return `${response.status} ${response.headers.get('cache-control')} ${await response.text()}`;
    }),
  );

test('each gets its own answer, and many share an exchange', async () => {
  const { url, exchanges, alone } = await start(({ url: path, headers }) => ({ body: JSON.stringify([path, headers.authorization]), seconds: 7 }), {
    after: 200,
  });
  expect(await askAll(url, 200)).toEqual(
    Array.from({ length: 200 }, (_, index) => `200 private, max-age=7 ["${ROUTES.guard}?session=${index}","Bearer ${index}"]`),
  );
  expect(alone).toEqual([]);
  expect(exchanges.reduce((sum, count) => sum + count, 0)).toBe(200);
  // Two that were under way until all others had come, which are a hundred at most in one.
  expect(exchanges.slice(2).every((count) => count <= 100)).toBe(true);
  expect(exchanges.length).toBeLessThan(10);
});

test('what is not answered there, or not at all, goes the ordinary way', async () => {
  const odd = await start(({ url: path }) => (/[13579]$/.test(path) ? null : { body: '"together"', seconds: 7 }));
  expect((await askAll(odd.url, 4)).map((answer) => answer.split(' ').at(-1))).toEqual(['"together"', '"alone"', '"together"', '"alone"']);
  const failing = await start(() => null, { status: 500 });
  expect(await askAll(failing.url, 2)).toEqual(['200 null "alone"', '200 null "alone"']);
});

test('a client cannot send what only the front sends, and HEAD goes the ordinary way', async () => {
  const { url, exchanges, alone } = await start(() => ({ body: '"together"', seconds: 7 }));
  await fetch(`${url}${TOGETHER_PATH}`, { method: 'POST', body: '[]' });
  await fetch(`${url}${ROUTES.guard}`, { method: 'HEAD' });
  expect({ exchanges, alone }).toEqual({ exchanges: [], alone: [`POST ${TOGETHER_PATH}`, `HEAD ${ROUTES.guard}`] });
});
