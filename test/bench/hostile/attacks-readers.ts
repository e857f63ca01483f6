/** Questions that cost more to answer than to ask, answers that nobody takes, and tokens that nobody gave. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ROUTES } from '../../../collector/catalog/names.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import type { Arena, Attack } from './attack.ts';
import { post } from './attacks-bodies.ts';
import { emptyRecords } from './bodies.ts';
import { errorCode } from './wire.ts';

const SIX = 'user,model,workspace,repository,team,query_source';
/** The last hours, so that a question is cheap but for its zone. */
const TODAY = `from=${new Date(Date.now() - 3 * 3_600_000).toISOString()}&to=${new Date().toISOString()}`;
const HALF_YEAR = `from=${new Date(Date.now() - 180 * 86_400_000).toISOString()}&to=${new Date().toISOString()}`;
const FIVE_YEARS = `from=${new Date(Date.now() - 5 * 365 * 86_400_000).toISOString()}&to=${new Date().toISOString()}`;

const ask = (arena: Arena, path: string): Promise<string> => arena.send({ port: arena.ports.api, path }, arena.tokens.reader);

const ZONE = 'America/Argentina/ComodRivadavia';

/** The same zone in another spelling for each number: upper and lower case by its bits. */
const spelled = (number: number): string =>
  [...ZONE].map((letter, index) => ((number >> (index % 20)) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join('');

const OLD = [
  'from=0001-01-01',
  'from=0001-01-01&to=9999-12-31',
  'from=-000001-01-01',
  'from=+275760-09-13&to=+275760-09-13',
  'from=2026-11-28&to=0001-01-01',
];

/** Asks for /metrics and reads nothing of the answer. */
async function neverRead(arena: Arena, count: number): Promise<void> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count && !arena.isOver; opened++) {
    const socket = connect({ host: '127.0.0.1', port: arena.ports.metrics, localAddress: arena.address(opened) });
    socket.on('error', (error) => arena.tally.count(errorCode(error)));
    socket.on('connect', () => arena.tally.count('connected'));
    socket.on('close', () => arena.tally.count('closed'));
    socket.pause();
    socket.write(`GET ${ROUTES.exposition} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${arena.tokens.reader}\r\n\r\n`);
    sockets.push(socket);
    if (opened % 50 === 0) await delay(1);
  }
  await arena.over;
  const closed = sockets.filter((socket) => !socket.destroyed).map((socket) => once(socket, 'close'));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

export const READER_ATTACKS: readonly Attack[] = [
  {
    name: 'six-dimensions',
    what: 'half a year by six dimensions and day, 20 at once',
    run: (arena) => arena.siege(20, () => ask(arena, `${ROUTES.spend}?by=${SIX}&grain=day&${HALF_YEAR}`)),
  },
  {
    name: 'zones',
    what: '18,000 spellings of a time zone, 20 at once',
    leastSeconds: 30,
    run: (arena) =>
      arena.volley({ total: arena.times(18_000), atOnce: 20 }, (index) => ask(arena, `${ROUTES.spend}?grain=hour&${TODAY}&tz=${spelled(index)}`)),
  },
  {
    name: 'old-times',
    what: 'the years 1, -1, 9999 and 275760 on every board',
    run: (arena) =>
      arena.volley({ total: BOARDS.length * OLD.length, atOnce: 4 }, (index) =>
        ask(arena, `${ROUTES.boards}/${BOARDS[index % BOARDS.length]?.id}?${OLD[Math.floor(index / BOARDS.length)]}`),
      ),
  },
  {
    name: 'quarters',
    what: 'five years by quarter of an hour and user, 20 at once',
    run: (arena) => arena.siege(20, () => ask(arena, `${ROUTES.spend}?by=user&grain=quarter_hour&${FIVE_YEARS}`)),
  },
  {
    name: 'boards',
    what: 'every board for half a year, 20 at once',
    run: (arena) => arena.siege(20, (index) => ask(arena, `${ROUTES.boards}/${BOARDS[index % BOARDS.length]?.id}?${HALF_YEAR}`)),
  },
  { name: 'unread-metrics', what: '1,000 scrapes that are never read', run: (arena) => neverRead(arena, arena.times(1_000)) },
  {
    name: 'scrapes',
    what: '/metrics, 20 at once',
    run: (arena) => arena.siege(20, () => arena.send({ port: arena.ports.metrics, path: ROUTES.exposition }, arena.tokens.reader)),
  },
  {
    name: 'wrong-tokens',
    what: 'tokens that nobody gave, 16 at once, on OTLP and the API',
    async run(arena) {
      const body = emptyRecords(1);
      await arena.siege(16, (index) => {
        const token = `guess-${index}`;
        if (index % 2 === 0) return arena.send({ port: arena.ports.api, path: ROUTES.spend, localAddress: arena.address(index) }, token);
        return arena.send(
          {
            port: arena.ports.otlpHttp,
            path: ROUTES.logs,
            headers: { 'content-type': body.type },
            body: body.bytes,
            localAddress: arena.address(index),
          },
          token,
        );
      });
    },
    /** The address has a right token, too, which goes on being good. */
    async afterwards(arena) {
      arena.tally.note(`a right token from there: ${await post(arena, emptyRecords(1))}`);
    },
  },
];
