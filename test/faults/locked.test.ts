import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { event, NOON, usd } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const DAY_MS = 86_400_000;
const UNAVAILABLE = { code: 'unavailable', message: expect.stringContaining('database is locked') };

let ledger: TestLedger;
let other: DatabaseSync;
beforeEach(async () => {
  ledger = await openTestLedger();
  other = new DatabaseSync(ledger.file);
});
afterEach(async () => {
  other.close();
  await ledger.destroy();
});

const append = (id: string) => ledger.writer.append({ entries: [event({ id })], receivedMs: NOON });

test('while another program holds the write lock nothing is committed, and afterwards everything is as before', async () => {
  await append('before');
  other.exec('BEGIN IMMEDIATE');
  await expect(append('during')).rejects.toMatchObject(UNAVAILABLE);
  expect(await ledger.writer.isWritable()).toBe(false);
  other.exec('ROLLBACK');
  expect(await ledger.writer.isWritable()).toBe(true);
  expect(await append('during')).toMatchObject({ appended: 1, duplicates: 0 });
  const { totals } = await ledger.reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 });
  expect(totals).toEqual([usd('0.02')]);
  expect(await ledger.reader.check()).toEqual([]);
});

test('retention that cannot write is put off, and does not end the ledger', async () => {
  await append('old');
  other.exec('BEGIN IMMEDIATE');
  await expect(ledger.writer.prune(NOON + DAY_MS)).rejects.toMatchObject(UNAVAILABLE);
  other.exec('ROLLBACK');
  expect(await ledger.writer.isWritable()).toBe(true);
  expect(await ledger.writer.prune(NOON + DAY_MS)).toBe(1);
  expect((await ledger.reader.status()).entries).toBe(0);
});
