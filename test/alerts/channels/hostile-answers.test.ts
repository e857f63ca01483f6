/** What a receiver may answer: without an end, drip by drip, huge, compressed many times, or meant for a terminal. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { postJson } from '../../../collector/alerts/channels/http-post.ts';
import { mailChannel } from '../../../collector/alerts/channels/mail/channel.ts';
import { type Delivery, DeliveryFailure } from '../../../collector/alerts/outbox.ts';
import type { MailConfig } from '../../../collector/config/channels/mail.ts';
import { MESSAGE } from '../message.ts';

/** Of what an answer without an end sends at most: far beyond what may be read, little enough to fail by. */
const SENT_MAX = 256 * 1024 * 1024;
const READ_MAX = 32 * 1024 * 1024;

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  if (server !== undefined) await once(server.close(), 'close');
  server = undefined;
});

/** A server that does this with each connection, as soon as something was said on it or, for mail, at once. */
async function serve(answer: (socket: Socket) => void, speaksFirst = false): Promise<{ readonly port: number; readonly url: string }> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (speaksFirst) answer(socket);
    else socket.once('data', () => answer(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // listen() on a TCP port: the address is an object.
  const { port } = server.address() as { port: number };
  return { port, url: `http://127.0.0.1:${port}/` };
}

/** Sends the chunk again and again, as fast as it is taken. Resolves to the bytes that were, once nobody takes more. */
async function flood(socket: Socket, chunk: Buffer): Promise<number> {
  let sent = 0;
  while (!socket.destroyed && sent < SENT_MAX) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
    sent += chunk.length;
  }
  return sent;
}

const post = (url: string, answerMs?: number): Promise<unknown> =>
  postJson({ url, body: '{}', receiver: 'The webhook ops', ...(answerMs !== undefined && { answerMs }) }).catch((error: unknown) => error);
const wordsOf = (failure: unknown): string => (failure instanceof DeliveryFailure ? failure.message : `no failure: ${String(failure)}`);

describe('a webhook', () => {
  test.each([200, 500])('that answers %i and then sends without an end is left after the beginning', async (status) => {
    const sent = Promise.withResolvers<number>();
    const { url } = await serve((socket) => {
      socket.write(`HTTP/1.1 ${status} x\r\ncontent-type: text/plain\r\n\r\n`);
      flood(socket, Buffer.alloc(65_536, 'x')).then(sent.resolve, sent.reject);
    });
    const outcome = await post(url);
    expect(status === 200 ? outcome : wordsOf(outcome).slice(0, 40)).toBe(status === 200 ? undefined : 'The webhook ops answered 500: xxxxxxxxxx');
    expect(await sent.promise).toBeLessThan(READ_MAX);
  });

  test('that drips its answer is left when the time is up, and what it said until then counts', async () => {
    const { url } = await serve((socket) => void socket.write('HTTP/1.1 503 x\r\ncontent-length: 9999\r\n\r\nbusy'));
    const failure = await post(url, 300);
    expect(wordsOf(failure)).toBe('The webhook ops answered 503: busy');
    const [socket] = sockets;
    if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
  });

  test('that took the message and never ends its answer has taken it, at once', async () => {
    const { url } = await serve((socket) => void socket.write('HTTP/1.1 200 x\r\ncontent-length: 9999\r\n\r\nok'));
    // Half a day: were the end waited for, so would be the test.
    expect(await post(url, 43_200_000)).toBeUndefined();
  });

  test('whose answer is one line of 2 MB, made to be searched again and again, holds nothing up', async () => {
    const line = '<style'.repeat(350_000);
    const { url } = await serve((socket) => void socket.end(`HTTP/1.1 400 x\r\ncontent-length: ${line.length}\r\n\r\n${line}`));
    expect(wordsOf(await post(url))).toBe('The webhook ops answered 400');
  });

  test('whose answer is small and becomes large is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));
    const { url } = await serve((socket) => {
      socket.write(`HTTP/1.1 500 x\r\ncontent-encoding: gzip\r\ncontent-length: ${2 * bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    expect(wordsOf(await post(url))).toMatch(/^The webhook ops answered 500: x{199}…$/);
  });

  test('cannot write on a terminal, and not a line of its own', async () => {
    const said = 'a\u001b]0;owned\u0007b\u001b[2Jc\u009b31md\r\nERROR e\u202egpj\u2066f\u2028g\u0000h\u007f';
    const { url } = await serve((socket) => void socket.end(`HTTP/1.1 500 x\r\n\r\n${said}`));
    const words = wordsOf(await post(url));
    expect(words).toBe('The webhook ops answered 500: a ]0;owned b [2Jc 31md ERROR e gpj f g h');
  });

  test('still gets its words out of a page', async () => {
    const page = '<html><HEAD><title>t</title></HEAD><body><h1>No such</h1>\n<p class="a">channel</p> 3 < 4<script>x()</script></body></html>';
    const { url } = await serve((socket) => void socket.end(`HTTP/1.1 404 x\r\n\r\n${page}`));
    expect(wordsOf(await post(url))).toMatch(/^The webhook ops answered 404: No such channel 3\. Check the address/);
  });
});

describe('a mail server', () => {
  const delivery: Delivery = {
    ...{ id: 'id', kind: 'test', channel: '', subject: 'test', message: MESSAGE, labels: {}, to: undefined, createdMs: 0 },
    ...{ status: 'waiting', attempts: 0, nextMs: 0, deliveredMs: undefined, error: undefined },
  };
  const send = (port: number, messageMs?: number): Promise<unknown> => {
    const config: MailConfig = {
      type: 'email',
      name: 'ops',
      smtp_host: '127.0.0.1',
      smtp_port: port,
      smtp_tls: 'none',
      from: 'l@example.com',
      to: ['a@example.com'],
    };
    return mailChannel(config, messageMs)
      .deliver(delivery)
      .catch((error: unknown) => error);
  };

  test('that greets without an end is left', async () => {
    const sent = Promise.withResolvers<number>();
    const { port } = await serve((socket) => void flood(socket, Buffer.alloc(65_536, 'x')).then(sent.resolve, sent.reject), true);
    expect(wordsOf(await send(port))).toMatch(/^The mail server/);
    expect(await sent.promise).toBeLessThan(READ_MAX);
  });

  test('that goes on sending after it refused is left', async () => {
    const sent = Promise.withResolvers<number>();
    const { port } = await serve((socket) => {
      socket.write('554 no\r\n');
      flood(socket, Buffer.alloc(65_536, '250 x\r\n')).then(sent.resolve, sent.reject);
    }, true);
    expect(wordsOf(await send(port))).toMatch(/^The mail server/);
    expect(await sent.promise).toBeLessThan(READ_MAX);
  });

  test('that drips the answer to the greeting is left when the time is up', async () => {
    const { port } = await serve((socket) => {
      socket.write('220 here\r\n');
      socket.on('data', () => {
        const drip = setInterval(() => socket.write('250-x\r\n'), 20);
        socket.on('close', () => clearInterval(drip));
      });
    }, true);
    expect(wordsOf(await send(port, 500))).toBe('The mail server did not take it within 0.5 s.');
    const [socket] = sockets;
    if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
  });

  test('cannot write on a terminal', async () => {
    const { port } = await serve((socket) => void socket.end('554 a\u001b[2Jb\u009bc\u202ed\r\n'), true);
    expect(wordsOf(await send(port))).toMatch(/^The mail server rejected it: 554 a \[2Jb c d/);
  });
});
