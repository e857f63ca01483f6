import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { WaitingJobs } from '../../collector/storage/group-commit.ts';

const job = (entries = 1) => ({ entries: { length: entries } });

/** A writer, with the sizes of its groups in the order in which they were committed. */
function writer() {
  const groups: number[] = [];
  const waiting = new WaitingJobs(() => commit(), { gathers: true });
  const commit = (): void => {
    for (const group of waiting.take()) groups.push(group.length);
  };
  return { waiting, groups, commit };
}

describe('exports that wait for their commit', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('are committed at once where they are alone', () => {
    const { waiting, groups } = writer();
    for (let index = 0; index < 3; index++) {
      waiting.add(job());
      jest.advanceTimersByTime(0);
      expect(groups).toHaveLength(index + 1);
      jest.advanceTimersByTime(1_000);
    }
    expect(groups).toEqual([1, 1, 1]);
  });

  test('are committed together where they come often', () => {
    const { waiting, groups } = writer();
    for (let index = 0; index < 200; index++) {
      waiting.add(job());
      jest.advanceTimersByTime(5);
    }
    jest.advanceTimersByTime(100);
    expect(groups.reduce((sum, size) => sum + size)).toBe(200);
    expect(Math.min(...groups.slice(1, -1))).toBeGreaterThanOrEqual(4);
  });

  test('wait for no more than there are enough of', () => {
    const { waiting, groups } = writer();
    waiting.add(job());
    jest.advanceTimersByTime(1);
    for (let index = 0; index < 40; index++) waiting.add(job());
    jest.advanceTimersByTime(1);
    expect(groups).toEqual([1, 40]);
  });

  test('are hardly ever waited for where one comes only after the other is answered', () => {
    const { waiting, groups } = writer();
    let waits = 0;
    for (let index = 0; index < 330; index++) {
      waiting.add(job());
      jest.advanceTimersByTime(1);
      if (groups.length === index + 1) continue;
      waits++;
      jest.advanceTimersByTime(20);
    }
    expect(groups).toHaveLength(330);
    expect(waits).toBeGreaterThan(0);
    expect(waits).toBeLessThanOrEqual(10);
  });

  test('are no transaction longer than its bound', () => {
    const { waiting, groups } = writer();
    for (const entries of [5_000, 3_000, 1, 20_000, 7_999, 1, 1]) waiting.add(job(entries));
    jest.advanceTimersByTime(0);
    expect(groups).toEqual([2, 1, 1, 2, 1]);
  });

  test('go before what is asked of the ledger after them', () => {
    const { waiting, groups, commit } = writer();
    waiting.add(job());
    jest.advanceTimersByTime(1);
    waiting.add(job());
    commit();
    expect(groups).toEqual([1, 1]);
    jest.advanceTimersByTime(100);
    expect(groups).toEqual([1, 1]);
  });
});
