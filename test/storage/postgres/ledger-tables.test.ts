/**
 * The engine over a real PostgreSQL beside the engine over a file: the same entries in the same batches come to the same sums, outcomes and
 * sessions, also where several replicas write them, at once, and where transactions fail and are tried again.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import { DAY_MS } from '../../../collector/core/duration.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { poolId } from '../../../collector/ledger/pools.ts';
import { asideIdentity } from '../../../collector/ledger/set-aside.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { int, type Row } from '../../../collector/storage/postgres/sql-text.ts';
import { targetOf } from '../../../collector/storage/postgres/target.ts';
import { generateAdjustments } from '../../ledger/simulation/adjustment-records.ts';
import { deliveries, generatePools, timeFrom } from '../../ledger/simulation/pool-records.ts';
import { generateStandIns } from '../../ledger/simulation/stand-in-records.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { EngineInMemory } from '../../support/engine-in-memory.ts';
import { EngineInPostgres, type ReplicaOptions } from '../../support/engine-in-postgres.ts';
import { event, metric, NOON } from '../../support/entries.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { waitFor } from '../../support/wait.ts';

/** By version: what 15 does otherwise than 18 shows in few. */
const ROUNDS = { 15: 4, 18: 12 };
const RECEIVED = NOON + 3 * DAY_MS;
const LIMITS = { checkpointEvery: 2 };
const SLOTS = [1, 5];

function withFile<Result>(use: (ledger: EngineInMemory) => Result, limits = {}): Result {
  const ledger = new EngineInMemory({ ...LIMITS, ...limits });
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
}

/** The same record as it is kept where it is dated outside the window. */
function setAside({ startMs: _, ...record }: Entry): Entry {
  return { ...record, identity: asideIdentity(record.identity), isSetAside: true, isTimeUncertain: true };
}

/** Sessions, pools, what is set aside, also of records that are there, stand-ins and adjustments. */
function generate(random: Random): Entry[] {
  const made = generatePools(random);
  const records = [...made, ...made.filter(({ isSetAside }) => isSetAside !== true && random.chance(0.1)).map(setAside)];
  const { telemetry, standIns } = generateStandIns(random);
  const all = [...records, ...(random.chance(0.5) ? generateAdjustments(random, records) : [])];
  return random.chance(0.5) ? all : [...all, ...telemetry, ...standIns].map((entry) => ({ keys: ['a'], ...entry }));
}

