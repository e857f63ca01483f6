/**
 * Stand-ins beside events and metrics, in any order, twice, split, merged, after a restart, with pools. After each delivery the ledger holds what
 * its entries come to; in the end, what an oracle says that knows nothing of rebooking.
 */
import { describe, expect, test } from '@jest/globals';
import type { Entry } from '../../collector/ledger/entry.ts';
import { coveredAmong, type RequestItem } from '../../collector/ledger/stand-ins.ts';
import { EngineInMemory } from '../support/engine-in-memory.ts';
import { event, metric, NOON, usd } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { generateStandIns, keyOf, standIn } from './simulation/stand-in-records.ts';

const MINUTE = 60_000;
const ROUNDS = Number(process.env.LEDGERLINE_TEST_ROUNDS ?? 25);
const RECEIVED = NOON + 24 * 60 * MINUTE;

function withLedger<Result>(use: (ledger: EngineInMemory) => Result, limits = {}): Result {
  const ledger = new EngineInMemory({ checkpointEvery: 2, ...limits });
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
}

const rowsOf = (...batches: (readonly Entry[])[]): string[] =>
  withLedger((ledger) => {
    for (const batch of batches) ledger.append(batch, RECEIVED);
    expect(ledger.check()).toEqual([]);
    return ledger.rows();
  });

describe('a stand-in', () => {
  const reported = event({ id: 'e', timeMs: NOON + 200, request: keyOf('req_1'), sequence: 0 });
  const own = standIn({ id: 's', timeMs: NOON, request: keyOf('req_1') });

  test('counts at list price where nothing else says what its request cost', () => {
    expect(rowsOf([own])).toEqual([expect.stringMatching(/ cost=20000000000 .*requests=1.* cost_estimated=20000000000/)]);
  });

  test('counts for nothing beside the event of its request, whichever comes first', () => {
    const alone = rowsOf([reported]);
    expect(rowsOf([reported], [own])).toEqual(alone);
    expect(rowsOf([own], [reported])).toEqual(alone);
    expect(rowsOf([own, reported])).toEqual(alone);
    expect(rowsOf([own], [reported], [own], [reported])).toEqual(alone);
  });

  test('counts for nothing where a metric reports the cost of the same time, whichever comes first', () => {
    const reading = metric({ id: 'm', timeMs: NOON + MINUTE, startMs: NOON, cost: '0.05', amounts: { input_tokens: 10 } });
    const alone = rowsOf([reading]);
    expect(rowsOf([reading], [own])).toEqual(alone);
    expect(rowsOf([own], [reading])).toEqual(alone);
    expect(rowsOf([own, reading])).toEqual(alone);
  });

  test('is covered by an event from before requests were kept, by its prompt', () => {
    const old = event({ id: 'old', timeMs: NOON + 200 });
    expect(rowsOf([old], [own])).toEqual(rowsOf([old]));
    expect(rowsOf([own], [reported], [old])).toEqual(rowsOf([reported], [old]));
  });

  test('is known again, covered or not', () => {
    withLedger((ledger) => {
      expect(ledger.append([own], RECEIVED)).toMatchObject([{ appended: 1, standIns: { covered: 0, booked: 1, bookedCost: usd('0.02') } }]);
      expect(ledger.append([own], RECEIVED)).toEqual([{ appended: 0, duplicates: 1, conflicts: 0, expired: 0 }]);
      ledger.append([reported], RECEIVED);
      expect(ledger.append([own], RECEIVED)).toEqual([{ appended: 0, duplicates: 1, conflicts: 0, expired: 0 }]);
      const another = standIn({ id: 't', request: keyOf('req_1', 11) });
      expect(ledger.append([another], RECEIVED)).toMatchObject([{ appended: 1, standIns: { covered: 0, booked: 1 } }]);
    });
  });

  test('of another session covers and is covered by nothing', () => {
    const other = { ...own, sessionId: 'session-2' };
    expect(rowsOf([reported], [other])).toEqual(rowsOf([other], [reported]));
    expect(totalOf(rowsOf([reported], [other]), 'cost')).toBe(usd('0.03'));
  });

  test('begins no session that its event begins later', () => {
    const early = { ...own, dimensions: { model: 'claude-opus-5-5' }, timeMs: NOON - MINUTE };
    const sessions = (...batches: (readonly Entry[])[]) =>
      withLedger((ledger) => {
        for (const batch of batches) ledger.append(batch, RECEIVED);
        expect(ledger.check()).toEqual([]);
        return ledger.sessionsByUser();
      });
    expect(sessions([reported], [early])).toEqual(sessions([reported]));
    expect(sessions([early], [reported])).toEqual(sessions([reported]));
  });

  test('older than what was removed of its session is expired', () => {
    withLedger((ledger) => {
      ledger.append([reported], RECEIVED);
      ledger.prune(NOON + MINUTE);
      expect(ledger.append([own], RECEIVED)).toMatchObject([{ appended: 0, expired: 1 }]);
      expect(ledger.check()).toEqual([]);
    });
  });
});

