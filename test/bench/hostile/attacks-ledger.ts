/** Valid records that make the ledger work: more of them than anyone needs, late, under names that nobody has. */
import { ROUTES } from '../../../collector/catalog/names.ts';
import type { DemoAttributes } from '../../../collector/demo/wire.ts';
import type { Arena, Attack } from './attack.ts';
import { post } from './attacks-bodies.ts';
import * as bodies from './bodies.ts';
import { GoodExports } from './good-exports.ts';
import { send } from './wire.ts';

/** What an export may hold, with room to spare. */
const RECORDS_IN_EXPORT = 8_000;
const SESSION_ENTRIES = 50_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Its entries stand at even seconds of the days before, so that a late one falls between two. */
const longSession = (arena: Arena): string => `long-${arena.pid}`;
const longSessionStart = (): number => Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS;

async function fillLongSession(arena: Arena): Promise<void> {
  const total = arena.times(SESSION_ENTRIES);
  const startMs = longSessionStart();
  for (let from = 0; from < total; from += RECORDS_IN_EXPORT) {
    const count = Math.min(RECORDS_IN_EXPORT, total - from);
    const logs = Array.from({ length: count }, (_, index) =>
      bodies.usage(longSession(arena), from + index, startMs + (from + index) * 2 * SECOND_MS),
    );
    const outcome = await post(arena, bodies.packed(bodies.usageBody(logs)));
    if (outcome !== '200') throw new Error(`The long session could not be filled: ${outcome}.`);
  }
}

const LOST_RECORDS = 16_000;
const LOST_BY: DemoAttributes = [['user.email', 'lost@example.com']];

/** Records that do not say of which session they are; the ledger has to join them with those of the same user. */
function lost(from: number, count: number): bodies.HostileBody {
  const startMs = longSessionStart();
  const logs = Array.from({ length: count }, (_, index) =>
    bodies.usage('', from + index, startMs + latePlace(from + index, LOST_RECORDS) * SECOND_MS, LOST_BY),
  );
  return bodies.packed(bodies.usageBody(logs));
}

async function fillLost(arena: Arena): Promise<void> {
  const total = arena.times(LOST_RECORDS);
  for (let from = 0; from < total; from += RECORDS_IN_EXPORT) await post(arena, lost(from, Math.min(RECORDS_IN_EXPORT, total - from)));
}

/** Spread over the session, so that each falls among other entries than the one before. */
const latePlace = (index: number, entries: number): number => (index * 7_919) % entries;

const distinct = (arena: Arena, index: number, count: number): bodies.HostileBody => {
  const session = `distinct-${arena.pid}-${index}`;
  const nowMs = Date.now();
  return bodies.packed(bodies.usageBody(Array.from({ length: count }, (_, number) => bodies.usage(session, number, nowMs - number))));
};

/** Of about twenty bytes each, in every dimension that a client may name. */
function invented(index: number, count: number, nowMs: number): bodies.HostileBody {
  const logs = Array.from({ length: count }, (_, number) => {
    const name = `invented-${index}-${number}`;
    const named: DemoAttributes = [
      ['user.email', `${name}@example.com`],
      ['organization.id', `o-${name}`],
      ['team.id', `t-${name}`],
      ['workspace.id', `w-${name}`],
      ['model', `m-${name}`],
    ];
    return bodies.usage(`s-${name}`, number, nowMs - number, named);
  });
  return bodies.packed(bodies.usageBody(logs));
}

/** Does somebody who was never seen before come under their own name? */
async function newcomer(arena: Arena): Promise<void> {
  const user = `newcomer-${Date.now()}@example.com`;
  const { bytes } = new GoodExports(`newcomer-${Date.now()}`, user).next(Date.now());
  const { ports, tokens } = arena;
  const body = {
    port: ports.otlpHttp,
    path: ROUTES.logs,
    headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${tokens.good}` },
    body: bytes,
  };
  const sent = await send(body);
  const path = `${ROUTES.spend}?by=user&where=user:${encodeURIComponent(user)}`;
  const { text } = await send({ port: ports.api, path, headers: { authorization: `Bearer ${tokens.reader}` } });
  const isThere = sent.outcome === '200' && text.includes(`"${user}"`);
  arena.tally.note(isThere ? 'a new user is seen' : '**a new user is not seen under their name**');
}

export const LEDGER_ATTACKS: readonly Attack[] = [
  {
    name: 'distinct-usage',
    what: '8,000 new requests in an export, 4 at once, as long as it lasts',
    async run(arena) {
      await arena.siege(4, (index) => post(arena, distinct(arena, index, arena.times(RECORDS_IN_EXPORT)), index));
    },
  },
  {
    name: 'late-records',
    what: 'one late record in an export into a session of 50,000 entries, 8 at once',
    prepare: fillLongSession,
    async run(arena) {
      const entries = arena.times(SESSION_ENTRIES);
      await arena.siege(8, (index) => {
        const timeMs = longSessionStart() + latePlace(index, entries) * 2 * SECOND_MS + SECOND_MS;
        return post(arena, bodies.usageBody([bodies.usage(longSession(arena), SESSION_ENTRIES + index, timeMs)]), index);
      });
    },
  },
  {
    name: 'lost-records',
    what: 'one record without a session in an export, among 16,000 of the same user, 8 at once',
    prepare: fillLost,
    run: (arena) => arena.siege(8, (index) => post(arena, lost(LOST_RECORDS + index, 1), index)),
  },
  {
    name: 'sessions',
    what: '8,000 new sessions in an export, 4 at once, as long as it lasts',
    async run(arena) {
      await arena.siege(4, (index) => {
        const nowMs = Date.now();
        const logs = Array.from({ length: arena.times(RECORDS_IN_EXPORT) }, (_, number) =>
          bodies.usage(`one-${arena.pid}-${index}-${number}`, 0, nowMs),
        );
        return post(arena, bodies.packed(bodies.usageBody(logs)), index);
      });
    },
  },
  {
    name: 'jumping-series',
    what: '5,000 readings of a running total that jumps, 4 at once, into 4 sessions',
    async run(arena) {
      await arena.siege(4, (index) =>
        post(arena, bodies.jumpingSeries(`jumping-${arena.pid}-${index % 4}`, arena.times(5_000), Date.now() + index), index),
      );
    },
  },
  {
    name: 'names',
    what: '22,000 invented organizations, teams, users, workspaces and models, 2,000 in an export',
    isCounted: true,
    async run(arena) {
      const count = arena.times(2_000);
      const nowMs = Date.now();
      await arena.volley({ total: 11, atOnce: 2 }, (index) => post(arena, invented(index, count, nowMs), index));
    },
    afterwards: newcomer,
  },
];
