/** What is still to come of refused bodies. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { turn } from '../../../collector/core/turn.ts';
import { Rests, TURN_BYTES } from '../../../collector/ingest/otlp/http/rest.ts';
import { waitFor } from '../../support/wait.ts';

let server: Server;
const clients: Socket[] = [];
const accepted: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  accepted.length = 0;
  await new Promise((resolve) => server.close(resolve));
});

/** Answers every request by its head. */
async function start(limit: number): Promise<number> {
  const rests = new Rests();
  server = createServer((request, response) => {
    response.writeHead(404).end();
    if (!request.complete) rests.discard(request, limit);
  });
  server.on('connection', (socket) => accepted.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen() on a TCP port: the address is an object.
  return (server.address() as AddressInfo).port;
}

function open(port: number): Socket {
  const client = connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => {});
  clients.push(client);
  return client;
}

const MIB = 1024 * 1024;
const SENDERS = 4;
const head = (bytes: number): string => `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n`;
const read = (): number => accepted.reduce((sum, { bytesRead }) => sum + bytesRead, 0);

describe('the rest of refused bodies', () => {
  test('of many senders is read a bounded number of bytes in each turn, and to its end', async () => {
    const port = await start(16 * MIB);
    for (let sender = 0; sender < SENDERS; sender++) open(port).end(Buffer.concat([Buffer.from(head(8 * MIB)), Buffer.alloc(8 * MIB)]));
    let most = 0;
    for (let before = 0; before < SENDERS * 8 * MIB; ) {
      await turn();
      const now = read();
      most = Math.max(most, now - before);
      before = now;
    }
    // Beside the budget, a read of each connection that is under way when its turn is over.
    expect(most).toBeLessThanOrEqual(TURN_BYTES + SENDERS * 2 * 64 * 1024);
  });

  test('leaves the connection to the next request, any number of times', async () => {
    const port = await start(16 * MIB);
    const client = open(port);
    for (let sent = 1; sent <= 300; sent++) {
      const answered = new Promise((resolve) => client.once('data', resolve));
      client.write(head(1_000));
      await answered;
      client.write(Buffer.alloc(1_000));
    }
    expect(accepted).toHaveLength(1);
  });

  test('is cut off beyond the limit', async () => {
    const client = open(await start(MIB));
    const closed = new Promise((resolve) => client.on('close', resolve).resume());
    client.write(head(16 * MIB));
    client.write(Buffer.alloc(4 * MIB));
    await closed;
  });

  test('keeps no more connections than some hundred; others are closed after their answer', async () => {
    const port = await start(MIB);
    let answers = 0;
    let closed = 0;
    for (let sender = 0; sender < 260; sender++) {
      const client = open(port);
      client.once('data', () => answers++).once('close', () => closed++);
      client.write(head(1_000));
    }
    await waitFor('all answers', () => answers === 260 && closed === 4);
  });
});
