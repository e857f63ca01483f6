/** Keep-alive connections of HTTP/1.1 written by hand: an HTTP client would cost as much as the server that is measured. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TookAll, tookAllOver } from './answer.ts';
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
  const tookAll = tookAllOver({ transport: 'http', encoding });
  return {
    lanes: sockets.map((socket) => laneOver(socket, heads, tookAll)),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const closed = (): Error => new Error('The server closed a connection.');

function laneOver(socket: Socket, heads: Readonly<Record<Body['signal'], string>>, tookAll: TookAll): Lane {
  let answered: PromiseWithResolvers<boolean> | undefined;
  let received: Buffer = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const place = bodyIn(received);
    if (place === undefined || received.length < place.end) return;
    const isTaken = received.toString('latin1', 9, 12) === '200' && tookAll(received.subarray(place.start, place.end));
    received = received.subarray(place.end);
    answered?.resolve(isTaken);
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      answered?.reject(error);
    }
  });
  socket.on('error', (error) => answered?.reject(error));
  socket.on('close', () => answered?.reject(closed()));
  return (body) => {
    if (!socket.writable) return Promise.reject(closed());
    answered = Promise.withResolvers<boolean>();
    socket.cork();
    socket.write(`${heads[body.signal]}${body.bytes.length}\r\n\r\n`, 'latin1');
    socket.write(body.bytes);
    socket.uncork();
    return answered.promise;
  };
}

/** Where the body of an answer stands; undefined while its head is not there yet. */
function bodyIn(received: Buffer): { readonly start: number; readonly end: number } | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const length = /content-length: *(\d+)/i.exec(received.toString('latin1', 0, headEnd))?.[1];
  if (length === undefined) throw new Error('The server answered without Content-Length, which this client does not read.');
  const start = headEnd + HEAD_END.length;
  return { start, end: start + Number(length) };
}
