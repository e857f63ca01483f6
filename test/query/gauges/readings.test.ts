import { describe, expect, test } from '@jest/globals';
import { GaugeReadings } from '../../../collector/query/gauges/cache.ts';
import type { Gauge } from '../../../collector/query/gauges/gauge.ts';

const gauge = (series: string, more: Partial<Gauge> = {}): Gauge => ({
  series,
  help: 'Help.',
  labels: [],
  unit: 'count',
  maxAgeMs: 60_000,
  read: async () => [],
  ...more,
});

/** Readings by a clock of the test's; what is read is the number of the reading. */
function start(roundsMax = 10) {
  let elapsedMs = 0;
  let count = 0;
  const readings = new GaugeReadings<number>(() => elapsedMs, roundsMax);
  const read = (one: Gauge, nowMs: number, tookMs = 10, about = ''): Promise<number> =>
    readings.read(one, about, nowMs, async () => {
      elapsedMs += tookMs;
      return ++count;
    });
  return { read };
}

describe('readings of gauges', () => {
  test('are shown again for 300 times as long as they took, and never longer than the gauge allows', async () => {
    const { read } = start();
    expect([await read(gauge('a'), 0), await read(gauge('a'), 2_999), await read(gauge('a'), 3_000)]).toEqual([1, 1, 2]);
    expect([await read(gauge('b'), 0, 9_000), await read(gauge('b'), 59_999), await read(gauge('b'), 60_000)]).toEqual([3, 3, 4]);
  });

  test('are read every time where the gauge is always fresh', async () => {
    const { read } = start();
    expect([await read(gauge('a', { maxAgeMs: 0 }), 0), await read(gauge('a', { maxAgeMs: 0 }), 0)]).toEqual([1, 2]);
  });

  test('of gauges that are read together are kept as long as the most expensive of them', async () => {
    const { read } = start();
    const [first, second] = [gauge('first', { together: 'both' }), gauge('second', { together: 'both' })];
    expect([await read(first, 0, 100), await read(second, 0, 0)]).toEqual([1, 2]);
    expect([await read(first, 29_999), await read(second, 29_999)]).toEqual([1, 2]);
    // Both at one instant again, also the one that was cheap.
    expect([await read(second, 30_000, 0), await read(first, 30_000, 0)]).toEqual([3, 4]);
  });

  test('are told apart by what they are about, and the oldest give way', async () => {
    const { read } = start(2);
    expect([await read(gauge('a'), 0, 100, 'x'), await read(gauge('a'), 0, 100, 'y'), await read(gauge('a'), 1, 100, 'x')]).toEqual([1, 2, 1]);
    expect([await read(gauge('a'), 1, 100, 'z'), await read(gauge('a'), 1, 100, 'x')]).toEqual([3, 4]);
  });
});
