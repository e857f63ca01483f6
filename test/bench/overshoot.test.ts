/** That the simulation of docs/guard.md stops everybody, and that the page has what it says. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { read } from '../support/sources.ts';
import { overshoot, type Setting } from './overshoot-model.ts';

const AT_ONCE: Setting = { metrics: undefined, events: 0, watch: 0, fresh: { usual: 0, near: 0 }, grace: 0 };
const mean = (sessions: number, setting: Setting): number =>
  Array.from({ length: 100 }, (_, seed) => overshoot(sessions, setting, seed)).reduce((sum, one) => sum + one, 0) / 100;

test('a limit is never found before it is reached', () => {
  const runs = Array.from({ length: 200 }, (_, seed) => overshoot(3, AT_ONCE, seed));
  expect(Math.min(...runs)).toBeGreaterThanOrEqual(0);
});

/** The request that crosses the limit is longer than most: E[cost²] / (2 E[cost]) is 0.28 USD with these distributions, less what 2 USD cut off. */
test('without any delay, a session alone runs over by a part of its last request', () => {
  const over = mean(1, AT_ONCE);
  expect(over).toBeGreaterThan(0.05);
  expect(over).toBeLessThan(0.6);
});

test('every delay adds to it', () => {
  const watched = { ...AT_ONCE, watch: 30 };
  const kept = { ...watched, fresh: { usual: 15, near: 15 }, grace: 30 };
  const late = { ...kept, events: 60 };
  const means = [AT_ONCE, watched, kept, late].map((setting) => mean(10, setting));
  expect(means.toSorted((a, b) => a - b)).toEqual(means);
});

test('docs/guard.md has the table that the simulation prints', async () => {
  // In a process of its own: jest's modules make every number of it slow.
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'overshoot.ts'),
  ]);
  expect(stdout.length).toBeGreaterThan(500);
  expect(read('docs/guard.md')).toContain(stdout);
});
