/** That the model of developers adds up, and that what is sent is what it says. */
import { expect, test } from '@jest/globals';
import { recordsIn } from '../../collector/demo/session.ts';
import { demandOf, HABITS, needOf, turnOf } from './developers-model.ts';
import { Traffic } from './developers-traffic.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test('a day has 24 hours, and all turns are in them', () => {
  expect(HABITS.day).toHaveLength(24);
  expect(sum(HABITS.day)).toBeCloseTo(1, 9);
});

test('the hours of a day send what the day sends, none more than the busiest', () => {
  const { exportsADay, exportsASecond } = demandOf(50_000);
  const busiest = Math.max(...HABITS.day);
  const hours = HABITS.day.map((share) => (exportsASecond * 3600 * share) / busiest);
  expect(sum(hours)).toBeCloseTo(exportsADay, 3);
  expect(Math.max(...hours)).toBeCloseTo(exportsASecond * 3600, 3);
});

const BYTES = { diskBytes: 2_000, walBytes: 5_000 };
const SLOW = { rate: 100, receiverMs: 2, databaseMs: 1, ...BYTES };
const QUICK = { rate: 800, receiverMs: 0.5, databaseMs: 0.25, ...BYTES };

test('ten times the developers send and need ten times as much', () => {
  const [few, many] = [needOf(5_000, [SLOW]), needOf(50_000, [SLOW])];
  for (const key of ['exportsASecond', 'receiverCores', 'databaseCores', 'diskGbAMonth', 'walGbAMonth'] as const) {
    expect(many[key]).toBeCloseTo(10 * few[key], 6);
  }
  expect(many.receiverCores).toBeCloseTo(2 * many.databaseCores, 9);
});

test('an export costs what it did at the next lower rate of a receiver, of which half is used', () => {
  const few = needOf(10_000, [QUICK, SLOW]);
  expect(few.receivers).toBe(2);
  expect(few.receiverCores).toBeCloseTo((few.exportsASecond * SLOW.receiverMs) / 1000, 9);
  const many = needOf(1_000_000, [QUICK, { ...QUICK, rate: 350 }, SLOW]);
  expect(many.receivers).toBe(Math.ceil(many.exportsASecond / 400));
  expect(many.databaseCores).toBeCloseTo((many.exportsASecond * QUICK.databaseMs) / 1000, 9);
});

test('events that wait for one another leave together', () => {
  const quick = turnOf({ ...HABITS, requestSeconds: 1 });
  expect(quick.eventExports).toBe(1 + HABITS.requestsATurn / 5);
  expect(turnOf(HABITS).eventExports).toBe(1 + HABITS.requestsATurn);
});

test('what is sent has the exports and records of the model', () => {
  const count = 40_000;
  const sent = new Traffic(5_000, Date.UTC(2026, 10, 18)).take(count);
  const turn = turnOf(HABITS);
  const metrics = sent.filter(({ signal }) => signal === 'metrics');
  expect(sent).toHaveLength(count);
  expect(metrics.length / count / (turn.metricExports / turn.exports)).toBeCloseTo(1, 1);
  expect(sum(sent.map(recordsIn)) / count / (turn.records / turn.exports)).toBeCloseTo(1, 1);
  const seconds = ((sent.at(-1)?.timeMs ?? 0) - (sent[0]?.timeMs ?? 0)) / 1000;
  expect(count / seconds / demandOf(5_000).exportsASecond).toBeCloseTo(1, 1);
});

test('exports are in the order of time, and go on where the last ones ended', () => {
  const traffic = new Traffic(500, Date.UTC(2026, 10, 18));
  const times = [...traffic.take(500), ...traffic.take(500)].map(({ timeMs }) => timeMs);
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
});
