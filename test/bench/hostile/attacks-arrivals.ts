/** Requests over HTTP that never come to their end, and answers that nobody takes. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ROUTES } from '../../../collector/catalog/names.ts';
import type { Arena, Attack } from './attack.ts';
import { errorCode, room } from './wire.ts';

const BODY_BYTES = 16 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024);
const DRIP_MS = 100;

function open(arena: Arena, index: number, port = arena.ports.otlpHttp): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress: arena.address(index) });
  socket.on('error', (error) => arena.tally.count(errorCode(error)));
  return socket;
}

/** Counts the status of each answer. */
function readAnswers(arena: Arena, socket: Socket): void {
  socket.on('data', (chunk: Buffer) => {
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString('latin1', 0, 12)) ?? [];
    if (status !== undefined) arena.tally.count(status);
  });
}

const headOf = (arena: Arena, bytes: number): string =>
  `POST ${ROUTES.logs} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-protobuf\r\nAuthorization: Bearer ${arena.tokens.attacker}\r\n` +
  `Content-Length: ${bytes}\r\n\r\n`;

async function slowBodies(arena: Arena, count: number): Promise<void> {
  const sockets = Array.from({ length: count }, (_, index) => open(arena, index));
  for (const socket of sockets) {
    readAnswers(arena, socket);
    socket.write(headOf(arena, BODY_BYTES));
  }
  while (!arena.isOver) {
    for (const socket of sockets) if (socket.writable) socket.write(CHUNK.subarray(0, 1));
    await Promise.race([delay(DRIP_MS), arena.over]);
  }
  for (const socket of sockets) socket.destroy();
}

async function sendUnfinished(arena: Arena, socket: Socket, bytes: number): Promise<void> {
  readAnswers(arena, socket);
  socket.write(headOf(arena, bytes));
  for (let left = bytes - 1; left > 0 && !arena.isOver && socket.writable; left -= CHUNK.length) {
    if (!socket.write(CHUNK.subarray(0, Math.min(left, CHUNK.length)))) await Promise.race([room(socket), arena.over]);
  }
}

async function unfinishedBodies(arena: Arena, count: number): Promise<void> {
  const sockets = Array.from({ length: count }, (_, index) => open(arena, index));
  await Promise.all(sockets.map((socket) => sendUnfinished(arena, socket, arena.times(BODY_BYTES))));
  await arena.over;
  for (const socket of sockets) socket.destroy();
}

const PIPELINED_AT_ONCE = 100;

/** Requests one after another on one connection, and nothing is read. */
async function pipelined(arena: Arena, port: number, request: string): Promise<void> {
  const requests = Buffer.from(request.repeat(PIPELINED_AT_ONCE));
  const socket = open(arena, 0, port);
  socket.pause();
  while (!arena.isOver && socket.writable) {
    if (!socket.write(requests)) await Promise.race([room(socket), arena.over]);
    arena.tally.count(`${PIPELINED_AT_ONCE} requests`);
    await delay(1);
  }
  socket.destroy();
}

async function pipelines(arena: Arena): Promise<void> {
  const { ports, tokens } = arena;
  const ask = `GET ${ROUTES.spend}?by=user HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${tokens.reader}\r\n\r\n`;
  const send = headOf(arena, 0);
  await Promise.all([
    ...Array(4)
      .fill(ports.otlpHttp)
      .map((port: number) => pipelined(arena, port, send)),
    pipelined(arena, ports.api, ask),
  ]);
}

/** Long enough to arrive where nothing stops them. */
const ARRIVING_SECONDS = 10;

export const ARRIVAL_ATTACKS: readonly Attack[] = [
  { name: 'slow-bodies', what: '400 bodies announced with 16 MB, a byte every 100 ms', run: (arena) => slowBodies(arena, arena.times(400)) },
  {
    name: 'unfinished-bodies',
    what: '200 bodies of 16 MB over HTTP without their last byte',
    leastSeconds: ARRIVING_SECONDS,
    run: (arena) => unfinishedBodies(arena, arena.times(200)),
  },
  { name: 'pipelined', what: 'requests without end on 5 connections, answers unread', run: pipelines },
];
