/** A random embedded ledger, and its copy on PostgreSQL: what is asked of both must be answered alike. */
import { expect } from '@jest/globals';
import { storageSchema } from '../../../collector/config/storage.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../collector/core/duration.ts';
import { adjustmentIdentity } from '../../../collector/ledger/adjustments.ts';
import type { ApiRequest } from '../../../collector/ledger/api-requests.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { SESSION_DIMENSIONS, type SessionFilter } from '../../../collector/ledger/sessions.ts';
import { requestIdKey, requestKey, standInIdentity } from '../../../collector/ledger/stand-ins.ts';
import { Database, READ_ONLY, type Transaction } from '../../../collector/storage/postgres/connection.ts';
import { type Target, targetOf } from '../../../collector/storage/postgres/target.ts';
import { deliveries, generatePools } from '../../ledger/simulation/pool-records.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import type { RunningPostgres } from '../../support/postgres-server.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { copyLedger } from './copied-ledger.ts';

/** Odd ones beside plain ones: what a search must take as it is, and what sorts otherwise by bytes. */
export const VALUES = {
  organization: ['acme', 'Acme', ''],
  team: ['platform', 'data%', '', 'unallocated'],
  user: ['ann@example.com', 'BEN', 'Ärmel', 'ΟΔΟΣ', "'unallocated'", ''],
  workspace: ['Web_Shop', 'lab\\n', 'İstanbul', ''],
  repository: ['acme/shop', 'ACME/Kit', ''],
} as const;
export const SEARCHES = [
  'a',
  'AN',
  'unalloc',
  "'",
  '%',
  '_',
  '\\',
  'ärm',
  'ÄRM',
  'οδος',
  'ΟΔΟΣ',
  'i̇',
  'ist',
  'kit',
  's-1',
  'S-',
  'shop',
  ' ',
  'a\0b',
  'none',
  '~',
];
const REQUESTS = Array.from({ length: 20 }, (_, index) => `req_${index}`);
const requestOf = (id: string): string => requestKey({ id, model: 'opus', input: 10, cacheRead: 0, cacheCreation: 0 });

const placeOf = (random: Random) => ({
  organization: random.pick(VALUES.organization),
  team: random.pick(VALUES.team),
  user: random.pick(VALUES.user),
  workspace: random.pick(VALUES.workspace),
  repository: random.pick(VALUES.repository),
});

/** Sessions of three months, of which some move, some have stand-ins or corrections, and some are called the same in another realm. */
function sessionsOf(random: Random, count: number): Entry[] {
  return Array.from({ length: count }, (_, number) => {
    const moves = random.pick([0, 0, 0.3]);
    const sessionId = `S-${random.below(count)}${random.pick(['', '', '~abcdefghij', '~klmnopqrst'])}`;
    const begunMs = NOON - random.pick([0, 0, 1, 30, 60]) * DAY_MS + random.below(3) * HOUR_MS;
    let place = placeOf(random);
    return Array.from({ length: 1 + random.below(8) }, (_, index) => {
      if (random.chance(moves)) place = { ...place, ...random.pick([{ user: random.pick(VALUES.user) }, placeOf(random)]) };
      const { team, user, ...dimensions } = place;
      const made = event({
        ...{ id: `${number}-${index}`, sessionId, timeMs: begunMs + index * random.below(5) * MINUTE_MS, model: random.pick(['opus', 'haiku']) },
        ...{ cost: `${random.below(2)}.${random.below(3)}`, team, user, dimensions: { ...dimensions, client_version: `2.${number % 2}` } },
        ...(random.chance(0.7) && { sequence: index + random.below(2) }),
        // A request is of one session.
        ...(random.chance(0.7) && { request: requestOf(REQUESTS[number] ?? '') }),
      });
      if (random.chance(0.05))
        return { ...made, identity: adjustmentIdentity(random.pick(['history', 'repricing']), made.identity), isAdjustment: true };
      if (random.chance(0.05)) return { ...made, identity: standInIdentity(made.identity), cost: 0n, isCostMissing: true, isStandIn: true };
      return made;
    }) as Entry[];
  }).flat();
}

const countedOf = (random: Random): ApiRequest[] =>
  REQUESTS.filter(() => random.chance(0.7)).map((id) => ({
    ...{ request: requestIdKey(id), timeMs: NOON + random.below(3) * DAY_MS, organization: 'org', workspace: random.pick(['', 'w']), model: 'opus' },
    tokens: { input: random.below(9), output: 2, cacheRead: 3, cacheCreation5m: 4, cacheCreation1h: 5 },
    listCost: random.chance(0.2) ? undefined : usd('0.02'),
  }));

/** Also what the API counted, a repricing, and sessions that lost their entries. */
export async function fill(ledger: TestLedger, random: Random): Promise<void> {
  const entries = [...sessionsOf(random, 40), ...Array.from({ length: 3 }, () => generatePools(random)).flat()];
  for (const batch of deliveries(random, entries, (entry) => entry)) await ledger.writer.append({ entries: batch, receivedMs: NOON + 2 * DAY_MS });
  await ledger.writer.appendApiRequests(countedOf(random));
  const noted = { startedMs: NOON, who: 'local:ann', book: 'b', asked: { models: ['opus'] }, endedMs: undefined, outcome: undefined };
  await ledger.writer.noteRepricing(noted);
  if (random.chance(0.7)) await ledger.writer.prune(NOON - random.pick([20, 40, 0]) * DAY_MS);
}

export function scopeOf(random: Random): SessionFilter[] {
  const chosen = random.shuffle(SESSION_DIMENSIONS).slice(0, random.below(3));
  return chosen.map((dimension) => ({ dimension, values: random.shuffle<string>(VALUES[dimension]).slice(0, random.below(4)) }));
}

export const optional = <Value>(random: Random, value: () => Value): Value | undefined => (random.chance(0.3) ? value() : undefined);

export const timeOf = (random: Random): number => NOON + random.pick([-70, -31, -1, 0, 0, 0, 1]) * DAY_MS + random.below(3 * HOUR_MS) - HOUR_MS;

export interface TwoLedgers {
  readonly random: Random;
  readonly embedded: TestLedger;
  readonly target: Target;
  readonly slots: number;
  /** In a snapshot. */
  asked<Answer>(ask: (sql: Transaction) => Promise<Answer>): Promise<Answer>;
  same(question: string, one: Promise<unknown>, other: Promise<unknown>): Promise<void>;
  destroy(): Promise<void>;
}

export async function openTwo(server: RunningPostgres, slots: number): Promise<TwoLedgers> {
  const target = targetOf({ storage: storageSchema.parse({ url: await server.createDatabase() }) });
  if (target === undefined) throw new Error('no database');
  const database = new Database(target, { name: 'test', max: 3, wants: 'primary', statementMs: 60_000 });
  const random = seededRandom(`sessions on PostgreSQL ${server.version}`);
  const embedded = await openTestLedger();
  await fill(embedded, random);
  await copyLedger(embedded.file, database, slots);
  return {
    ...{ random, embedded, target, slots },
    asked: (ask) => database.transaction(ask, { begin: READ_ONLY }),
    same: async (question, one, other) => expect({ question, answer: await one }).toEqual({ question, answer: await other }),
    async destroy() {
      await embedded.destroy();
      await database.close();
    },
  };
}
