/**
 * Totals never move: generated sessions are reported by both sources, some of it lost, then delivered shuffled, split, merged and
 * repeated, over restarts. Every total, by every dimension and every hour, must be what plain arithmetic over the whole says.
 */
import { describe, expect, test } from '@jest/globals';
import type { Source } from '../../collector/catalog/sources.ts';
import type { Grain } from '../../collector/core/calendar.ts';
import { type BookingItem, inTimeOrder, SessionBook } from '../../collector/ledger/booking.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { QueryResult } from '../../collector/ledger/ledger.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { plainRule } from './simulation/rules.ts';

const ROUNDS = 12;
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5', 'claude-sonnet-4-5'];
const TEAMS = ['platform', 'data', ''];
const MINUTE = 60_000;

interface Plan {
  readonly sessionId: string;
  readonly team: string;
  readonly cumulative: boolean;
  readonly opaque: boolean;
}

/** One session's requests as events, and their cost again as metric points; either may lack some. */
function generateSession(random: Random, index: number): Entry[] {
  const plan: Plan = {
    sessionId: `session-${index}`,
    team: random.pick(TEAMS),
    cumulative: random.chance(0.3),
    opaque: random.chance(0.15),
  };
  const entries: Entry[] = [];
  let startMs = NOON + random.below(600) * MINUTE;
  const running = new Map<string, bigint>();
  for (let interval = 0; interval < 1 + random.below(6); interval++) {
    entries.push(...generateInterval(random, plan, startMs, running));
    startMs += random.below(30) * MINUTE + MINUTE;
  }
  return entries.filter(() => random.chance(0.95));
}

function generateInterval(random: Random, plan: Plan, startMs: number, running: Map<string, bigint>): Entry[] {
  const entries: Entry[] = [];
  const spent = new Map<string, bigint>();
  const { sessionId, team } = plan;
  for (let request = 0; request < random.below(6); request++) {
    const model = random.pick(MODELS);
    const timeMs = startMs + random.below(MINUTE);
    const answer = event({ id: `${timeMs} ${request}`, model, timeMs, sessionId, team, cost: `0.${1 + random.below(99_999_999)}` });
    const amounts = { ...answer.amounts, api_duration_ms: random.below(60_000), cost_list_uncached: random.below(1_000_000_000) };
    entries.push({
      ...answer,
      sequence: entries.length,
      amounts,
      dimensions: { ...answer.dimensions, query_source: random.pick(['main', 'subagent']) },
    });
    spent.set(model, (spent.get(model) ?? 0n) + answer.cost);
  }
  for (const [model, cost] of spent) {
    const total = (running.get(model) ?? 0n) + cost;
    running.set(model, total);
    const spelt = { model: plan.opaque ? `arn:profile/${model}` : model };
    const point = metric({ id: `${model} ${startMs}`, sessionId, team, ...spelt, timeMs: startMs + MINUTE, startMs, amounts: {} });
    const cumulative = { series: `${sessionId} ${model}`, startMs: NOON };
    entries.push(plan.cumulative ? { ...point, cost: total, cumulative } : { ...point, cost });
  }
  return entries;
}

/** Groups of random sizes in random order, some of them sent again later. */
function deliver(random: Random, entries: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = [];
  const shuffled = random.shuffle(entries);
  while (shuffled.length > 0) batches.push(shuffled.splice(0, 1 + random.below(20)));
  const repeated = batches.filter(() => random.chance(0.3)).map((batch) => random.shuffle(batch));
  const merged = random.chance(0.5) ? [batches.flat()] : [];
  return random.shuffle([...batches, ...repeated, ...merged]);
}

