/** The harness is no use if it cannot see what it looks for: here the ledger's file is damaged on purpose. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Random } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import { CollectorProcess } from './collector-process.ts';
import { Inspector, noFindings } from './inspect.ts';
import { Load } from './load.ts';
import { ledgerInFile } from './opened-ledger.ts';
import { Traffic } from './traffic.ts';
import { Truth } from './truth.ts';

let data: string;
let truth: Truth;
/** Each test damages a copy. */
let file: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
  truth = new Truth();
  const collector = new CollectorProcess();
  try {
    await fill(collector);
  } finally {
    await collector.kill();
  }
});
beforeEach(() => {
  file = join(data, 'damaged.sqlite');
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  copyFileSync(join(data, 'ledger.sqlite'), file);
});
afterAll(() => rmSync(data, { recursive: true }));

async function fill(collector: CollectorProcess): Promise<void> {
  const random = new Random(7);
  const load = new Load(new Traffic(random, Date.now()), random, truth);
  const ports = await collector.start({ data });
  const running = load.run(ports);
  await waitFor('200 acknowledged exports', () => truth.acknowledgedExports >= 200);
  load.stop();
  await running;
  await load.settle(ports);
  await collector.stop();
}

async function inspected() {
  const inspector = new Inspector(ledgerInFile(file), truth);
  await inspector.look(truth.sessions);
  await inspector.lookInside();
  return inspector.findings;
}

function damage(sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

test('an undamaged ledger gives no findings', async () => {
  expect(await inspected()).toEqual(noFindings());
});

test('a lost record is seen, and its export is torn', async () => {
  // A request's event shares its export with at least the prompt's.
  damage('DELETE FROM entries WHERE identity = (SELECT identity FROM entries WHERE cost > 0 AND flags & 1 = 0 LIMIT 1)');
  const { missing, torn, differences } = await inspected();
  expect(missing).toBe(1);
  expect(torn).toBe(1);
  expect(differences).not.toEqual([]);
});

test('a record under another identity is seen as counted twice', async () => {
  damage(
    `INSERT INTO entries SELECT session, 'another identity', time_ms, flags, dims, cost, list_cost, amounts, series, start_ms, sequence, held_back, request FROM entries LIMIT 1`,
  );
  expect(await inspected()).toMatchObject({ twice: 1, missing: 0 });
});

test('an entry that nobody sent is seen', async () => {
  damage(
    `INSERT INTO entries SELECT session, 'another identity', time_ms + 1, flags, dims, cost, list_cost, amounts, series, start_ms, sequence, held_back, request FROM entries LIMIT 1`,
  );
  expect(await inspected()).toMatchObject({ invented: 1 });
});

test.each(['sessions', 'rollup_total_person', 'rollup_quarter_hour'])('one pico-dollar too much in %s is seen', async (table) => {
  damage(`UPDATE ${table} SET cost = cost + 1 WHERE cost = (SELECT MAX(cost) FROM ${table})`);
  expect((await inspected()).differences).not.toEqual([]);
});
