/** Requests that one connection sends without waiting for answers. */
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { listenHttp, type RunningServer } from '../../collector/server/http-server.ts';
import { waitFor } from '../support/wait.ts';

let server: RunningServer | undefined;
let asked: { readonly path: string; readonly response: ServerResponse }[] = [];
let limitsHit: string[] = [];
let socket: Socket | undefined;
afterEach(async () => {
  socket?.destroy();
  await server?.close();
});

const MAX = 10;

async function open(): Promise<Socket> {
  asked = [];
  limitsHit = [];
  const limits = { connections: 10, connections_per_address: 10, pipelined_requests: MAX };
  server = await listenHttp(
    ({ url = '' }, response) => void asked.push({ path: url, response }),
    { host: '127.0.0.1', port: 0, key: 'server.api_port', flag: '--api-port' },
    { limits, onLimit: (limit, address) => void limitsHit.push(`${limit} ${address}`) },
  );
  socket = connect(server.port, '127.0.0.1').on('error', () => {});
  return socket;
}

const requests = (count: number): string => Array.from({ length: count }, (_, index) => `GET /${index} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join('');
const paths = (): string[] => asked.map(({ path }) => path);

describe('requests that do not wait for answers', () => {
  test('are begun one at a time, each when the one before is answered', async () => {
    const client = await open();
    let answers = '';
    client.on('data', (chunk: Buffer) => {
      answers += chunk;
    });
    client.write(requests(5));
    for (let index = 0; index < 5; index++) {
      await waitFor('the next', () => asked.length > index);
      expect(paths()).toEqual(Array.from({ length: index + 1 }, (_, path) => `/${path}`));
      asked[index]?.response.end(`answer ${index}`);
    }
    await waitFor('all answers', () => answers.includes('answer 4'));
    expect(answers.match(/answer \d/g)).toEqual([0, 1, 2, 3, 4].map((index) => `answer ${index}`));
    expect(limitsHit).toEqual([]);
  });

  test('begin no other when an answer ends the connection', async () => {
    const client = await open();
    const closed = new Promise((resolve) => client.on('close', resolve).resume());
    client.write(requests(3));
    await waitFor('the first', () => asked.length === 1);
    asked[0]?.response.setHeader('connection', 'close').end();
    await closed;
    expect(paths()).toEqual(['/0']);
  });

  test('close the connection beyond limits.pipelined_requests, which is counted once', async () => {
    const client = await open();
    const closed = new Promise((resolve) => client.on('close', resolve).resume());
    client.write(requests(MAX + 50));
    await closed;
    expect(paths()).toEqual(['/0']);
    expect(limitsHit).toEqual(['limits.pipelined_requests 127.0.0.1']);
  });
});
