/** Records that are dated outside the window are set aside; those that say nothing that can be are booked when they arrive. */
import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import { claimAttributes } from '../../../collector/ingest/attribution/attribution.ts';
import {
  dataPoint,
  eventRecord,
  interpretEvent,
  interpretingAtOnce,
  interpretPoint,
  logsExport,
  metricsExport,
  onlyUsage,
  RECEIVED_MS,
} from './support.ts';

type Interpret = ReturnType<typeof interpretingAtOnce>;

const DAY = 86_400_000;
const YEAR = 366 * DAY;
const NO_STAMP = { 'event.timestamp': '' };
const EDGES: readonly [string, number, 'ahead' | 'back' | undefined][] = [
  ['two days ahead', RECEIVED_MS + 2 * DAY, undefined],
  ['more than two days ahead', RECEIVED_MS + 2 * DAY + 1, 'ahead'],
  ['in 2099', Date.UTC(2099, 0, 1), 'ahead'],
  ['400 days back', RECEIVED_MS - 400 * DAY, undefined],
  ['more than 400 days back', RECEIVED_MS - 400 * DAY - 1, 'back'],
  ['at the beginning of 2024', Date.UTC(2024, 0, 1), 'back'],
];

describe('a record that is dated', () => {
  test.each(EDGES)('%s is set aside when it arrives, or booked at its time: an event', (_name, timeMs, edge) => {
    const read = interpretEvent('user_prompt', NO_STAMP, { timeMs });
    expect([...read.outsideWindow]).toEqual(edge === undefined ? [] : [[edge, 1]]);
    expect(read.correctedTimes).toBe(0);
    expect(onlyUsage(read)).toMatchObject(
      edge === undefined ? { timeMs, isTimeCertain: true } : { timeMs: RECEIVED_MS, isTimeCertain: false, isSetAside: true },
    );
  });

  test.each(EDGES)('%s is set aside when it arrives, or booked at its time: a data point', (_name, timeMs, edge) => {
    const read = interpretPoint('cost.usage', 1, {}, { timeMs, startMs: timeMs + (edge === 'ahead' ? DAY : -DAY) });
    expect([...read.outsideWindow]).toEqual(edge === undefined ? [] : [[edge, 1]]);
    expect(read.correctedTimes).toBe(0);
    const { isSetAside, timeMs: bookedMs, startMs } = onlyUsage(read);
    expect([isSetAside, bookedMs, startMs]).toEqual(edge === undefined ? [undefined, timeMs, timeMs - DAY] : [true, RECEIVED_MS, undefined]);
  });

  test('is booked at another time that it says, where that is within the window', () => {
    const observed = interpretEvent('user_prompt', NO_STAMP, { timeMs: RECEIVED_MS - 500 * DAY, observedMs: RECEIVED_MS - 1_000 });
    const begun = interpretPoint('cost.usage', 1, {}, { timeMs: RECEIVED_MS + 9 * DAY, startMs: RECEIVED_MS - 60_000 });
    expect([observed, begun].map((read) => [read.correctedTimes, read.outsideWindow.size, onlyUsage(read).timeMs])).toEqual([
      [1, 0, RECEIVED_MS - 1_000],
      [1, 0, RECEIVED_MS - 60_000],
    ]);
  });

  test('keeps its identity, however late it comes again', () => {
    const record = eventRecord('user_prompt', NO_STAMP, { timeMs: RECEIVED_MS - 500 * DAY });
    const identityAt = (receivedMs: number) => onlyUsage(interpreterWith()(logsExport([record]), receivedMs)).identity;
    expect(identityAt(RECEIVED_MS)).toBe(identityAt(RECEIVED_MS - 200 * DAY));
  });

  test('keeps its place in a cumulative series', () => {
    const point = dataPoint('cost.usage', 1, {}, { temporality: 'cumulative', timeMs: RECEIVED_MS - 500 * DAY, startMs: RECEIVED_MS - 501 * DAY });
    const read = interpreterWith()(metricsExport([point, point]), RECEIVED_MS);
    expect(read.usages.map(({ isSetAside, cumulative }) => [isSetAside, cumulative?.startMs])).toEqual([
      [true, RECEIVED_MS - 501 * DAY],
      [true, RECEIVED_MS - 501 * DAY],
    ]);
    expect([...read.outsideWindow]).toEqual([['back', 2]]);
  });
});

function interpreterWith(lastCommitMs?: number): Interpret {
  return interpretingAtOnce({ aliases: {}, claimAttributes: claimAttributes(defaultConfig().attribution), lastCommitMs });
}

describe('the window', () => {
  const at = (timeMs: number) => logsExport([eventRecord('user_prompt', NO_STAMP, { timeMs })]);
  const isBooked = (interpret: Interpret, timeMs: number, receivedMs: number) => onlyUsage(interpret(at(timeMs), receivedMs)).isSetAside !== true;

  test.each([
    ['two years ahead, as the ledger knows', 2 * YEAR, RECEIVED_MS],
    ['ten years ahead, as the ledger knows', 10 * YEAR, RECEIVED_MS],
    ['ten years ahead, of an empty ledger', 10 * YEAR, undefined],
  ])('of a clock that is %s is around what clients say', (_name, aheadMs, lastCommitMs) => {
    const interpret = interpreterWith(lastCommitMs);
    expect(isBooked(interpret, RECEIVED_MS, RECEIVED_MS + aheadMs)).toBe(true);
    expect(isBooked(interpret, RECEIVED_MS - 300 * DAY, RECEIVED_MS + aheadMs)).toBe(true);
    expect(isBooked(interpret, RECEIVED_MS - 500 * DAY, RECEIVED_MS + aheadMs)).toBe(false);
  });

  test('of a clock that is not set is all the time there can be', () => {
    expect([RECEIVED_MS, RECEIVED_MS - 900 * DAY].map((timeMs) => isBooked(interpreterWith(), timeMs, 12_345))).toEqual([true, true]);
  });

  test.each([
    ['an empty ledger', undefined],
    ['a ledger that was written yesterday', RECEIVED_MS - DAY],
  ])('is not moved back by the first who comes to %s', (_name, lastCommitMs) => {
    const interpret = interpreterWith(lastCommitMs);
    const old = RECEIVED_MS - 700 * DAY;
    expect([old, old, old].map((timeMs) => isBooked(interpret, timeMs, RECEIVED_MS))).toEqual([false, false, false]);
    expect(isBooked(interpret, RECEIVED_MS, RECEIVED_MS)).toBe(true);
  });

  test('of a collector that was off for two years is right again with the first client', () => {
    const interpret = interpreterWith(RECEIVED_MS - 2 * YEAR);
    expect(isBooked(interpret, RECEIVED_MS, RECEIVED_MS)).toBe(true);
    expect(isBooked(interpret, RECEIVED_MS - 2 * YEAR, RECEIVED_MS)).toBe(false);
  });
});
