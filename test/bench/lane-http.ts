/** Keep-alive connections of HTTP/1.1 written by hand: an HTTP client would cost as much as the server that is measured. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Body } from './feed.ts';
import type { Lane, Lanes, LoadOrder } from './load.ts';

const HEAD_END = Buffer.from('\r\n\r\n');

export async function openHttpLanes({ port, encoding, gzip, lanes, token }: LoadOrder): Promise<Lanes> {
  const sockets = Array.from({ length: lanes }, () => connect({ port, host: '127.0.0.1', noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const head = (signal: Body['signal']): string =>
    `POST /v1/${signal} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/${encoding === 'json' ? 'json' : 'x-protobuf'}\r\n` +
    `${token === undefined ? '' : `Authorization: Bearer ${token}\r\n`}${gzip ? 'Content-Encoding: gzip\r\n' : ''}Content-Length: `;
  const heads = { logs: head('logs'), metrics: head('metrics') };
  return {
    lanes: sockets.map((socket) => laneOver(socket, heads)),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function laneOver(socket: Socket, heads: Readonly<Record<Body['signal'], string>>): Lane {
  let answered: PromiseWithResolvers<boolean> | undefined;
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const length = answerLength(received);
    if (length === undefined || received.length < length) return;
    const isTaken = received.toString('latin1', 9, 12) === '200';
    received = received.subarray(length);
    answered?.resolve(isTaken);
  });
  socket.on('error', (error) => answered?.reject(error));
  socket.on('close', () => answered?.reject(new Error('The server closed a connection.')));
  return (body) => {
    answered = Promise.withResolvers<boolean>();
    socket.cork();
    socket.write(`${heads[body.signal]}${body.bytes.length}\r\n\r\n`, 'latin1');
    socket.write(body.bytes);
    socket.uncork();
    return answered.promise;
  };
}

/** Length of the whole answer; undefined while its head is not there yet. */
function answerLength(received: Buffer): number | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const length = /content-length: *(\d+)/i.exec(received.toString('latin1', 0, headEnd))?.[1];
  if (length === undefined) throw new Error('The server answered without Content-Length, which this client does not read.');
  return headEnd + HEAD_END.length + Number(length);
}
