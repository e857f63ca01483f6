/** Connections that say nothing, little or half. They come from the good clients' own address, where a limit per address hurts most. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arena, Attack } from './attack.ts';
import { errorCode } from './wire.ts';

const HOST = '127.0.0.1';
const AT_ONCE = 200;

function open(arena: Arena, port: number, greet: (socket: Socket) => void = () => undefined): Socket {
  const socket = connect({ host: HOST, port, allowHalfOpen: true });
  socket.on('error', (error) => arena.tally.count(errorCode(error)));
  socket.on('connect', () => {
    arena.tally.count('connected');
    greet(socket);
  });
  socket.on('end', () => arena.tally.count('ended by the collector'));
  socket.resume();
  return socket;
}

/** So many connections to each port, held until time is up. */
async function hold(arena: Arena, ports: readonly number[], count: number, greet?: (socket: Socket) => void): Promise<void> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count && !arena.isOver; opened++) {
    for (const port of ports) sockets.push(open(arena, port, greet));
    if (opened % AT_ONCE === 0) await delay(1);
  }
  await arena.over;
  for (const socket of sockets) socket.destroy();
}

const allPorts = ({ ports }: Arena): number[] => [ports.otlpGrpc, ports.otlpHttp, ports.api, ports.metrics];
const httpPorts = ({ ports }: Arena): number[] => [ports.otlpHttp, ports.api, ports.metrics];

const HEAD = `GET /v1/logs HTTP/1.1\r\nHost: ${HOST}\r\nX-Slow: ${'x'.repeat(4_000)}`;
const BYTE_MS = 100;

/** A byte of the head at a time. */
async function slowHeads(arena: Arena, count: number): Promise<void> {
  const sockets = httpPorts(arena).flatMap((port) => Array.from({ length: count }, () => open(arena, port)));
  for (let at = 0; !arena.isOver; at = (at + 1) % HEAD.length) {
    for (const socket of sockets) if (socket.writable) socket.write(HEAD.charAt(at));
    await Promise.race([delay(BYTE_MS), arena.over]);
  }
  for (const socket of sockets) socket.destroy();
}

/** Half a request, and then the end of it. */
const endHalfway = (socket: Socket): void => {
  socket.end('POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"resource');
};

const CLOSE_WAIT = '08';

/** Connections that the other end has closed and the collector has not, on one port; undefined where the system does not say. */
function closeWaits(port: number): number | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
    return rows.map((row) => row.trim().split(/\s+/)).filter(([, local, , state]) => local?.endsWith(suffix) === true && state === CLOSE_WAIT).length;
  } catch {
    return undefined;
  }
}

function noteLeaks(arena: Arena): Promise<void> {
  const leaked = allPorts(arena).map((port) => closeWaits(port) ?? 0);
  const sum = leaked.reduce((total, count) => total + count, 0);
  arena.tally.note(sum === 0 ? 'no socket left behind' : `**${sum} sockets left behind in CLOSE-WAIT (${leaked.join(', ')})**`);
  return Promise.resolve();
}

/** Longer than a handshake may take. */
const SILENT_SECONDS = 13;

export const CONNECTION_ATTACKS: readonly Attack[] = [
  {
    name: 'idle',
    what: '1,500 idle connections to each port',
    run: (arena) => hold(arena, allPorts(arena), arena.times(1_500)),
    afterwards: noteLeaks,
  },
  { name: 'slow-heads', what: '500 requests to each HTTP port, a byte every 100 ms', run: (arena) => slowHeads(arena, arena.times(500)) },
  {
    name: 'half-closed',
    what: '1,000 connections to each HTTP port that end in the middle of a body',
    run: (arena) => hold(arena, httpPorts(arena), arena.times(1_000), endHalfway),
    afterwards: noteLeaks,
  },
];

export const TLS_ATTACKS: readonly Attack[] = [
  {
    name: 'tls-silent',
    what: '600 connections to each port that leave without a handshake, with limits.connections: 500',
    isTls: true,
    leastSeconds: SILENT_SECONDS,
    run: (arena) => hold(arena, allPorts(arena), arena.times(600)),
    afterwards: noteLeaks,
  },
];
