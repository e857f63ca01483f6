/**
 * Records that lost their session: the money that a pool and a session both report is booked once, what only the pool has is booked, and
 * neither the order nor the grouping nor the repetition of deliveries, nor a restart, changes anything.
 */
import { describe, expect, test } from '@jest/globals';
import type { MeasureName } from '../../collector/catalog/measures.ts';
import { DAY_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { poolId } from '../../collector/ledger/pools.ts';
import { event, metric, NOON, usd } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { type Faults, processHistory } from './simulation/history.ts';

const ROUNDS = 15;
const MIDNIGHT = NOON + DAY_MS / 2;
const random = seededRandom('property: pools');

/** What is lost of each signal on its way. `keys`: what is left of who it was. */
interface Loss {
  readonly session: boolean;
  readonly keys: readonly string[];
}

interface Person {
  readonly name: string;
  readonly events: Loss;
  readonly metrics: Loss;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function historyOf(random: Random, person: Person, session: string, startMs: number, faults: Faults) {
  const { truth, items } = processHistory(random, startMs, faults, session);
  const entries = items.map((item): Entry => {
    const loss = person[item.source === 'events' ? 'events' : 'metrics'];
    const [user] = loss.keys;
    const sessionId = loss.session ? poolId(user ?? 'nobody', day(item.startMs ?? item.timeMs)) : session;
    const {
      dims,
      isCostMissing: _,
      isTimeUncertain: __,
      isSetAside: ___,
      isStandIn: ____,
      isAdjustment: _____,
      cumulative,
      startMs: fromMs,
      ...rest
    } = item;
    const dimensions = { model: `model ${dims}`, ...(user !== undefined && { user }) };
    return {
      ...rest,
      sessionId,
      keys: loss.keys,
      dimensions,
      ...(cumulative && { cumulative }),
      ...(item.source === 'metrics' && { startMs: fromMs }),
    };
  });
  return { truth, entries };
}

/** Groups of random sizes in random order, some of them sent again later. */
function deliver(random: Random, entries: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = [];
  const shuffled = random.chance(0.3) ? [...entries] : random.shuffle(entries);
  while (shuffled.length > 0) batches.push(shuffled.splice(0, 1 + random.below(25)));
  return random.shuffle([...batches, ...batches.filter(() => random.chance(0.2))]);
}

async function book(random: Random, entries: readonly Entry[], isCrooked: boolean): Promise<Record<string, unknown>> {
  let ledger = await openTestLedger();
  for (const batch of isCrooked ? deliver(random, entries) : [[...entries]]) {
    await ledger.writer.append({ entries: batch, receivedMs: NOON });
    if (isCrooked && random.chance(0.05)) ledger = await ledger.reopen();
  }
  const found = await pictureOf(ledger);
  await ledger.destroy();
  return found;
}

async function pictureOf(ledger: TestLedger): Promise<Record<string, unknown> & { readonly cost: bigint }> {
  const measures: MeasureName[] = ['cost', 'cost_unreconciled', 'cost_events', 'cost_metrics'];
  const ask = (by: readonly ('user' | 'model')[], grain: 'total' | 'quarter_hour') =>
    ledger.reader.query({ measures, by, grain, timeZone: 'UTC', where: [], rowsMax: 1e6 });
  const rows = (await ask(['user', 'model'], 'quarter_hour')).rows.filter(({ values }) => values.some((value) => value !== 0n));
  const sessions = await ledger.reader.sessions({ limit: 1_000 });
  const details = await Promise.all(sessions.map(async ({ sessionId }) => (await ledger.reader.session(sessionId))?.totals.cost));
  const { totals } = await ask([], 'total');
  return {
    cost: totals[0] ?? -1n,
    unreconciled: totals[1],
    rows: rows.map(({ startMs, key, values }) => `${startMs} ${key} ${values}`).sort(),
    sessions: sessions.map(({ sessionId, cost }) => `${sessionId} ${cost}`).sort(),
    differences: await ledger.reader.check(),
    detailsAgree: details.every((cost, index) => cost === sessions[index]?.cost),
  };
}

/** What a processor leaves of a person: everything but the session, one of the names, or nothing. */
function losses(random: Random, name: string): Person {
  const email = `${name}@example.com`;
  const all = [email, `id-${name}`];
  const lost: Loss = { session: true, keys: random.pick([all, all, [email], [`id-${name}`]]) };
  const whole: Loss = { session: false, keys: all };
  const [events, metrics] = random.pick([
    [whole, lost],
    [whole, lost],
    [lost, whole],
    [whole, whole],
  ] as const);
  return { name, events, metrics };
}

function makePeople(random: Random, startMs: () => number, faults: (random: Random) => Faults) {
  const histories = Array.from({ length: 1 + random.below(4) }, (_, index) => losses(random, `person${index}`)).flatMap((person) =>
    Array.from({ length: 1 + random.below(3) }, (_, session) => historyOf(random, person, `${person.name} ${session}`, startMs(), faults(random))),
  );
  return { truth: histories.reduce((sum, { truth }) => sum + truth, 0n), entries: histories.flatMap(({ entries }) => entries) };
}

/** Close together, or over the whole day with pauses between. */
const during = (random: Random) => {
  const minutes = random.pick([120, 600]);
  return () => NOON + (random.below(minutes) - minutes / 2) * MINUTE_MS;
};
const SOUND = { differences: [], detailsAgree: true };

describe('records that lost their session', () => {
  test.each(Array.from({ length: ROUNDS }, (_, round) => round))('round %i: the truth is booked, however they come', async () => {
    const { truth, entries } = makePeople(random, during(random), (from) => ({ interrupt: from.pick([0, 0.15]), isCumulative: from.chance(0.3) }));
    const straight = await book(random, entries, false);
    expect(straight).toMatchObject({ ...SOUND, cost: truth, unreconciled: 0n });
    expect(await book(random, entries, true)).toEqual(straight);
  });

  test.each(Array.from({ length: 5 }, (_, round) => round))('round %i: whatever else is lost, never more than the truth is booked', async () => {
    const faults = (from: Random): Faults => ({ isKilled: from.chance(0.5), interrupt: 0.1, lostEventExport: 0.1, lostMetricExport: 0.1 });
    const { truth, entries: certain } = makePeople(random, during(random), faults);
    const entries = certain.map((entry): Entry => (random.chance(0.01) ? { ...entry, isTimeUncertain: true } : entry));
    const straight = await book(random, entries, false);
    expect(straight).toMatchObject(SOUND);
    expect(straight.cost as bigint).toBeLessThanOrEqual(truth);
    expect(await book(random, entries, true)).toEqual(straight);
  });

  test.each(Array.from({ length: 5 }, (_, round) => round))(
    'round %i: over midnight the truth is booked, or less where a request was interrupted',
    async () => {
      const interrupt = random.pick([0, 0.15]);
      const { truth, entries } = makePeople(
        random,
        () => MIDNIGHT - random.below(30) * MINUTE_MS,
        () => ({ interrupt }),
      );
      const straight = await book(random, entries, false);
      expect(straight).toMatchObject(SOUND);
      expect(straight.cost as bigint).toBeLessThanOrEqual(truth);
      if (interrupt === 0) expect(straight.cost).toBe(truth);
      expect(await book(random, entries, true)).toEqual(straight);
    },
  );
});

describe('what a session reports beside a pool', () => {
  const sessionId = poolId('alice', day(NOON));
  const keys = ['alice'];
  const booked = async (batches: readonly (readonly Entry[])[], limits: NonNullable<Parameters<typeof openTestLedger>[0]>['limits'] = {}) => {
    const ledger = await openTestLedger({ limits });
    for (const entries of batches) await ledger.writer.append({ entries, receivedMs: NOON });
    const found = await pictureOf(ledger);
    await ledger.destroy();
    return found;
  };

  test('counts under whatever name it comes, once the session has met the pool', async () => {
    const nameless = metric({ id: 'a', keys: [], cost: '1', startMs: NOON });
    const others = metric({ id: 'b', keys: ['bob'], cost: '1', startMs: NOON });
    const lost = event({ id: 'a', sessionId, keys, cost: '3' });
    expect(await booked([[lost], [nameless], [others]])).toMatchObject({ ...SOUND, cost: usd('3') });
  });

  test('counts on whatever day it comes', async () => {
    const reading = metric({ id: 'a', keys, cost: '5', startMs: MIDNIGHT - 60 * MINUTE_MS, timeMs: MIDNIGHT + 40 * MINUTE_MS });
    const request = event({ id: 'a', keys, cost: '5', timeMs: MIDNIGHT + 30 * MINUTE_MS });
    const lost = event({ id: 'b', sessionId, keys, cost: '3', timeMs: MIDNIGHT - 30 * MINUTE_MS });
    expect(await booked([[reading, lost]])).toMatchObject({ ...SOUND, cost: usd('5') });
    expect(await booked([[reading, lost], [request]])).toMatchObject({ ...SOUND, cost: usd('8') });
  });

  test('counts from a reading of nothing', async () => {
    const reading = (minutes: number, cost: string, amounts = {}) =>
      metric({ id: `${minutes}`, keys, cost, amounts, timeMs: NOON + minutes * MINUTE_MS, cumulative: { series: 's', startMs: 0 } });
    const lost = event({ id: 'a', sessionId, keys, cost: '5' });
    expect(await booked([[lost, reading(0, '2'), reading(2, '2')], [reading(1, '0')]])).toMatchObject({ ...SOUND, cost: usd('5') });
  });

  test('is not beside it where it is held back', async () => {
    const requests = Array.from({ length: 40 }, (_, index) => event({ id: `${index}`, keys, timeMs: NOON + index * MINUTE_MS }));
    const lost = metric({ id: 'a', sessionId, keys, cost: '1', startMs: NOON, timeMs: NOON + 40 * MINUTE_MS });
    const late = event({ id: 'late', keys, cost: '0.5', timeMs: NOON + MINUTE_MS / 2 });
    const found = await booked([[...requests, lost], [late]], { checkpointEvery: 2, rebookedEntries: 10 });
    expect(found).toMatchObject({ ...SOUND, cost: usd('1'), unreconciled: usd('0.5') });
  });

  test('leaves a reading that says it ended before it began', async () => {
    const lost = metric({ id: 'a', sessionId, keys, cost: '1', timeMs: NOON, startMs: NOON + 60 * MINUTE_MS });
    const request = event({ id: 'a', keys, cost: '2', timeMs: NOON + 480 * MINUTE_MS });
    expect(await booked([[request], [lost]])).toMatchObject({ ...SOUND, cost: usd('3') });
  });
});

describe('retention', () => {
  const keys = ['alice'];
  const whole = { id: 'a', keys, cost: '1' } as const;
  const pool = (timeMs: number) =>
    metric({ ...whole, id: `${timeMs}`, sessionId: poolId('alice', day(NOON)), timeMs, startMs: timeMs - MINUTE_MS, cost: '1.5' });

  test('keeps the entries of a session as long as a pool that needs them, and what both came to for ever', async () => {
    const ledger = await openTestLedger();
    await ledger.writer.append({ entries: [event(whole), pool(NOON), pool(NOON + 10 * MINUTE_MS)], receivedMs: NOON });
    expect(await ledger.writer.prune(NOON + MINUTE_MS)).toBe(0);
    expect(await pictureOf(ledger)).toMatchObject({ ...SOUND, cost: usd('3') });
    expect(await ledger.writer.prune(NOON + 11 * MINUTE_MS)).toBe(3);
    expect(await pictureOf(ledger)).toMatchObject({ ...SOUND, cost: usd('3') });
    await ledger.destroy();
  });
});

describe('a pool of nobody', () => {
  const people = (count: number) =>
    Array.from({ length: count }, (_, index) => event({ id: 'e', sessionId: `s${index}`, cost: '1', keys: [`k${index}`], timeMs: NOON + index }));
  const point = metric({ id: 'm', sessionId: poolId('nobody', day(NOON)), keys: [], cost: '60', timeMs: NOON + MINUTE_MS, startMs: NOON - 1_000 });

  test('is joined with all who were active at the time', async () => {
    expect(await book(random, [...people(40), point], true)).toMatchObject({ ...SOUND, cost: usd('60'), unreconciled: 0n });
  });

  test('is held back where these are too many, in any order', async () => {
    const entries = [...people(60), point];
    const straight = await book(random, entries, false);
    expect(straight).toMatchObject({ ...SOUND, cost: usd('60'), unreconciled: usd('60') });
    for (let round = 0; round < 4; round++) expect(await book(random, entries, true)).toEqual(straight);
  });
});
