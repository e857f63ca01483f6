/** What HTTP/2 allows a client to do, and a good one does not. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arena, Attack } from './attack.ts';
import { errorCode, grpcPath, room } from './wire.ts';

const STREAMS_IN_SESSION = 100;
const UNFINISHED_BYTES = 15 * 1024 * 1024;
/** So long it takes to send all of it. */
const UNFINISHED_SECONDS = 12;
const CHUNK = Buffer.alloc(64 * 1024);

async function openSession(arena: Arena, index = 0): Promise<ClientHttp2Session> {
  const socket = connectSocket({ host: '127.0.0.1', port: arena.ports.otlpGrpc, localAddress: arena.address(index) });
  const session = connect(`http://127.0.0.1:${arena.ports.otlpGrpc}`, { createConnection: () => socket });
  session.on('error', (error) => arena.tally.count(`connection ${errorCode(error)}`));
  await Promise.race([once(session, 'connect').catch(() => undefined), arena.over]);
  return session;
}

function call(arena: Arena, session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: grpcPath('logs'),
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${arena.tokens.attacker}`,
  });
  const readStatus = (headers: Readonly<Record<string, unknown>>) => {
    if (headers['grpc-status'] !== undefined) arena.tally.count(`grpc ${headers['grpc-status']}`);
  };
  stream.on('response', readStatus);
  stream.on('trailers', readStatus);
  stream.on('error', () => undefined);
  stream.resume();
  return stream;
}

/** A message's head: not compressed, and so long. */
function messageHead(bytes: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes, 1);
  return head;
}

/** All but the last byte of a message, as fast as it is taken. */
async function sendUnfinished(arena: Arena, stream: ClientHttp2Stream, bytes: number): Promise<void> {
  stream.write(messageHead(bytes));
  for (let left = bytes - 1; left > 0 && !arena.isOver && !stream.destroyed; left -= CHUNK.length) {
    const isTaken = stream.write(CHUNK.subarray(0, Math.min(left, CHUNK.length)));
    if (!isTaken) await Promise.race([room(stream), arena.over]);
  }
}

async function unfinished(arena: Arena, streams: number): Promise<void> {
  const sessions = await Promise.all(Array.from({ length: Math.ceil(streams / STREAMS_IN_SESSION) }, (_, index) => openSession(arena, index)));
  const open = sessions.filter((session) => !session.destroyed);
  const sending = open.flatMap((session, index) =>
    Array.from({ length: Math.min(STREAMS_IN_SESSION, streams - index * STREAMS_IN_SESSION) }, () =>
      sendUnfinished(arena, call(arena, session), arena.times(UNFINISHED_BYTES)),
    ),
  );
  await Promise.all(sending);
  await arena.over;
  for (const session of sessions) session.destroy();
}

async function openAndReset(arena: Arena, total: number): Promise<void> {
  const session = await openSession(arena);
  for (let count = 0; count < total && !arena.isOver && !session.destroyed; count++) {
    const stream = call(arena, session);
    stream.close(constants.NGHTTP2_CANCEL);
    arena.tally.count('reset');
    if (count % STREAMS_IN_SESSION === 0) await delay(1);
  }
  session.destroy();
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const PING = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
const FRAMES_AT_ONCE = 1_000;

/** One frame again and again, and nothing is read of the answers. */
async function flood(arena: Arena, frame: Buffer, connections: number): Promise<void> {
  const frames = Buffer.concat(Array<Buffer>(FRAMES_AT_ONCE).fill(frame));
  const one = async (index: number): Promise<void> => {
    while (!arena.isOver) {
      const socket = connectSocket({ host: '127.0.0.1', port: arena.ports.otlpGrpc, localAddress: arena.address(index) });
      socket.on('error', (error) => arena.tally.count(errorCode(error)));
      socket.pause();
      socket.write(Buffer.concat([PREFACE, SETTINGS]));
      while (!arena.isOver && !socket.destroyed && socket.writable) {
        if (!socket.write(frames)) await Promise.race([room(socket), arena.over]);
        await delay(1);
      }
      socket.destroy();
      arena.tally.count('connection');
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, index) => one(index)));
}

const DRIP_MS = 20;

async function drip(arena: Arena, streams: number): Promise<void> {
  const sessions = await Promise.all(Array.from({ length: Math.ceil(streams / STREAMS_IN_SESSION) }, (_, index) => openSession(arena, index)));
  const calls = sessions
    .filter((session) => !session.destroyed)
    .flatMap((session) => Array.from({ length: STREAMS_IN_SESSION }, () => call(arena, session)));
  for (const stream of calls) stream.write(messageHead(1_000_000));
  while (!arena.isOver) {
    for (const stream of calls) if (stream.writable) stream.write(CHUNK.subarray(0, 1));
    await Promise.race([delay(DRIP_MS), arena.over]);
  }
  for (const session of sessions) session.destroy();
}

export const GRPC_ATTACKS: readonly Attack[] = [
  {
    name: 'grpc-unfinished',
    what: '200 calls that send 15 MB and never finish',
    leastSeconds: UNFINISHED_SECONDS,
    run: (arena) => unfinished(arena, arena.times(200)),
  },
  { name: 'grpc-reset', what: '10,000 calls opened and reset', run: (arena) => openAndReset(arena, arena.times(10_000)) },
  { name: 'grpc-ping', what: 'PING frames on 4 connections, answers unread', run: (arena) => flood(arena, PING, 4) },
  { name: 'grpc-settings', what: 'SETTINGS frames on 4 connections, answers unread', run: (arena) => flood(arena, SETTINGS, 4) },
  { name: 'grpc-drip', what: '400 calls that send a byte every 20 ms', run: (arena) => drip(arena, arena.times(400)) },
];
