/**
 * What comes late is booked again from the checkpoint before it. However it is delivered, each quarter of an hour comes to what it does when
 * everything comes at once; where the limit is hit, to what the entries say that are marked.
 */
import { describe, expect, test } from '@jest/globals';
import { MEASURE_NAMES } from '../../collector/catalog/measures.ts';
import { Calendar } from '../../collector/core/calendar.ts';
import { inTimeOrder } from '../../collector/ledger/booking.ts';
import { Engine } from '../../collector/ledger/engine.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { type HistoryItem, isNumbered, totalsByModel } from '../../collector/ledger/history.ts';
import { runLater } from '../../collector/ledger/plan.ts';
import { FINEST } from '../../collector/ledger/rollups.ts';
import { readSequences } from '../../collector/ledger/sequence-gaps.ts';
import type { RebookingLimits } from '../../collector/ledger/session-booking.ts';
import { Vector } from '../../collector/ledger/sums.ts';
import { event, metric, NOON, usd } from '../support/entries.ts';
import { MemoryDims, MemoryTables } from '../support/memory-tables.ts';
import { type Random, seededRandom } from '../support/random.ts';

const MINUTE = 60_000;
const ROUNDS = 150;

class Ledger {
  readonly dims = new MemoryDims();
  readonly tables = new MemoryTables(false);
  readonly #limits: Partial<RebookingLimits>;
  #engine: Engine;

  constructor(limits: Partial<RebookingLimits>) {
    this.#limits = limits;
    this.#engine = this.#newEngine();
  }

  /** Nothing is remembered. */
  restart(): void {
    this.#engine = this.#newEngine();
  }

  #newEngine(): Engine {
    return new Engine(new Calendar({ timeZone: 'UTC', weekStart: 'monday' }), this.dims, this.#limits);
  }

  append(...entries: readonly Entry[]) {
    this.tables.asked.length = 0;
    return runLater(this.#engine.append([{ entries: entries.map((entry) => this.dims.incoming(entry)), receivedMs: NOON }]), this.tables);
  }

  get session() {
    return this.tables.sessionRows.get('session-1');
  }

  history(): Promise<readonly HistoryItem[]> {
    const { promise, resolve } = Promise.withResolvers<readonly HistoryItem[]>();
    void this.tables.histories([this.session?.session ?? 0], (_, items) => resolve(items));
    return promise;
  }

  rows(): string[] {
    return [...(this.tables.rollups.get(FINEST.table) ?? [])]
      .flatMap(([bucket, byDims]) => [...byDims].map(([dims, vector]) => `${bucket} ${this.dims.value(dims, 'model')} ${textOf(vector)}`))
      .filter((row) => / \w+=/.test(row))
      .sort();
  }

  total(): string {
    const all = new Vector();
    for (const byDims of this.tables.rollups.get(FINEST.table)?.values() ?? []) for (const vector of byDims.values()) all.addVector(vector);
    return textOf(all);
  }
}

const textOf = ({ values }: Vector): string =>
  MEASURE_NAMES.flatMap((name, index) => (name === 'sessions' || !values[index] ? [] : [`${name}=${values[index]}`])).join(' ');

/** A session with everything that makes booking hard: pauses, running totals, points without a start, records without a time or a cost. */
function generate(random: Random): Entry[] {
  const entries: Entry[] = [];
  const running = new Map<string, bigint>();
  let timeMs = NOON;
  for (let index = 0; index < 10 + random.below(60); index++) {
    timeMs += random.chance(0.15) ? random.below(40) * MINUTE : random.below(4) * 20_000;
    const model = random.pick(['claude-opus-5-5', 'claude-haiku-5-5']);
    const rest = { id: `${index}`, timeMs, model, cost: `0.0${1 + random.below(9)}` };
    const kind = random.below(20);
    if (kind < 11) entries.push(event({ ...rest, sequence: index, ...(random.chance(0.05) && { isTimeUncertain: true }) }));
    else if (kind < 12) entries.push({ ...event({ ...rest, sequence: index, cost: '0' }), listCost: usd('0.5'), isCostMissing: true });
    else if (kind < 16) {
      const startMs = random.chance(0.1) ? undefined : timeMs - random.below(3) * MINUTE;
      entries.push(metric({ ...rest, startMs, amounts: { input_tokens: random.below(30) } }));
    } else {
      const series = random.pick(['a', 'b']);
      const total = (running.get(series) ?? 0n) + usd(rest.cost);
      running.set(series, total);
      entries.push({ ...metric(rest), cost: total, cumulative: { series, startMs: random.chance(0.8) ? NOON : 0 } });
    }
  }
  return entries;
}

function* inBatches(random: Random, entries: readonly Entry[]): Iterable<Entry[]> {
  const left = random.chance(0.5) ? random.shuffle(entries) : nearlySorted(random, entries);
  while (left.length > 0) yield left.splice(0, 1 + random.below(6));
}

const nearlySorted = (random: Random, entries: readonly Entry[]): Entry[] =>
  entries
    .map((entry, index) => ({ entry, at: index + random.below(8) }))
    .sort((a, b) => a.at - b.at)
    .map(({ entry }) => entry);

describe('booking again from checkpoints', () => {
  const random = seededRandom('rebooking');

  test('any delivery comes to the same, in each quarter of an hour', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const entries = generate(random);
      const straight = new Ledger({});
      await straight.append(...entries.toSorted(inTimeOrder));
      // Sessions of more than half as many entries are read back with checkpoints.
      const crooked = new Ledger({ checkpointEvery: 1 + random.below(6), ...(random.chance(0.5) && { rebookedEntries: 90 }) });
      for (const batch of inBatches(random, entries)) {
        if (random.chance(0.1)) crooked.restart();
        await crooked.append(...batch);
      }
      expect(crooked.rows()).toEqual(straight.rows());
      const { cost, costBySource, numberedEvents, missingEvents, heldBackEntries } = crooked.session ?? {};
      expect({ cost, costBySource, numberedEvents, missingEvents, heldBackEntries }).toEqual({
        ...{ cost: straight.session?.cost, costBySource: straight.session?.costBySource, heldBackEntries: 0 },
        ...{ numberedEvents: straight.session?.numberedEvents, missingEvents: straight.session?.missingEvents },
      });
    }
  });

