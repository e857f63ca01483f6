/** The store is broken on purpose: only what a sender's own figures make impossible is refused for good. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../../collector/core/error.ts';
import { outcomeOf, replyOf } from '../../../collector/ingest/otlp/status.ts';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { storeError } from '../../../collector/storage/sqlite/failure.ts';
import { openWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { event, NOON } from '../../support/entries.ts';

const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;

describe('a failing store', () => {
  let folder: string;
  let file: string;
  let writer: LedgerWriter | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-failure-'));
    file = join(folder, 'ledger.sqlite');
  });
  afterEach(async () => {
    await writer?.close();
    writer = undefined;
    rmSync(folder, { recursive: true });
  });

  const change = (sql: string): void => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };
  const open = async (): Promise<LedgerWriter> => {
    writer = await openWriter({ file, ...CALENDAR });
    return writer;
  };
  const append = (id: string, overrides = {}) => (writer as LedgerWriter).append({ entries: [event({ id, ...overrides })], receivedMs: NOON });
  const refusalOf = async (appending: Promise<unknown>): Promise<LedgerlineError> => {
    const thrown = await appending.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(thrown instanceof LedgerlineError)) throw new Error(`was not refused: ${String(thrown)}`);
    return thrown;
  };
  const answerTo = (error: LedgerlineError) => replyOf(outcomeOf(error));

  test.each([
    ['a trigger raises', 'internal', `CREATE TRIGGER no BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no'); END`, 'DROP TRIGGER no'],
    ['a table is missing', 'unavailable', 'ALTER TABLE minutes RENAME TO rates', 'ALTER TABLE rates RENAME TO minutes'],
    ['a column is missing', 'unavailable', 'ALTER TABLE entries RENAME COLUMN cost TO costs', 'ALTER TABLE entries RENAME COLUMN costs TO cost'],
  ])('when %s, the export is asked for again, and taken once that is mended', async (_what, code, damage, mend) => {
    await open();
    await append('before');
    change(damage);
    const refusal = await refusalOf(append('a', { timeMs: NOON + 1 }));
    expect([refusal.code, answerTo(refusal)]).toEqual([code, expect.objectContaining({ http: 503, retryable: true })]);
    change(mend);
    expect(await append('a', { timeMs: NOON + 1 })).toMatchObject({ appended: 1 });
  });

  test('an error of our own in one export is asked for again, keeps its details for the log, and costs the others nothing', async () => {
    await open();
    const others = [append('b', { sessionId: 's2' }), append('c', { sessionId: 's3' })];
    const refusal = await refusalOf(append('a', { amounts: { cost_list_uncached: 0.5 } }));
    expect([refusal.code, answerTo(refusal)]).toEqual(['internal', expect.objectContaining({ http: 503, retryable: true })]);
    expect(refusal.message).toBe('Writing to the ledger failed.');
    expect(String(refusal.cause)).toContain('RangeError');
    expect(await Promise.all(others)).toMatchObject([{ appended: 1 }, { appended: 1 }]);
    expect(await writer?.isWritable()).toBe(true);
  });

  test('a damaged page is asked for again, with the remedy', async () => {
    await open();
    await append('before');
    await writer?.close();
    const database = new DatabaseSync(file);
    const { rootpage } = database.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'entries'`).get() ?? {};
    const { page_size } = database.prepare('PRAGMA page_size').get() ?? {};
    database.close();
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(Number(page_size), 0xff), 0, Number(page_size), (Number(rootpage) - 1) * Number(page_size));
    closeSync(handle);
    await open();
    const refusal = await refusalOf(append('a'));
    expect([refusal.code, answerTo(refusal).http]).toEqual(['unavailable', 503]);
    expect(refusal.hint).toContain('restore a backup');
  });

  test('an amount beyond 64 bits is the sender’s, and refused for good', async () => {
    await open();
    const refusal = await refusalOf(append('a', { cost: '10000000' }));
    expect([refusal.code, answerTo(refusal)]).toEqual(['invalid', expect.objectContaining({ http: 400, retryable: false })]);
    expect(await append('b', { sessionId: 's2', dimensions: { team: 'data' } })).toMatchObject({ appended: 1 });
  });

  const thrownBy = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    throw new Error('did not throw');
  };

  test('a full disk and a file that may not be written are the machine’s, and asked for again', () => {
    change('CREATE TABLE t (x)');
    const full = new DatabaseSync(file);
    full.exec('PRAGMA max_page_count = 3');
    const frozen = new DatabaseSync(file, { readOnly: true });
    for (const act of [() => full.exec(`INSERT INTO t VALUES (zeroblob(100000))`), () => frozen.exec('INSERT INTO t VALUES (1)')]) {
      const { code, hint } = storeError(thrownBy(act));
      expect([code, hint]).toEqual(['unavailable', 'Check free space and permissions of the data folder.']);
    }
    full.close();
    frozen.close();
  });

  test('what is thrown from anywhere in our code is never the sender’s', () => {
    for (const error of [new TypeError('x is undefined'), new RangeError('too far'), 'a string', undefined]) {
      expect(storeError(error)).toMatchObject({ code: 'internal' });
    }
  });
});
