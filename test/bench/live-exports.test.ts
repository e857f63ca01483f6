/** The load that is measured is the one that is said: of now, in order, and nothing twice. */
import { expect, test } from '@jest/globals';
import { organization } from '../../collector/demo/people.ts';
import type { DemoExport } from '../../collector/demo/wire.ts';
import { BackfillExports } from './backfill-exports.ts';
import { LiveExports } from './live-exports.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const everyone = organization('bench', 60);
const live = () => new LiveExports('bench', everyone, NOW);
const SIGNALS = ['logs', 'metrics'] as const;

const timesOf = (sent: DemoExport): number[] =>
  sent.signal === 'logs'
    ? sent.logs.map(({ timeMs }) => timeMs)
    : sent.metrics.flatMap(({ points }) => points.flatMap(({ startMs, timeMs }) => [startMs, timeMs]));

test('exports follow each other at even distances up to now, and no record is later than its export', () => {
  const fromMs = Date.now();
  const exports = live().take(SIGNALS, 300);
  const [first, last] = [exports[0]?.timeMs ?? 0, exports.at(-1)?.timeMs ?? 0];
  expect(exports).toHaveLength(300);
  expect(last).toBeLessThanOrEqual(Date.now());
  expect(last).toBeGreaterThan(fromMs - 1_000);
  expect(last - first).toBeGreaterThan(29_000);
  expect(last - first).toBeLessThan(30_000);
  exports.forEach((sent, index) => {
    expect(Math.abs(sent.timeMs - first - index * 100)).toBeLessThanOrEqual(1);
    for (const timeMs of timesOf(sent)) {
      expect(timeMs).toBeGreaterThanOrEqual(first);
      expect(timeMs).toBeLessThanOrEqual(sent.timeMs);
    }
  });
});

test('a session keeps its order, and its events say the time that they have', () => {
  const exports = live().take(['logs'], 300, { fromMs: NOW, toMs: NOW + 60_000 });
  const lastOf = new Map<string, number>();
  for (const sent of exports) {
    if (sent.signal !== 'logs') throw new Error(sent.signal);
    for (const { timeMs, attributes } of sent.logs) {
      expect(timeMs).toBeGreaterThanOrEqual(lastOf.get(sent.sessionId) ?? 0);
      lastOf.set(sent.sessionId, timeMs);
      expect(Date.parse(String(new Map(attributes).get('event.timestamp')))).toBe(timeMs);
    }
  }
  expect([...lastOf.values()].every((timeMs) => timeMs >= NOW && timeMs < NOW + 60_000)).toBe(true);
});

test('no session is sent twice, neither by the next file nor by the backfill', () => {
  const sessions = (exports: readonly DemoExport[]) => new Set(exports.map(({ sessionId }) => sessionId));
  const exports = live();
  const backfill = new BackfillExports('bench', everyone, NOW);
  const files = [exports.take(SIGNALS, 300), exports.take(SIGNALS, 300), backfill.take(SIGNALS, 300), backfill.take(SIGNALS, 300)].map(sessions);
  expect(files.every(({ size }) => size > 20)).toBe(true);
  expect(files.reduce((all, one) => all.union(one)).size).toBe(files.reduce((sum, { size }) => sum + size, 0));
});

test('the backfill has the times of days that are over', () => {
  const exports = new BackfillExports('bench', everyone, NOW).take(['logs'], 300);
  // The last sessions of yesterday may end today.
  expect(Math.max(...exports.map(({ timeMs }) => timeMs))).toBeLessThan(NOW);
  expect(Math.min(...exports.map(({ timeMs }) => timeMs))).toBeLessThan(NOW - 86_400_000);
});
