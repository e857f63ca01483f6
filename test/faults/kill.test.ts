import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { seededRandom } from '../support/random.ts';
import { noFindings } from './inspect.ts';
import { runStorm } from './storm.ts';

const KILLS = 50;

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
});
afterEach(() => rmSync(data, { recursive: true }));

test(`${KILLS} kills under load lose nothing that was acknowledged and count nothing twice`, async () => {
  const result = await runStorm({ data, kills: KILLS, random: seededRandom('kills under load'), lookInsideEvery: 10 });
  expect(result).toMatchObject(noFindings());
  // The storm was one: kills met exports on their way, and what was sent again had partly been committed before.
  expect(result.acknowledgedRecords).toBeGreaterThan(KILLS * 20);
  expect(result.unanswered).toBeGreaterThan(KILLS);
  expect(result.retried).toBeGreaterThan(KILLS);
  expect(result.repeated).toBeGreaterThan(0);
}, 240_000);