/** That no order of deliveries changes. */
const generateCertain = (random: Random): Entry[] => generate(random).filter(({ isSetAside }) => isSetAside !== true);

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'tables of the engine', () => {
    const random = seededRandom('property: tables on PostgreSQL');
    const rounds = Number(process.env.LEDGERLINE_TEST_ROUNDS ?? ROUNDS[version]);
    const asked: string[] = [];
    let server: RunningPostgres;
    let database: Database;

    beforeAll(async () => {
      server = await startPostgres({ version, settings: ['deadlock_timeout=20ms'] });
      const target = targetOf({ storage: { ...defaultConfig().storage, url: await server.createDatabase() } });
      if (target === undefined) throw new Error('no target');
      const options = { name: 'test', max: 6, wants: 'primary', statementMs: 60_000, onStatement: (text: string) => asked.push(text) } as const;
      database = new Database(target, options);
      await migrate(database);
    });
    afterAll(async () => {
      await database?.close();
      await server?.destroy();
    });

    const replica = (options: ReplicaOptions = {}) => new EngineInPostgres(database, { limits: LIMITS, ...options });

    /** Of each one's own, as the sessions table says. */
    async function sessions(): Promise<unknown> {
      const rows = await database.rows('SELECT session_id, first_identity, last_identity FROM sessions WHERE rev > 0');
      return Object.fromEntries(rows.map((row) => [String(row.session_id), [row.first_identity, row.last_identity]]));
    }

    test.each(SLOTS)('hold the same as a file, batch by batch, in %s slots', async (slots) => {
      for (let round = 0; round < rounds; round++) {
        const entries = generate(random);
        const isTight = random.chance(0.3);
        const limits = isTight ? { checkpointEvery: 1 + random.below(4), rebookedEntries: 2 + random.below(8) } : LIMITS;
        await EngineInPostgres.empty(database);
        // What is read back after a failure or a restart reaches back less far: with limits so tight, the file would have to forget at the same moments.
        const shared = replica({ slots, limits, fails: () => random.chance(0.1) && !isTight });
        const file = new EngineInMemory(limits);
        try {
          for (const delivery of deliveries(random, entries, (entry) => entry)) {
            const batch = [...delivery, ...delivery.filter(() => random.chance(0.1))];
            expect(await shared.append(batch, RECEIVED)).toEqual(file.append(batch, RECEIVED));
            expect(await shared.rows()).toEqual(file.rows());
            if (random.chance(0.1) && !isTight) shared.forget();
            if (random.chance(0.1)) {
              const before = timeFrom(random, 2);
              await shared.prune(before);
              file.prune(before);
            }
          }
          expect(await sessions()).toEqual(file.sessionEnds());
        } finally {
          file.close();
        }
      }
    });

    test.each(SLOTS)('hold the same where one replica after the other writes the same sessions, in %s slots', async (slots) => {
      for (let round = 0; round < rounds; round++) {
        const entries = generate(random);
        await EngineInPostgres.empty(database);
        const replicas = [1, 2, 3].map((number) => replica({ replica: number, slots, fails: () => random.chance(0.05) }));
        const file = new EngineInMemory(LIMITS);
        try {
          for (const batch of deliveries(random, entries, (entry) => entry)) {
            const turn = random.pick(replicas);
            expect(await turn.append(batch, RECEIVED)).toEqual(file.append(batch, RECEIVED));
            expect(await turn.rows()).toEqual(file.rows());
          }
          expect(await sessions()).toEqual(file.sessionEnds());
        } finally {
          file.close();
        }
      }
    });

    test.each(SLOTS)('hold the same where several replicas write at once, in %s slots', async (slots) => {
      for (let round = 0; round < rounds; round++) {
        const entries = generateCertain(random);
        const batches = [...deliveries(random, entries, (entry) => entry)];
        const { rows: straight, ends } = withFile((file) => {
          file.append(entries, RECEIVED);
          return { rows: file.rows(), ends: file.sessionEnds() };
        });
        await EngineInPostgres.empty(database);
        const outcomes = await Promise.all(
          [1, 2, 3].map(async (number) => {
            const own = replica({ replica: number, slots, fails: () => random.chance(0.05) });
            const answers = [];
            for (const batch of batches.filter((_, index) => index % 3 === number - 1)) answers.push(...(await own.append(batch, RECEIVED)));
            return answers;
          }),
        );
        expect(await replica().rows()).toEqual(straight);
        expect(await sessions()).toEqual(ends);
        const sent = batches.flat().length;
        const sum = (name: 'appended' | 'duplicates' | 'conflicts') => outcomes.flat().reduce((total, outcome) => total + outcome[name], 0);
        expect([sum('appended'), sum('appended') + sum('duplicates') + sum('conflicts')]).toEqual([entries.length, sent]);
      }
    });

    describe('a pool that another replica makes', () => {
      const pool = poolId('alice', '2026-11-20');
      const reading = (id: string, minute: number, cost: string, keys = ['alice']) =>
        metric({ id, keys, sessionId: pool, cost, timeMs: NOON + minute * 60_000, startMs: NOON + (minute - 1) * 60_000 });
      const request = (id: string, sessionId: string, minute: number, cost: string, keys = ['alice']) =>
        event({ id, keys, sessionId, cost, timeMs: NOON + minute * 60_000 - 1_000 });

      test.each<[string, Entry[]]>([
        ['who remembers its neighbor', [request('1', 'one', 0, '0.01'), reading('2', 10, '0.07'), request('3', 'one', 10, '0.05')]],
        ['who has a new neighbor', [request('1', 'one', 0, '0.01'), reading('2', 10, '0.07'), request('3', 'two', 10, '0.05')]],
        [
          'who remembers a session that becomes its neighbor',
          [request('1', 'one', 0, '0.01', ['alias']), reading('2', 10, '0.07'), request('3', 'one', 10, '0.05')],
        ],
        ['who has both', [request('1', 'one', 0, '0.01'), reading('2', 10, '0.07'), request('3', 'one', 10, '0.05'), reading('4', 11, '0.02')]],
      ])('is seen by %s', async (_, entries) => {
        await EngineInPostgres.empty(database);
        const [own, other] = [replica({ replica: 1 }), replica({ replica: 2 })];
        for (const entry of entries) await (entry.sessionId === pool ? other : own).append([entry], RECEIVED);
        const expected = withFile((file) => {
          file.append(entries, RECEIVED);
          return file.rows();
        });
        expect(await own.rows()).toEqual(expected);
      });
    });

    test(`who writes sessions and who writes their pools get out of each other's way`, async () => {
      await EngineInPostgres.empty(database);
      const [own, other] = [replica({ replica: 1 }), replica({ replica: 2 })];
      const users = Array.from({ length: 8 }, (_, index) => `user${index}`);
      const at = (turn: number) => ({ timeMs: NOON + turn * 60_000 });
      const requests = (turn: number) =>
        random.shuffle(users).map((user) => event({ id: `${user} ${turn}`, sessionId: `of ${user}`, keys: [user], ...at(turn) }));
      const readings = (turn: number) =>
        random.shuffle(users).map((user) => {
          const place = { sessionId: poolId(user, '2026-11-20'), keys: [user], ...at(turn) };
          return metric({ id: `${user} ${turn}`, ...place, startMs: place.timeMs - 50_000, cost: '0.02' });
        });
      const turns = Array.from({ length: 40 }, (_, turn) => turn);
      await Promise.all([
        (async () => {
          for (const turn of turns) await own.append(requests(turn), RECEIVED);
        })(),
        (async () => {
          for (const turn of turns) await other.append(readings(turn), RECEIVED);
        })(),
      ]);
      const expected = withFile((file) => {
        file.append(
          turns.flatMap((turn) => [...requests(turn), ...readings(turn)]),
          RECEIVED,
        );
        return file.rows();
      });
      expect(await own.rows()).toEqual(expected);
      // Without hints about half of all transactions.
      expect(own.conflicts + other.conflicts).toBeLessThan(10);
    });

    test('a closed month stays as it is', async () => {
      const entries = generateCertain(random);
      const batches = [...deliveries(random, entries, (entry) => entry)];
      const decemberMs = NOON + 15 * DAY_MS;
      await EngineInPostgres.empty(database);
      const shared = replica();
      const file = new EngineInMemory(LIMITS);
      try {
        for (const [index, batch] of batches.entries()) {
          if (index === Math.floor(batches.length / 2)) {
            await shared.closeMonth('2026-11', decemberMs);
            file.closeMonth('2026-11', decemberMs);
          }
          await shared.append(batch, decemberMs);
          file.append(batch, decemberMs);
          expect(await shared.rows()).toEqual(file.rows());
        }
      } finally {
        file.close();
      }
    });

    test('a session longer than a page is read whole', async () => {
      await EngineInPostgres.empty(database);
      const [own, other] = [replica({ replica: 1 }), replica({ replica: 2 })];
      const at = (index: number) => event({ id: `${index}`, timeMs: NOON + index * 1_000, sequence: index });
      await own.append(
        Array.from({ length: 6_000 }, (_, index) => at(2 * index)),
        RECEIVED,
      );
      const late = Array.from({ length: 50 }, (_, index) => at(2 * index + 1));
      await other.append(late, RECEIVED);
      expect(await database.rows('SELECT numbered_events, held_back_entries, cost FROM sessions')).toEqual([
        { numbered_events: '6050', held_back_entries: '0', cost: String(6_050n * 10_000_000_000n) },
      ]);
    });

    test.each(SLOTS)('retention removes more sessions than one statement looks at, in %s slots', async (slots) => {
      await EngineInPostgres.empty(database);
      const own = replica({ slots });
      const entries = Array.from({ length: 1_300 }, (_, index) => event({ id: `${index}`, sessionId: `s${index}`, timeMs: NOON + index }));
      await own.append([...entries, event({ id: 'last', sessionId: 'last', timeMs: NOON + DAY_MS })], RECEIVED);
      const before = await own.rows();
      await own.prune(NOON + DAY_MS);
      expect(await own.rows()).toEqual(before);
      expect(await database.rows('SELECT count(*) AS entries, (SELECT count(*) FROM removals) AS noted FROM entries')).toEqual([
        { entries: '1', noted: '0' },
      ]);
      expect(await database.rows('SELECT sum(requests) AS requests, count(DISTINCT session) AS sessions FROM removed_sessions')).toEqual([
        { requests: '1300', sessions: '1300' },
      ]);
      expect(await own.append(entries.slice(0, 10), RECEIVED)).toMatchObject([{ appended: 0, expired: 10 }]);
    });

    test('nobody is another who has the same number', async () => {
      await EngineInPostgres.empty(database);
      const own = replica();
      await own.append([event({ id: '1', sessionId: 'one' })], RECEIVED);
      await database.run(`UPDATE sessions SET session_id = 'of the same number'`);
      own.forget();
      expect(await own.append([event({ id: '1', sessionId: 'one' })], RECEIVED)).toMatchObject([{ appended: 1 }]);
      expect(await own.append([event({ id: '1', sessionId: 'one' })], RECEIVED)).toMatchObject([{ duplicates: 1 }]);
      expect(Object.keys((await sessions()) as object).sort()).toEqual(['of the same number', 'one']);
    });

    test('a session that goes on within its hour touches no index', async () => {
      await EngineInPostgres.empty(database);
      const own = replica();
      const updates = () => database.rows(`SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'sessions'`);
      const [before] = await updates();
      for (let turn = 0; turn < 50; turn++) await own.append([event({ id: `${turn}`, timeMs: NOON + turn * 1_000 })], RECEIVED);
      const grown = (after: readonly Row[], name: string) => int(after[0]?.[name]) - int(before?.[name]);
      const after = await waitFor('statistics of 50 updates', updates, { until: (seen) => grown(seen, 'all') >= 50 });
      expect(grown(after, 'hot')).toBeGreaterThan(40);
    });

    test('an append to sessions that are remembered takes few round trips', async () => {
      await EngineInPostgres.empty(database);
      const own = replica();
      const batch = (id: number) =>
        Array.from({ length: 10 }, (_, index) => event({ id: `${id} ${index}`, sessionId: `s${index}`, keys: ['a'], timeMs: NOON + id }));
      await own.append(batch(1), RECEIVED);
      asked.length = 0;
      await own.append(batch(2), RECEIVED);
      const own3 = asked.filter((text) => !/^(BEGIN|COMMIT|SELECT generation|INSERT INTO dims)/.test(text));
      expect(own3).toHaveLength(3);
    });
  });
});
