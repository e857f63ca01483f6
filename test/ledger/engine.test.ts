/** The engine over tables that answer by promises. What it books is proved with every store (test/storage/contract/); here, what it asks. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { MEASURE_NAMES, type MeasureName } from '../../collector/catalog/measures.ts';
import { Calendar } from '../../collector/core/calendar.ts';
import { Engine } from '../../collector/ledger/engine.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { runLater } from '../../collector/ledger/plan.ts';
import { COARSE, FINEST } from '../../collector/ledger/rollups.ts';
import { event, metric, NOON, usd } from '../support/entries.ts';
import { MemoryDims, MemoryTables } from '../support/memory-tables.ts';

const HOUR = 3_600_000;

describe('the engine', () => {
  let dims: MemoryDims;
  let tables: MemoryTables;
  let engine: Engine;
  beforeEach(() => {
    dims = new MemoryDims();
    tables = new MemoryTables();
    engine = new Engine(new Calendar({ timeZone: 'UTC', weekStart: 'monday' }), dims);
  });

  const append = async (receivedMs: number, ...batches: (readonly Entry[])[]) => {
    tables.asked.length = 0;
    return runLater(engine.append(batches.map((entries) => ({ entries: entries.map((entry) => dims.incoming(entry)), receivedMs }))), tables);
  };
  const total = (name: MeasureName, table = FINEST.table) =>
    [...(tables.rollups.get(table) ?? [])]
      .flatMap(([, byDims]) => [...byDims.values()])
      .reduce((sum, { values }) => sum + BigInt(values[MEASURE_NAMES.indexOf(name)] ?? 0), 0n);
  const sessions = (count: number, ...own: ((session: string, index: number) => Entry)[]) =>
    Array.from({ length: count }, (_, index) => own.map((entryOf) => entryOf(`s${index}`, index)));

  test('asks as often for a thousand entries of hundreds of sessions as for one', async () => {
    await append(NOON, [event({ id: 'a' })]);
    const forOne = [...tables.asked];
    await append(
      NOON,
      ...sessions(
        300,
        (sessionId) => event({ id: 'a', sessionId }),
        (sessionId) => metric({ id: 'm', sessionId, timeMs: NOON + 1 }),
      ),
    );
    expect(forOne).toEqual(['sessions', 'insert', 'facts', 'quarters', 'write']);
    expect(tables.asked.length).toBeLessThanOrEqual(forOne.length);
    expect([total('cost'), total('sessions')]).toEqual([usd('3.01'), 301n]);
  });

  test('reads the histories of all sessions that something came late for at once', async () => {
    await append(NOON, ...sessions(50, (sessionId) => event({ id: 'b', sessionId, cost: '0.02', timeMs: NOON + 5, sequence: 1 })));
    await append(NOON, ...sessions(50, (sessionId) => metric({ id: 'a', sessionId, cost: '0.03' })));
    expect(tables.asked).toEqual(['sessions', 'insert', 'later', 'write']);
    expect([total('cost'), total('cost_events'), total('cost_metrics')]).toEqual([usd('1.5'), usd('1'), usd('1.5')]);
    expect(tables.sessionRows.get('s7')).toMatchObject({ cost: usd('0.03'), costBySource: { events: usd('0.02'), metrics: usd('0.03') } });
  });

  test('takes what another writer did to a session since, since the tables say so', async () => {
    const other = new Engine(new Calendar({ timeZone: 'UTC', weekStart: 'monday' }), dims);
    await append(NOON, [event({ id: 'a', cost: '0.05' })]);
    const batch = { entries: [dims.incoming(metric({ id: 'm', cost: '0.04', timeMs: NOON + 1 }))], receivedMs: NOON };
    await runLater(other.append([batch]), tables);
    await append(NOON, [metric({ id: 'n', cost: '0.02', timeMs: NOON + 2 })]);
    expect([total('cost'), total('cost_metrics')]).toEqual([usd('0.06'), usd('0.06')]);
  });

  test('of two alike in one transaction the first counts, whichever export they are in', async () => {
    const outcomes = await append(NOON, [event({ id: 'a' }), event({ id: 'a' })], [event({ id: 'a' }), event({ id: 'a', cost: '9' })]);
    expect(outcomes).toEqual([
      { appended: 1, duplicates: 1, conflicts: 0, expired: 0 },
      { appended: 0, duplicates: 1, conflicts: 1, expired: 0 },
    ]);
    expect(total('cost')).toBe(usd('0.01'));
  });

  test('brings every roll-up to what the quarters come to, with what comes late', async () => {
    await append(NOON, ...sessions(1_200, (sessionId, index) => event({ id: 'a', sessionId, dimensions: { agent: `a${index}` } })));
    const later = (hours: number) => append(NOON + hours * HOUR, [event({ id: 'x', sessionId: `later ${hours}`, timeMs: NOON })]);
    // 100 at a time, and where more than that come at once, as many as come.
    for (let hours = 1; hours <= 3; hours++) await later(hours);
    expect(total('cost', 'rollup_day_team')).toBeLessThan(usd('4'));
    await append(
      NOON + 4 * HOUR,
      ...sessions(600, (sessionId, index) => event({ id: 'b', sessionId, timeMs: NOON + 4 * HOUR, dimensions: { agent: `b${index}` } })),
    );
    expect(total('cost', 'rollup_day_team')).toBeGreaterThanOrEqual(usd('9'));
    for (let hours = 5; hours <= 16; hours++) await later(hours);
    await append(NOON + 17 * HOUR, [event({ id: 'last', sessionId: 'last', dimensions: { agent: 'a0' } })]);
    for (const { table } of COARSE) expect([table, total('cost', table)]).toEqual([table, total('cost')]);
    expect(total('cost')).toBe(usd('18.16'));
  });

  test('gets over a clock that was far ahead', async () => {
    await append(NOON, [event({ id: 'a' })]);
    await append(NOON + 1_000 * HOUR, [event({ id: 'b' })]);
    expect(total('cost', 'rollup_day_team')).toBe(usd('0.02'));
    await append(NOON + HOUR, [event({ id: 'c', timeMs: NOON + HOUR })]);
    expect(total('cost', 'rollup_day_team')).toBe(usd('0.02'));
    await append(NOON + 2 * HOUR, [event({ id: 'd', timeMs: NOON + 2 * HOUR })]);
    for (const { table } of COARSE) expect([table, total('cost', table)]).toEqual([table, usd('0.03')]);
    expect(total('cost')).toBe(usd('0.04'));
  });

  test('removes whole sessions in two steps, keeps what they came to, and refuses what is from before', async () => {
    await append(NOON, [event({ id: 'a' }), event({ id: 'b', sessionId: 'young', timeMs: NOON + HOUR })]);
    tables.asked.length = 0;
    expect(await runLater(engine.prune(NOON + 1), tables)).toEqual({ removed: 0, isDone: false });
    expect(tables.asked).toEqual(['sweep', 'facts', 'sweepMinutes', 'endedBefore', 'histories', 'noteRemoved', 'write']);
    expect(await runLater(engine.prune(NOON + 1), tables)).toEqual({ removed: 1, isDone: true });
    expect(total('cost', 'removed_sessions')).toBe(usd('0.01'));
    expect(await append(NOON, [event({ id: 'c' })])).toEqual([{ appended: 0, duplicates: 0, conflicts: 0, expired: 1 }]);
    expect(Object.fromEntries(tables.counters)).toMatchObject({ appended: 2, pruned: 1, expired: 1 });
  });

  test('reads a clock by the middle of the newest sessions', async () => {
    expect(await runLater(engine.clockLead(NOON), tables)).toBe(0);
    const at = (sessionId: string, timeMs: number) => event({ id: 'a', sessionId, timeMs });
    await append(NOON, [at('old', NOON - 9 * HOUR)]);
    expect(await runLater(engine.clockLead(NOON), tables)).toBe(9 * HOUR);
    await append(NOON, [at('1', NOON), at('2', NOON + 1), at('3', NOON + 2), at('wrong', NOON + 9_000 * HOUR), at('early', 0)]);
    expect(await runLater(engine.clockLead(NOON + HOUR + 1), tables)).toBe(HOUR);
  });
});
