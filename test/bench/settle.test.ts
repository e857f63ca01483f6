/** That coarse roll-ups which are due do not wait for the line that is measured next. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { event } from '../support/entries.ts';
import { Bodies } from './bodies.ts';
import { CALENDAR, ledgerFileIn } from './ledger-file.ts';
import { killChildren, startServer } from './process.ts';
import { areRollupsDue, settleRollups } from './settle.ts';

const HOUR_MS = 3_600_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-settle-'));
});
afterEach(() => {
  killChildren();
  rmSync(folder, { recursive: true });
});

test('what a quarter of an hour left is asked of the ledger, until nothing of it is due', async () => {
  const data = join(folder, 'data');
  const file = ledgerFileIn(data);
  const thenMs = Date.now() - HOUR_MS;
  const writer = await openWriter({ file, ...CALENDAR });
  const entries = Array.from({ length: 500 }, (_, index) => event({ id: String(index), user: `user-${index}@example.com`, timeMs: thenMs }));
  await writer.append({ entries, receivedMs: thenMs });
  await writer.close();
  expect([areRollupsDue(file, thenMs), areRollupsDue(file, Date.now())]).toEqual([false, true]);
  const ledger = await startServer('ledger', data);
  await settleRollups(ledger, { folder, bodies: new Bodies(20, Date.now()), data, lanes: 4 });
  expect(areRollupsDue(file, Date.now())).toBe(false);
  await ledger.stop();
});