/** The whole picture as one comparable value. */
async function picture(ledger: TestLedger): Promise<unknown> {
  const ask = async (by: readonly ('team' | 'model' | 'query_source')[], grain: Grain): Promise<QueryResult['rows']> => {
    const { rows } = await ledger.reader.query({
      measures: ['cost', 'cost_events', 'cost_metrics', 'requests', 'input_tokens', 'sessions', 'cost_list_uncached', 'requests_le_20000_ms'],
      by,
      grain,
      timeZone: 'UTC',
      where: [],
      rowsMax: 1e6,
    });
    return rows.filter((row) => row.values.some((value) => value !== 0n));
  };
  const text = (rows: QueryResult['rows']) => rows.map((row) => `${row.startMs} ${row.key} ${row.values}`).sort();
  return {
    bySource: text(await ask(['team', 'model', 'query_source'], 'quarter_hour')),
    byTeam: text(await ask(['team'], 'total')),
    bySourceAndDay: text(await ask(['query_source'], 'day')),
    bySourceInAll: text(await ask(['query_source'], 'total')),
    byHour: text(await ask(['model'], 'hour')),
    minutes: await ledger.reader.minutes({ fromMs: 0, toMs: NOON + 100 * 24 * 60 * MINUTE }),
    people: (await ledger.reader.people()).map((person) => JSON.stringify(person)).sort(),
    gaps: await ledger.reader.gaps(0),
    mostExpensive: await ledger.reader.sessions({ limit: 5, order: 'cost' }),
    longest: await ledger.reader.sessions({ limit: 5, order: 'duration' }),
    all: text(await ask([], 'total')),
  };
}

/** The booked cost from first principles: window by window of each session, see simulation/rules.ts. */
function expectedCost(entries: readonly Entry[]): bigint {
  const sessions = Map.groupBy(entries, ({ sessionId }) => sessionId);
  return [...sessions.values()].reduce((total, own) => total + plainRule(own.map((entry) => ({ ...itemOf(entry), dims: 0 }))), 0n);
}

describe('totals over generated sessions', () => {
  const random = seededRandom('property: totals');

  test.each(Array.from({ length: ROUNDS }, (_, round) => round))('round %i: any delivery gives the same totals', async () => {
    const entries = Array.from({ length: 1 + random.below(12) }, (_, index) => generateSession(random, index)).flat();
    const straight = await openTestLedger();
    if (entries.length > 0) await straight.writer.append({ entries: entries.toSorted(inTimeOrder), receivedMs: NOON });
    let crooked = await openTestLedger({ limits: { checkpointEvery: 1 + random.below(10) } });
    for (const batch of deliver(random, entries)) {
      const sent = crooked.writer.append({ entries: batch, receivedMs: NOON + random.below(900) * MINUTE });
      if (random.chance(0.7)) await sent;
      if (random.chance(0.05)) {
        await sent;
        crooked = await crooked.reopen();
      }
    }
    crooked = await crooked.reopen();
    const pictures = [await picture(straight), await picture(crooked)];
    const checks = [await straight.reader.check(), await crooked.reader.check()];
    const cost = (await crooked.reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 })).totals[0];
    await Promise.all([straight.destroy(), crooked.destroy()]);
    expect(checks).toEqual([[], []]);
    expect(pictures[1]).toEqual(pictures[0]);
    expect(cost).toBe(expectedCost(entries));
  });

  test('what is booked never falls below either source, and never exceeds their sum', () => {
    for (let round = 0; round < 300; round++) {
      const items = generateSession(random, round).map(itemOf).sort(inTimeOrder);
      const postings = new SessionBook<string>().bookAll(items);
      const booked = postings.reduce((total, posting) => total + posting.cost, 0n);
      const sum = (source: Source) => postings.reduce((total, posting) => total + (posting.source === source ? posting.sourceCost : 0n), 0n);
      const [events, metrics] = [sum('events'), sum('metrics')];
      expect(booked >= events && booked >= metrics && booked <= events + metrics).toBe(true);
      expect(postings.every((posting) => posting.cost >= 0n)).toBe(true);
    }
  });
});

const itemOf = (entry: Entry): BookingItem<string> => ({
  ...entry,
  startMs: entry.cumulative?.startMs ?? entry.startMs,
  dims: JSON.stringify(entry.dimensions),
});