describe('which stand-ins are covered', () => {
  const item = (identity: string, request: string, timeMs = 0): RequestItem => {
    return { identity, request, timeMs, isStandIn: identity.startsWith('~'), isCovered: false };
  };
  const covered = (...items: RequestItem[]) => [...coveredAmong(items)].sort();

  test('as many as there are events alike', () => {
    const none = keyOf('');
    expect(covered(item('~a', none), item('~b', none), item('~c', none), item('e', none), item('f', none))).toEqual(['~a', '~b']);
    expect(covered(item('~a', none, 2), item('~b', none, 1), item('e', none))).toEqual(['~b']);
  });

  test('by the prompt where the event or the transcript has no id', () => {
    expect(covered(item('~a', keyOf('req_1')), item('e', keyOf('')))).toEqual(['~a']);
    expect(covered(item('~a', keyOf('')), item('e', keyOf('req_1')))).toEqual(['~a']);
    expect(covered(item('~a', keyOf('req_1')), item('e', keyOf('', 11)))).toEqual([]);
    expect(covered(item('~a', keyOf('req_1')), item('e', keyOf('req_2')))).toEqual([]);
  });

  test('by the id where the counts differ', () => expect(covered(item('~a', keyOf('req_1')), item('e', keyOf('req_1', 11)))).toEqual(['~a']));

  test('by id and prompt where a proxy gives every request one id', () => {
    const of = (input: number) => keyOf('req_same', input);
    expect(covered(item('~a', of(1), 1), item('~b', of(2), 2), item('~c', of(3), 3), item('e', of(2)), item('f', of(3)))).toEqual(['~b', '~c']);
  });

  test('with what is billed beside a request', () => {
    expect(covered(item('~a', keyOf('req_1')), item('~+a', keyOf('req_1')), item('e', keyOf('req_1')))).toEqual(['~+a', '~a']);
    expect(covered(item('~a', keyOf('req_1')), item('~+a', keyOf('req_1')))).toEqual([]);
    expect(covered(item('~+a', keyOf('req_1')), item('e', keyOf('req_1', 11)))).toEqual(['~+a']);
  });
});

function* deliveries(random: Random, entries: readonly Entry[]): Iterable<readonly Entry[]> {
  const left = random.shuffle([...entries, ...entries.filter(() => random.chance(0.2))]);
  while (left.length > 0) yield left.splice(0, 1 + random.below(6));
}

const totalOf = (rows: readonly string[], name: string): bigint =>
  rows.reduce((sum, row) => sum + BigInt(new RegExp(` ${name}=(\\d+)`).exec(row)?.[1] ?? 0), 0n);

describe('stand-ins and telemetry', () => {
  const random = seededRandom('property: stand-ins');

  test('whatever the order, the ledger holds what its entries come to, and in the end what the oracle says', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { telemetry, standIns, alone } = generateStandIns(random);
      const [before, straight] = [rowsOf(telemetry), rowsOf([...standIns, ...telemetry])];
      withLedger((ledger) => {
        for (const batch of deliveries(random, [...telemetry, ...standIns])) {
          ledger.append(batch, RECEIVED);
          expect(ledger.rows()).toEqual(ledger.rebooked());
          if (random.chance(0.1)) ledger.forget();
        }
        expect(ledger.check()).toEqual([]);
        const rows = ledger.rows();
        expect(totalOf(rows, 'cost')).toBe(totalOf(before, 'cost') + alone);
        expect(totalOf(rows, 'cost_events')).toBe(totalOf(before, 'cost_events'));
        expect(totalOf(rows, 'cost_estimated')).toBe(alone);
        expect(rows).toEqual(straight);
      });
    }
  });

  test('with metrics, running totals and pools beside them', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { telemetry, standIns } = generateStandIns(random);
      const metrics = telemetry
        .filter(() => random.chance(0.5))
        .map((entry, index) =>
          metric({ id: `${index}`, sessionId: entry.sessionId, timeMs: entry.timeMs + MINUTE, startMs: entry.timeMs - 1, cost: '0.04' }),
        );
      const pooled = telemetry
        .filter(() => random.chance(0.2))
        .map((entry, index) => ({ ...entry, sessionId: 'no-session:alice:2026-11-20', identity: `pooled-${index}`.padEnd(16, '-') }));
      const entries = [...telemetry, ...standIns, ...metrics, ...pooled].map((entry) => ({ ...entry, keys: ['alice'] }));
      const straight = rowsOf(entries);
      const limits = random.chance(0.3) ? { rebookedEntries: 2 + random.below(6) } : {};
      withLedger((ledger) => {
        for (const batch of deliveries(random, entries)) {
          ledger.append(batch, RECEIVED);
          expect(ledger.rows()).toEqual(ledger.rebooked());
          if (random.chance(0.1)) ledger.forget();
        }
        expect(ledger.check()).toEqual([]);
        if (limits.rebookedEntries === undefined) expect(ledger.rows()).toEqual(straight);
      }, limits);
    }
  });

  test('and retention', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { telemetry, standIns } = generateStandIns(random);
      withLedger((ledger) => {
        for (const batch of deliveries(random, [...telemetry, ...standIns])) {
          ledger.append(batch, RECEIVED);
          if (random.chance(0.1)) ledger.prune(NOON + random.below(90) * MINUTE);
          expect(ledger.check()).toEqual([]);
        }
      });
    }
  });
});
