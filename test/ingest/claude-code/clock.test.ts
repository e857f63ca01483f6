import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import { Clock, readTimestamp } from '../../../collector/ingest/claude-code/believable-time.ts';
import { createTestInterpreter, eventRecord, logsExport, TIME_MS } from './support.ts';

const YEAR_MS = 366 * 86_400_000;
const clockAt = (receivedMs: number): Clock => {
  const clock = new Clock(defaultConfig().ingest_window);
  clock.enter(receivedMs);
  return clock;
};

describe("a collector's clock", () => {
  test.each([
    ['right', TIME_MS + 5_000],
    ['at 1970', 12_345],
    ['ten years ahead', TIME_MS + 10 * YEAR_MS],
  ])('that is %s should keep the times of clients', (_name, receivedMs) => {
    const read = createTestInterpreter()(logsExport([eventRecord('user_prompt')]), receivedMs);
    expect(read).toMatchObject({ correctedTimes: 0, usages: [{ timeMs: TIME_MS }] });
  });

  test.each([
    ['at 1970', 12_345],
    ['ten years ahead', TIME_MS + 10 * YEAR_MS],
  ])('that is %s should not be the time of what has none, once a client has told one', (_name, receivedMs) => {
    const interpret = createTestInterpreter();
    const untimed = eventRecord('user_prompt', { 'event.timestamp': '' }, { timeMs: 0 });
    interpret(logsExport([eventRecord('user_prompt')]), receivedMs);
    expect(interpret(logsExport([untimed]), receivedMs)).toMatchObject({ arrivalMs: TIME_MS, usages: [{ timeMs: TIME_MS, isTimeCertain: false }] });
  });

  test('should be the time of arrival where it can be right', () => {
    const clock = clockAt(TIME_MS);
    expect(clock.believes(TIME_MS - 8 * 86_400_000)).toBe(true);
    expect(clock.arrivalMs).toBe(TIME_MS);
  });

  test('should never be before the client existed', () => {
    expect(clockAt(0).arrivalMs).toBe(Date.UTC(2024, 0, 1));
  });
});

describe("a client's time", () => {
  test.each([
    [Date.UTC(2023, 11, 31), false],
    [Date.UTC(2024, 0, 1), true],
    [TIME_MS + 2 * 86_400_000, true],
    [TIME_MS + 2 * 86_400_000 + 1, false],
    [Number.NaN, false],
  ])('of %p should be believed: %p', (timeMs, isBelieved) => {
    expect(clockAt(TIME_MS).isBelievable(timeMs)).toBe(isBelieved);
  });

  test.each([0, Date.UTC(2200, 0, 1)])('of 2099 should be believed and of 2101 not by a clock at %p', (receivedMs) => {
    expect(clockAt(receivedMs).isBelievable(Date.UTC(2099, 0, 1))).toBe(true);
    expect(clockAt(receivedMs).isBelievable(Date.UTC(2101, 0, 1))).toBe(false);
  });

  test.each([
    ['2026-11-20T14:00:00.000Z', TIME_MS],
    ['2026-11-20T15:00:00+01:00', TIME_MS],
    [String(TIME_MS), TIME_MS],
    [TIME_MS, TIME_MS],
    [TIME_MS / 1_000, TIME_MS],
    [`${TIME_MS}000000`, TIME_MS],
    [`${TIME_MS}000`, TIME_MS],
    [`${TIME_MS / 1_000}.5`, TIME_MS + 500],
    ['', Number.NaN],
    ['yesterday', Number.NaN],
    [undefined, Number.NaN],
  ])('in an attribute may be %p', (value, timeMs) => {
    expect(readTimestamp(value)).toBe(timeMs);
  });
});
