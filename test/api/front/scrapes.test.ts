/** /metrics for many readers at once, some of which never read. */
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Deliveries, TURN_BYTES } from '../../../collector/api/front/deliveries.ts';
import { shareText } from '../../../collector/api/front/shared-text.ts';
import { turn } from '../../../collector/core/turn.ts';
import { waitFor } from '../../support/wait.ts';
import { startFront, type TestFront } from './fronts.ts';

let front: TestFront | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await front?.stop();
  front = undefined;
});

/** More than the sockets of a connection hold. */
const LARGE = Buffer.alloc(32 * 1024 * 1024, 'x');

/** Takes the first bytes, and no more. */
function neverRead(port = front?.port): Socket {
  const socket = connect(port ?? 0, '127.0.0.1');
  socket.once('data', () => socket.pause());
  sockets.push(socket.on('error', () => undefined));
  socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return socket;
}

const scrape = (method = 'GET'): Promise<Response> => fetch(`http://127.0.0.1:${front?.port}/metrics`, { method });

describe('a scrape', () => {
  test('gets status, type and length of the text', async () => {
    const reader = (_: unknown, response: ServerResponse) => void response.writeHead(200, { 'content-type': 'text/x' }).end('a 1\n');
    front = await startFront({ kind: 'metrics', reader });
    const answer = await scrape();
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-length')]).toEqual([200, 'text/x', '4']);
    expect(await answer.text()).toBe('a 1\n');
    expect(await (await scrape('HEAD')).text()).toBe('');
    expect((await scrape('POST')).status).toBe(405);
  });

  test('without a reader is 503, so that Prometheus notes the gap', async () => {
    front = await startFront({ kind: 'metrics' });
    expect((await scrape()).status).toBe(503);
  });

  test('that takes too long is 503, names the limit and counts it', async () => {
    front = await startFront({ kind: 'metrics', reader: () => undefined, limits: { query_ms: 50 } });
    const answer = await scrape();
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('limits.query_ms')]);
    expect(front.limitsHit).toEqual(['limits.query_ms']);
  });

  test('is answered whole beside many that never read: the slowest make room, and are counted', async () => {
    front = await startFront({ kind: 'metrics', reader: (_, response) => void response.end(LARGE) });
    const [first] = Array.from({ length: 3 }, neverRead);
    await waitFor('bytes for the first', () => (first?.bytesRead ?? 0) > 0);
    for (let reader = 0; reader < 10; reader++) neverRead();
    expect((await (await scrape()).arrayBuffer()).byteLength).toBe(LARGE.byteLength);
    await waitFor('the ones that made room', () => (front?.limitsHit.length ?? 0) >= 10);
    expect(new Set(front.limitsHit)).toEqual(new Set(['limits.scrapes']));
  });

  test('that takes no byte for long is cut off', async () => {
    const deliveries = new Deliveries({ deliveriesMax: 9, stalledMs: 50, onCutOff: () => undefined });
    const server = createServer((_request, response) => {
      response.writeHead(200);
      void deliveries.send(response, [LARGE, LARGE]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // listen() on a TCP port: the address is an object.
    const socket = neverRead((server.address() as AddressInfo).port);
    await waitFor('its first bytes', () => socket.bytesRead > 0);
    const open = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
    await waitFor('the end of the connection', async () => (await open()) === 0);
    await new Promise((resolve) => server.close(resolve));
  });
});

/** Takes whatever comes, at once, and counts it. */
class Greedy extends Writable {
  static bytes = 0;
  readonly setTimeout = (): void => undefined;

  override _write({ byteLength }: Buffer, _encoding: unknown, done: () => void): void {
    Greedy.bytes += byteLength;
    done();
  }
}

test('texts for many readers are handed out a bounded number of bytes in each turn of the thread', async () => {
  const deliveries = new Deliveries({ deliveriesMax: 100, stalledMs: 50, onCutOff: () => undefined });
  const chunks = Array.from({ length: 32 }, () => Buffer.alloc(64 * 1024));
  let isDone = false;
  // of a response, what deliveries use
  const sent = Array.from({ length: 20 }, () => deliveries.send(new Greedy() as unknown as ServerResponse, chunks));
  const all = Promise.all(sent).then(() => {
    isDone = true;
  });
  let most = 0;
  for (let before = 0; !isDone; before = Greedy.bytes) {
    await turn();
    most = Math.max(most, Greedy.bytes - before);
  }
  await all;
  expect(Greedy.bytes).toBe(20 * 32 * 64 * 1024);
  expect(most).toBeLessThanOrEqual(2 * TURN_BYTES);
});

describe('a shared text', () => {
  test('is made once for all who ask meanwhile, and for those who ask as shortly after as it took', async () => {
    let clock = 0;
    let made = 0;
    const text = shareText({
      elapsedMs: () => clock,
      make: async () => {
        made++;
        clock += 300;
        return made;
      },
    });
    expect(await Promise.all([text(), text(), text()])).toEqual([1, 1, 1]);
    clock += 299;
    expect(await text()).toBe(1);
    clock += 1;
    expect(await text()).toBe(2);
  });

  test('is never shown for more than a second, and a failure never again', async () => {
    let clock = 0;
    const outcomes = ['first', new Error('busy'), 'third'];
    const text = shareText({
      elapsedMs: () => clock,
      make: async () => {
        clock += 60_000;
        const outcome = outcomes.shift();
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
    });
    expect(await text()).toBe('first');
    clock += 1_000;
    await expect(text()).rejects.toThrow('busy');
    expect(await text()).toBe('third');
  });
});