  test('beyond the limit, totals are what the marked entries say, and money is booked or held back', async () => {
    let held = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const entries = generate(random);
      const capped = new Ledger({ checkpointEvery: 1 + random.below(4), rebookedEntries: 2 + random.below(12) });
      for (const batch of inBatches(random, entries)) {
        if (random.chance(0.1)) capped.restart();
        await capped.append(...batch);
      }
      const history = await capped.history();
      const derived = new Vector();
      for (const totals of totalsByModel(history).values()) derived.addVector(totals);
      expect(capped.total()).toBe(textOf(derived));
      const marked = history.filter(({ heldBack }) => heldBack !== undefined).length;
      const { events, missing } = readSequences(history.filter(isNumbered));
      expect(capped.session).toMatchObject({ heldBackEntries: marked, numberedEvents: events, missingEvents: missing });
      held += marked;
    }
    expect(held).toBeGreaterThan(0);
  });

  test('one late record reads and walks what came after it, not the session', async () => {
    const ledger = new Ledger({});
    const at = (index: number) => event({ id: `${index}`, timeMs: NOON + index * 1000, sequence: index });
    for (let from = 0; from < 3_000; from += 500) await ledger.append(...Array.from({ length: 500 }, (_, index) => at(from + index)));
    const seen: number[] = [];
    const { later } = ledger.tables;
    ledger.tables.later = (sessions, take) =>
      later.call(ledger.tables, sessions, (session, history) => {
        seen.push(history.length);
        take(session, history);
      });
    await ledger.append(event({ id: 'late', timeMs: NOON + 2_900_500 }), event({ id: 'too', timeMs: NOON + 2_950_500 }));
    await ledger.append(event({ id: 'again', timeMs: NOON + 2_900_600 }));
    expect(seen).toHaveLength(2);
    expect(Math.max(...seen)).toBeLessThan(300);
  });

  test('what is late by little is booked after a restart, too, however long the session is', async () => {
    const ledger = new Ledger({ rebookedEntries: 200 });
    const burst = (at: number) =>
      Array.from({ length: 12 }, (_, index) => event({ id: `${at}/${index}`, timeMs: NOON + (10 * at + index / 12) * MINUTE }));
    const reading = (at: number) => metric({ id: `${at}`, timeMs: NOON + (10 * at + 0.97) * MINUTE, startMs: NOON + 10 * at * MINUTE, cost: '0.12' });
    for (let at = 0; at < 60; at++) await ledger.append(...burst(at), ...(at < 59 ? [reading(at)] : []));
    ledger.restart();
    expect(await ledger.append(reading(59))).toEqual([{ appended: 1, duplicates: 0, conflicts: 0, expired: 0 }]);
    // Read once: what comes late next is booked from what is remembered.
    ledger.tables.asked.length = 0;
    expect(await ledger.append(event({ id: 'late', timeMs: NOON + 590.5 * MINUTE + 1 }))).toMatchObject([{ appended: 1 }]);
    expect(ledger.tables.asked).not.toContain('later');
    expect(ledger.session).toMatchObject({ cost: usd('7.21'), heldBackEntries: 0 });
  });

  test('what is beyond the limit is stored, held back and known again', async () => {
    const ledger = new Ledger({ checkpointEvery: 2, rebookedEntries: 10 });
    await ledger.append(...Array.from({ length: 40 }, (_, index) => event({ id: `${index}`, timeMs: NOON + index * MINUTE })));
    const late = [event({ id: 'late', timeMs: NOON + 1 }), event({ id: 'little', timeMs: NOON + 38 * MINUTE + 1 })];
    expect(await ledger.append(...late)).toEqual([{ appended: 2, duplicates: 0, conflicts: 0, expired: 0, heldBack: 1 }]);
    expect(ledger.session).toMatchObject({ cost: usd('0.41'), costBySource: { events: usd('0.42') }, heldBackEntries: 1 });
    expect(ledger.total()).toContain(`cost_unreconciled=${usd('0.01')}`);
    expect(await ledger.append(...late)).toEqual([{ appended: 0, duplicates: 2, conflicts: 0, expired: 0 }]);
  });

  test('a running total that reaches back too far is held back once, and goes on from there', async () => {
    const ledger = new Ledger({ checkpointEvery: 2, rebookedEntries: 10 });
    await ledger.append(...Array.from({ length: 40 }, (_, index) => event({ id: `${index}`, timeMs: NOON + index * 10 * MINUTE })));
    const point = (id: string, minute: number, cost: string) =>
      metric({ id, timeMs: NOON + minute * MINUTE, cost, cumulative: { series: 's', startMs: NOON } });
    await ledger.append(point('1', 391, '0.30'));
    expect(ledger.session).toMatchObject({ cost: usd('0.4'), heldBackEntries: 1 });
    await ledger.append(point('2', 396, '0.37'), point('3', 397, '0.38'));
    expect(ledger.session).toMatchObject({ cost: usd('0.47'), heldBackEntries: 1 });
    expect(ledger.total()).toContain(`cost_unreconciled=${usd('0.3')}`);
  });
});
