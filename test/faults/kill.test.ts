import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { seededRandom } from '../support/random.ts';
import { CollectorProcess } from './collector-process.ts';
import { Inspector, noFindings } from './inspect.ts';
import { ledgerInFile } from './opened-ledger.ts';
import { runStorm } from './storm.ts';
import { Truth } from './truth.ts';

const KILLS = 25;
const FIRST_STARTS = 5;

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
  expect(result.rewritten).toBeGreaterThan(KILLS);
}, 600_000);

test('a collector that is killed while it makes its ledger is followed by one that finishes it', async () => {
  const random = seededRandom('kills while a ledger is made');
  for (let start = 0; start < FIRST_STARTS; start++) {
    const folder = join(data, String(start));
    const [first, second] = [new CollectorProcess(), new CollectorProcess()];
    try {
      await first.loaded();
      const unfinished = first.start({ data: folder }).catch(() => undefined);
      await delay(random.below(200));
      await first.kill();
      await unfinished;
      await second.start({ data: folder });
      expect(await second.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await Promise.all([first.kill(), second.kill()]);
    }
    const inspector = new Inspector(ledgerInFile(join(folder, 'ledger.sqlite')), new Truth());
    await inspector.look([]);
    await inspector.lookInside();
    expect(inspector.findings).toEqual(noFindings());
  }
});
