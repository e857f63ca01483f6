/** Scheduled exports: what is missing is made up, what changed is replaced, and a file is whole or not there. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { exportFindings } from '../../collector/exports/scheduled/findings.ts';
import { runExport } from '../../collector/exports/scheduled/run.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { event } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { readCsv } from './reading.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

let ledger: TestLedger;
let folder: string;
beforeEach(async () => {
  ledger = await openTestLedger();
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-exports-'));
});
afterEach(async () => {
  await ledger.destroy();
  rmSync(folder, { recursive: true });
});

const configOf = (spec: object) =>
  configSchema.parse({ exports: [{ name: 'daily', format: 'csv', folder, by: ['team'], measures: ['cost'], ...spec }] });
const manifest = () => JSON.parse(readFileSync(join(folder, 'daily', 'manifest.json'), 'utf8'));
const read = (file: string): Buffer => readFileSync(join(folder, 'daily', file));

async function run(now: string, spec: object = {}, more: { reader?: LedgerReader; isAsked?: boolean; isWhole?: boolean } = {}) {
  const config = configOf(spec);
  const [one] = config.exports;
  if (one === undefined) throw new Error('no export');
  const { reader = ledger.reader, ...rest } = more;
  return runExport(one, { context: { reader, config, prices: loadPriceBook() }, now: () => at(now), ...rest });
}

let count = 0;
const book = (time: string, cost: string) =>
  ledger.writer.append({ entries: [event({ id: `e${count++}`, cost, timeMs: at(time), sessionId: `s${count}` })], receivedMs: at(time) });

describe('a scheduled export', () => {
  test('writes the last complete period when it is new, with its checksum, rows and sum', async () => {
    await book('2026-11-19T10:00', '1');
    await book('2026-11-20T10:00', '2.5');
    expect(await run('2026-11-21T03:00')).toEqual({ dueMs: at('2026-11-21T03:00'), written: ['2026-11-20.csv'], kept: 0 });
    expect(readCsv(read('2026-11-20.csv').toString())).toEqual([{ start: '2026-11-20T00:00:00.000Z', team: 'platform', cost_usd: '2.50' }]);
    const [file] = manifest().files;
    expect(file).toMatchObject({
      ...{ period: '2026-11-20', file: '2026-11-20.csv', from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' },
      ...{ rows: 1, cost_usd: '2.50', bytes: read('2026-11-20.csv').byteLength, revision: 1, as_of: '2026-11-20T10:00:00.000Z' },
      sha256: createHash('sha256').update(read('2026-11-20.csv')).digest('hex'),
    });
  });

  test('is written by one run at a time; what a killed one left holds up nobody', async () => {
    await book('2026-11-20T10:00', '2.5');
    await run('2026-11-21T03:00');
    await book('2026-11-20T11:00', '1');
    const [lock, before] = [join(folder, 'daily', '.running'), manifest()];
    writeFileSync(lock, `${process.ppid} ${hostname()}`);
    await expect(run('2026-11-21T04:00', {}, { isAsked: true, isWhole: true })).rejects.toThrow('Another run is writing the files of this export');
    expect([manifest(), existsSync(lock)]).toEqual([before, true]);
    // No process has that number.
    writeFileSync(lock, `4194305 ${hostname()}`);
    expect((await run('2026-11-21T04:00', {}, { isAsked: true })).written).toEqual(['2026-11-20.r2.csv']);
    expect(existsSync(lock)).toBe(false);
    writeFileSync(lock, '1 another-machine');
    await expect(run('2026-11-21T04:00', {}, { isAsked: true })).rejects.toThrow('Another run');
    utimesSync(lock, new Date(0), new Date(0));
    await run('2026-11-21T04:00', {}, { isAsked: true });
  });

  test('is not begun while another run takes away what a killed one left', async () => {
    await run('2026-11-21T03:00');
    const [lock, mark] = [join(folder, 'daily', '.running'), (pid: number) => join(folder, 'daily', `.running.clearing.${pid} ${hostname()}`)];
    // No process has that number. The other run has seen it as well, and may take it away at any moment.
    writeFileSync(lock, `4194305 ${hostname()}`);
    writeFileSync(mark(process.ppid), '');
    await expect(run('2026-11-21T04:00', {}, { isAsked: true })).rejects.toThrow('Another run is writing the files of this export');
    expect([lock, mark(process.ppid)].map((file) => existsSync(file))).toEqual([true, true]);
    // One that was killed in there holds up nobody.
    rmSync(mark(process.ppid));
    writeFileSync(mark(4194305), '');
    await run('2026-11-21T04:00', {}, { isAsked: true });
    expect(readdirSync(join(folder, 'daily')).sort()).toEqual(['2026-11-20.csv', 'manifest.json']);
  });

  test('waits for its time, then makes up what was missed', async () => {
    await run('2026-11-21T03:00');
    expect((await run('2026-11-21T05:59')).dueMs).toBeUndefined();
    // Due on the 21st at six, for the 20th again; then nothing ran for four days.
    expect(await run('2026-11-21T06:10')).toEqual({ dueMs: at('2026-11-21T06:00'), written: [], kept: 1 });
    const { written } = await run('2026-11-25T09:00');
    expect(written).toEqual(['2026-11-21.csv', '2026-11-22.csv', '2026-11-23.csv', '2026-11-24.csv']);
    expect(manifest().complete_to).toBe('2026-11-25T06:00:00.000Z');
    expect((await run('2026-11-25T09:01')).dueMs).toBeUndefined();
  });

  test('of a quarter is made up however long its time has passed, and once', async () => {
    const quarterly = { period: 'last_month', schedule: '0 6 1 */3 *' };
    await run('2026-01-15T09:00', quarterly);
    // Due on the first of April; the collector is back in the last days of June.
    const findings = await exportFindings(configOf(quarterly), at('2026-06-29T09:00'));
    expect(findings.map(({ message }) => message)).toEqual(['The scheduled export daily was due 89 d ago, and is not complete.']);
    const written = ['2026-01.csv', '2026-02.csv', '2026-03.csv'];
    expect(await run('2026-06-29T09:00', quarterly)).toEqual({ dueMs: at('2026-04-01T06:00'), written, kept: 0 });
    expect((await run('2026-06-29T09:01', quarterly)).dueMs).toBeUndefined();
    // Of several that were missed the last one counts, and it has all of their months.
    expect(await run('2027-03-20T09:00', quarterly)).toMatchObject({
      dueMs: at('2027-01-01T06:00'),
      written: expect.arrayContaining(['2026-12.csv']),
    });
    expect(manifest().files).toHaveLength(13);
  });

  test('replaces a file when late records change its figures, and only then', async () => {
    await book('2026-11-20T10:00', '2');
    await run('2026-11-21T03:00');
    const before = manifest();
    expect(await run('2026-11-21T06:10')).toMatchObject({ written: [], kept: 1 });
    expect(manifest().files).toEqual(before.files);
    await book('2026-11-20T11:00', '3');
    expect(await run('2026-11-22T06:10')).toMatchObject({ written: ['2026-11-20.r2.csv', '2026-11-21.csv'] });
    expect(manifest().files.map((file: Record<string, unknown>) => [file.period, file.cost_usd, file.revision])).toEqual([
      ['2026-11-20', '5.00', 2],
      ['2026-11-21', '0.00', 1],
    ]);
  });

  test('of older periods replaces those with another sum', async () => {
    const spec = { recheck_days: 0 };
    await book('2026-11-20T10:00', '2');
    await run('2026-11-21T03:00', spec);
    expect(await run('2026-11-22T06:10', spec)).toMatchObject({ written: ['2026-11-21.csv'], kept: 0 });
    await book('2026-11-20T11:00', '3');
    expect(await run('2026-11-23T06:10', spec)).toMatchObject({ written: ['2026-11-20.r2.csv', '2026-11-22.csv'] });
    expect(await run('2026-11-23T06:20', spec, { isAsked: true, isWhole: true })).toMatchObject({ written: [], kept: 3 });
  });

  test('writes again what was deleted or cut short', async () => {
    await run('2026-11-21T03:00', { recheck_days: 0 });
    // Of a process that was killed, and of one that writes.
    for (const name of ['a.1.unfinished', 'b.2.unfinished']) writeFileSync(join(folder, 'daily', name), 'half');
    utimesSync(join(folder, 'daily', 'a.1.unfinished'), 0, 0);
    utimesSync(join(folder, 'daily', 'b.2.unfinished'), at('2026-11-22T06:09') / 1000, at('2026-11-22T06:09') / 1000);
    await run('2026-11-22T06:10', { recheck_days: 0 });
    expect(readdirSync(join(folder, 'daily')).filter((name) => name.endsWith('.unfinished'))).toEqual(['b.2.unfinished']);
    rmSync(join(folder, 'daily', '2026-11-20.csv'));
    truncateSync(join(folder, 'daily', '2026-11-21.csv'), 3);
    expect(await run('2026-11-23T06:10', { recheck_days: 0 })).toMatchObject({ written: ['2026-11-20.csv', '2026-11-21.csv', '2026-11-22.csv'] });
    expect(manifest().files.map(({ revision }: { revision: number }) => revision)).toEqual([1, 1, 1]);
  });

  test('leaves nothing half written when reading fails, and goes on from there', async () => {
    await book('2026-11-20T10:00', '2');
    await run('2026-11-21T03:00');
    // The third period cannot be read.
    let asked = 0;
    const failing: LedgerReader = {
      ...ledger.reader,
      query: (query) => ledger.reader.query(query),
      status: () => ledger.reader.status(),
      snapshot: (read, bound) => (++asked === 3 ? Promise.reject(new Error('the disk is gone')) : ledger.reader.snapshot(read, bound)),
    };
    await expect(run('2026-11-24T06:10', {}, { reader: failing })).rejects.toThrow('the disk is gone');
    expect(readdirSync(join(folder, 'daily')).sort()).toEqual(['2026-11-20.csv', '2026-11-21.csv', 'manifest.json']);
    expect(manifest().complete_to).toBe('2026-11-21T03:00:00.000Z');
    expect(await run('2026-11-24T06:20')).toMatchObject({ written: ['2026-11-22.csv', '2026-11-23.csv'], kept: 2 });
    for (const { file, sha256 } of manifest().files) expect(createHash('sha256').update(read(file)).digest('hex')).toBe(sha256);
  });

  test('goes on from where it was when the clock was a year ahead for a while', async () => {
    await run('2026-11-21T03:00');
    await run('2027-11-21T06:10');
    expect(manifest().files).toHaveLength(366);
    expect((await exportFindings(configOf({}), at('2026-11-22T09:00'))).map(({ message }) => message)).toEqual([
      'The scheduled export daily was due 3 h ago, and is not complete.',
    ]);
    await book('2026-11-21T10:00', '2.5');
    expect(await run('2026-11-22T06:10')).toEqual({ dueMs: at('2026-11-22T06:00'), written: ['2026-11-21.r2.csv'], kept: 1 });
    expect(manifest()).toMatchObject({ complete_to: '2026-11-22T06:00:00.000Z', files: [{ period: '2026-11-20' }, { period: '2026-11-21' }] });
    expect((await run('2026-11-23T06:10')).written).toEqual(['2026-11-22.csv']);
  });

  test('has weeks and months, in its own zone and compressed', async () => {
    await book('2026-10-31T23:30', '7');
    const month = { period: 'last_month', time_zone: 'Europe/Berlin', compression: 'gzip', grain: 'total' };
    expect(await run('2026-12-01T05:00', month)).toMatchObject({ written: ['2026-11.csv.gz'] });
    expect(readCsv(gunzipSync(read('2026-11.csv.gz')).toString())).toEqual([{ team: 'platform', cost_usd: '7.00' }]);
    expect(manifest().files[0]).toMatchObject({ from: '2026-10-31T23:00:00.000Z', to: '2026-11-30T23:00:00.000Z' });
    // The same folder for other periods begins anew.
    expect(await run('2026-12-01T05:00', { period: 'last_week' })).toMatchObject({ written: ['2026-11-23.csv'] });
    expect(manifest().files).toHaveLength(1);
  });

  test('puts the schema beside FOCUS', async () => {
    await run('2026-11-21T03:00', { format: 'focus', focus: '1.3', by: ['user'], measures: undefined });
    const { DataGenerator, DatasetInstance, Schema } = JSON.parse(read('schema.json').toString());
    expect([DataGenerator, DatasetInstance[0].FocusDatasetId, Schema[0].FocusVersion]).toEqual([
      { DataGenerator: 'Ledgerline' },
      'CostAndUsage',
      '1.3',
    ]);
    const columns = Schema[0].ColumnDefinition.map(({ ColumnName }: { ColumnName: string }) => ColumnName);
    expect(read('2026-11-20.csv').toString().split('\r\n', 1)).toEqual([columns.join()]);
  });

  test('makes every file anew in another format or version, with its schema, also after an interruption', async () => {
    const focus = { format: 'focus', focus: '1.3', by: ['user'], measures: undefined, recheck_days: 0 };
    await book('2026-11-20T10:00', '2');
    await run('2026-11-21T03:00', focus);
    await run('2026-11-22T06:10', focus);
    const failing: LedgerReader = { ...ledger.reader, snapshot: () => Promise.reject(new Error('the disk is gone')) };
    const next = { ...focus, focus: '1.4' };
    await expect(run('2026-11-23T06:10', next, { reader: failing })).rejects.toThrow('the disk is gone');
    expect(await run('2026-11-23T06:10', next)).toMatchObject({ written: ['2026-11-20.r2.csv', '2026-11-21.r2.csv', '2026-11-22.csv'] });
    const { Schema } = JSON.parse(read('schema.json').toString());
    const columns = Schema[0].ColumnDefinition.map(({ ColumnName }: { ColumnName: string }) => ColumnName);
    expect(Schema[0].FocusVersion).toBe('1.4');
    for (const { file } of manifest().files) expect(read(file).toString().split('\r\n', 1)).toEqual([columns.join()]);
    const lines = { ...next, format: 'jsonl', focus: undefined };
    expect(await run('2026-11-24T06:10', lines)).toMatchObject({
      written: ['2026-11-20.r3.jsonl', '2026-11-21.r3.jsonl', '2026-11-22.r2.jsonl', '2026-11-23.jsonl'],
    });
    expect(manifest().format).toBe('jsonl');
    expect(await run('2026-11-25T06:10', lines)).toMatchObject({ written: ['2026-11-24.jsonl'], kept: 0 });
  });

  test('refuses keys that do not go together, and a manifest that is none', async () => {
    await expect(run('2026-11-21T03:00', { format: 'focus' })).rejects.toThrow('measures=cost does not apply to format=focus');
    await run('2026-11-21T03:00');
    writeFileSync(join(folder, 'daily', 'manifest.json'), '{"manifest":2}');
    await expect(run('2026-11-22T06:10')).rejects.toThrow('is no manifest of this version');
    expect(existsSync(join(folder, 'daily', '2026-11-20.csv'))).toBe(true);
  });
});

describe('what doctor finds', () => {
  const found = async (now: string) => (await exportFindings(configOf({}), at(now))).map(({ message }) => message);

  test('is an export that has written nothing, or is behind by more than an hour', async () => {
    expect(await found('2026-11-21T03:00')).toEqual(['The scheduled export daily has written no file yet.']);
    await run('2026-11-21T03:00');
    expect(await found('2026-11-21T06:30')).toEqual([]);
    expect(await found('2026-11-21T08:00')).toEqual(['The scheduled export daily was due 2 h ago, and is not complete.']);
    await run('2026-11-21T08:00');
    expect(await found('2026-11-21T08:00')).toEqual([]);
  });
});
