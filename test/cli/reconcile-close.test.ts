/** ledgerline reconcile close, keys and verify: a month is closed once, and nobody changes a figure of it unnoticed. */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { ENTRIES, LINES, NOVEMBER_14, OCTOBER_5 } from '../query/reconcile/month.ts';
import { event } from '../support/entries.ts';
import { openTestLedger } from '../support/sqlite-ledger.ts';
import { bring } from '../support/statements.ts';
import { outcome } from './command.ts';

const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const DECEMBER_9 = Date.parse('2026-12-09T12:00:00Z');
const JANUARY_9 = Date.parse('2027-01-09T12:00:00Z');

let folder: string;
const ask = (words: readonly string[], now = NOVEMBER_14) => outcome(['reconcile', ...words, '--data', folder], { now });
const inFolder = (name: string): string => join(folder, 'closed', name);

beforeAll(async () => {
  const ledger = await openTestLedger();
  folder = dirname(ledger.file);
  await ledger.writer.append({ entries: ENTRIES, receivedMs: OCTOBER_5 });
  await bring(join(folder, 'statements.sqlite'), 'anthropic-analytics', LINES);
  await ledger.reader.close();
  await ledger.writer.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function append(...entries: ReturnType<typeof event>[]): Promise<void> {
  const writer = await openWriter({ file: join(folder, 'ledger.sqlite'), ...CALENDAR });
  await writer.append({ entries, receivedMs: NOVEMBER_14 });
  await writer.close();
}

describe('ledgerline reconcile close', () => {
  test('asks before it closes, and closes nothing without an answer', async () => {
    await expect(ask(['close', '--month', '2026-10'])).rejects.toThrow('Nothing was closed.');
    await expect(ask(['close', '--month', '2026-11', '--yes'])).rejects.toThrow('2026-11 has not ended in UTC.');
    expect(existsSync(inFolder('2026-10.json'))).toBe(false);
  });

  test('shows what speaks against it, closes, and writes what it came to', async () => {
    const { text, code } = await ask(['close', '--month', '2026-10', '--yes']);
    expect(code).toBe(0);
    const lines = text.split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'look What Anthropic bills is not known for 29 days. Run `ledgerline import anthropic-analytics`.',
      'ok   No record is provisional.',
      'ok   0.0 % of the bill has no cause.',
      'look 0 missing events, 1 users without telemetry. Bring them in with `ledgerline import transcripts`, where there are any.',
      'ok   The month has been over for 13 days.',
    ]);
    expect(lines[5]).toBe('2026-10 is closed: its figures do not move any more.');
    const { document } = JSON.parse(readFileSync(inFolder('2026-10.json'), 'utf8'));
    expect(document).toMatchObject({
      ...{ format: 'ledgerline-closed-month/1', month: '2026-10', time_zone: 'UTC', closed_at: '2026-11-14T12:00:00.000Z', previous: null },
      total: { reported_usd: '15.40', list_usd: '14.00' },
      days: [
        { day: '2026-10-05', reported_usd: '8.80' },
        { day: '2026-10-06', reported_usd: '6.60' },
      ],
      bill: { billed_usd: '14.66', remainder_usd: '0.00' },
      price_book_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const [head, ...rows] = readFileSync(inFolder('2026-10.csv'), 'utf8').trimEnd().split('\r\n');
    expect(head).toBe('day,team,user,workspace,model,cost_center,reported_usd,list_usd,contracted_usd');
    expect(rows).toContain('2026-10-06,platform,bob@example.com,api,claude-opus-5-5,unallocated,6.60,6.00,6.00');
    expect(rows).toHaveLength(document.rows.rows);
    expect(statSync(join(folder, 'closed-months.key')).mode & 0o777).toBe(0o600);
  });

  test('what comes later moves nothing, and the files stay as they were handed out', async () => {
    const before = readFileSync(inFolder('2026-10.json'), 'utf8');
    await append(event({ id: 'late', cost: '3.00', sessionId: 'late', timeMs: OCTOBER_5 }));
    expect((await ask(['close', '--month', '2026-10', '--yes'])).text).toContain('2026-10 is closed already.\nIts files are there:');
    expect(readFileSync(inFolder('2026-10.json'), 'utf8')).toBe(before);
    expect((await ask(['--month', '2026-10', '-o', 'json'])).text).toContain('"reported_usd": "15.40"');
    const reader = openReader({ file: join(folder, 'ledger.sqlite'), ...CALENDAR });
    expect(await reader.check()).toEqual([]);
    await reader.close();
  });
});

describe('ledgerline reconcile verify', () => {
  test('says that a month is as it was signed, by the key that is printed', async () => {
    const { text, code } = await ask(['verify', inFolder('2026-10.json')]);
    expect(code).toBe(0);
    expect(text).toContain('ok     signature');
    expect(text).toMatch(/2026-10 is as it was signed, by the key [0-9a-f]{64}\./);
    const key = (await ask(['keys'])).text.split('\n')[0] ?? '';
    expect((await ask(['verify', inFolder('2026-10.json'), '--key', key])).code).toBe(0);
    expect((await ask(['verify', inFolder('2026-10.json'), '--key', 'bm90IHRoaXMgb25l'])).code).toBe(1);
  });

  test('a month follows the one before it', async () => {
    await ask(['close', '--month', '2026-11', '--yes'], DECEMBER_9);
    const { document } = JSON.parse(readFileSync(inFolder('2026-11.json'), 'utf8'));
    expect(document).toMatchObject({
      previous: { month: '2026-10' },
      total: { reported_usd: '3.00' },
      bill: { adjustments: [{ month: '2026-10', reported_usd: '3.00' }] },
    });
    expect((await ask(['verify', inFolder('2026-11.json')])).text).toContain('ok     previous month: 2026-10');
  });

  test.each([
    ['a figure of the document', '2026-10.json', '"reported_usd":"15.40"', '"reported_usd":"15.41"', 'DIFFERS signature'],
    ['a row', '2026-10.csv', '6.60', '6.61', 'DIFFERS rows'],
  ])('%s that is changed is found, and so is it by the month that follows', async (_, name, from, to, finding) => {
    const whole = readFileSync(inFolder(name), 'utf8');
    expect(whole).toContain(from);
    writeFileSync(inFolder(name), whole.replace(from, to));
    const { text, code } = await ask(['verify', inFolder('2026-10.json')]);
    expect({ code, isFound: text.includes(finding) }).toEqual({ code: 1, isFound: true });
    const following = await ask(['verify', inFolder('2026-11.json')]);
    expect(following.text.includes('DIFFERS previous month')).toBe(name.endsWith('.json'));
    writeFileSync(inFolder(name), whole);
    expect((await ask(['verify', inFolder('2026-11.json')])).code).toBe(0);
  });

  test('no month is closed without the file of the one before it, for it could be left out', async () => {
    renameSync(inFolder('2026-11.json'), inFolder('kept'));
    const closing = ask(['close', '--month', '2026-12', '--yes'], JANUARY_9);
    await expect(closing).rejects.toMatchObject({
      message: expect.stringContaining('2026-11.json is not there'),
      hint: expect.stringContaining('`ledgerline reconcile close --month 2026-11`'),
    });
    const reader = openReader({ file: join(folder, 'ledger.sqlite'), ...CALENDAR });
    expect((await reader.closedMonths()).map(({ month }) => month)).toEqual(['2026-10', '2026-11']);
    await reader.close();
    renameSync(inFolder('kept'), inFolder('2026-11.json'));
  });

  test('what comes while the question is open is in the rows and on the bill', async () => {
    const [day, timeMs] = ['2026-12-03', Date.parse('2026-12-03T12:00:00Z')];
    const billed = { day, workspace: 'api', model: 'claude-opus-5-5', product: 'claude_code', billed: 2_000_000_000_000n, list: 2_000_000_000_000n };
    await outcome(['reconcile', 'close', '--month', '2026-12', '--data', folder], {
      now: JANUARY_9,
      async ask() {
        await append(event({ id: 'over lunch', cost: '2.00', sessionId: 'over lunch', timeMs, dimensions: { workspace: 'api' } }));
        await bring(join(folder, 'statements.sqlite'), 'anthropic-analytics', [billed]);
        return 'yes';
      },
    });
    const { document } = JSON.parse(readFileSync(inFolder('2026-12.json'), 'utf8'));
    expect(document).toMatchObject({ total: { reported_usd: '2.00' }, bill: { reported_usd: '2.00', billed_usd: '2.00' } });
  });

  test('another file is refused', async () => {
    await expect(ask(['verify', inFolder('2026-10.csv')])).rejects.toThrow('is no closed month.');
    await expect(ask(['verify', inFolder('2026-09.json')])).rejects.toThrow('cannot be read.');
  });
});
