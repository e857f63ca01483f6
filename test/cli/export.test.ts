/** `ledgerline export`: the file that REST sends, whole or not at all. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApi, type TestApi } from '../api/support.ts';
import { NOW_MS, randomLedger } from '../exports/random-ledger.ts';
import { contextOver, exported } from '../exports/reading.ts';
import { event } from '../support/entries.ts';
import { Random } from '../support/random.ts';
import type { TestLedger } from '../support/sqlite-ledger.ts';
import { waitFor } from '../support/wait.ts';
import { outcome, RunningCommand } from './command.ts';

let ledger: TestLedger;
let api: TestApi;
let folder: string;
beforeAll(async () => {
  ledger = await randomLedger(new Random(7), 2_000);
  api = await startApi({ nowMs: NOW_MS });
  await api.append([event({ id: '1', cost: '0.000000000001' })]);
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-export-'));
});
afterAll(async () => {
  await ledger.destroy();
  await api.stop();
  rmSync(folder, { recursive: true });
});

const data = (): string[] => ['--data', dirname(ledger.file)];
const run = (args: readonly string[]) => outcome(['export', ...args], { now: NOW_MS });

describe('ledgerline export', () => {
  test.each(['csv', 'jsonl', 'parquet', 'focus', 'focus-parquet', 'aws-billing', 'ccusage'])('writes %s as REST sends it', async (format) => {
    const file = join(folder, format);
    const { text, code } = await run([
      ...data(),
      '--format',
      format,
      '--output',
      file,
      '--from',
      '2026-10-20',
      '--where',
      'team:platform',
      '-z',
      'Europe/Berlin',
    ]);
    const { bytes } = await exported(`format=${format}&from=2026-10-20&where=team:platform&tz=Europe/Berlin`, contextOver(ledger.reader));
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect([code, text]).toEqual([0, `${file}: ${bytes.byteLength.toLocaleString('en')} bytes, as of ${new Date(NOW_MS).toISOString()}.`]);
  });

  test('prints to standard output', async () => {
    const { text } = await run([...data(), '--by', 'team', '--grain', 'total', '--from', '2026-10-20', '--format', 'jsonl']);
    const { bytes } = await exported('format=jsonl&from=2026-10-20&by=team&grain=total', contextOver(ledger.reader));
    expect(`${text}\n`).toBe(bytes.toString());
  });

  test('asks a collector', async () => {
    const { text, code } = await run(['--url', api.url, '--by', 'team', '--measures', 'cost', '--period', '2026-11']);
    expect([code, text]).toEqual([0, 'start,team,cost_usd\n2026-11-20T00:00:00.000Z,platform,0.000000000001'.replaceAll('\n', '\r\n')]);
  });

  test('says what was meant, and that it may be the wrong file', async () => {
    const { text, code } = await run(['--url', api.url, '--where', 'team:plattform', '--by', 'team', '--measures', 'cost']);
    expect([code, text.split('\n')[0]]).toEqual([2, 'No record has the team "plattform"; did you mean "platform"?']);
  });

  test('leaves the file before it alone where it fails', async () => {
    const file = join(folder, 'kept.csv');
    writeFileSync(file, 'before');
    await expect(run(['--url', api.url, '--grain', 'hour', '--format', 'focus', '--output', file])).rejects.toThrow('grain=hour does not apply');
    await expect(run([...data(), '--output', join(folder, 'nowhere', 'a.csv')])).rejects.toThrow('--output: cannot write');
    expect(readFileSync(file, 'utf8')).toBe('before');
  });

  test('writes into a pipe, and where a link leads, and replaces neither', async () => {
    const asked = [...data(), '--from', '2026-10-20', '--by', 'team', '--grain', 'total', '--output'];
    const [pipe, target, link] = [join(folder, 'pipe'), join(folder, 'target.csv'), join(folder, 'link.csv')];
    execFileSync('mkfifo', [pipe]);
    const reading = readFile(pipe, 'utf8');
    await run([...asked, pipe]);
    expect(statSync(pipe).isFIFO()).toBe(true);
    writeFileSync(target, 'before');
    symlinkSync('target.csv', link);
    await run([...asked, link]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe(await reading);
    await expect(run([...asked, folder])).rejects.toThrow('--output: cannot write');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves no half of a file behind when %s ends it', async (signal, interrupted) => {
    const file = join(folder, `interrupted-${signal}.csv`);
    // Many rows: the signal mostly comes while they are written.
    const asked = [...data(), '--from', '2026-10-01', '--grain', 'quarter_hour', '--format', 'jsonl'];
    const command = new RunningCommand(['export', ...asked, '--output', file]);
    await waitFor('a file that is being written, or one that is whole', async () =>
      readdirSync(folder).some((name) => name.startsWith(`interrupted-${signal}`)),
    );
    command.child.kill(signal);
    const { code } = await command.finished();
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
    expect([0, interrupted]).toContain(code);
    if (code === 0) expect(existsSync(file)).toBe(true);
    // The signal may come when the file is whole and the command not at its end.
    if (!existsSync(file)) return;
    const whole = join(folder, 'whole.jsonl');
    await run([...asked, '--output', whole]);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  });
});
