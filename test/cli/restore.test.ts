import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { RedoLog } from '../../collector/storage/sqlite/redo-log.ts';
import { openStatementStore, readStatements } from '../../collector/storage/sqlite/statement-store.ts';
import { event, NOON } from '../support/entries.ts';
import { outcome } from './command.ts';

describe('ledgerline restore', () => {
  let folder: string;
  let data: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-cli-restore-'));
    data = join(folder, 'data');
    const writer = await openWriter({ file: join(data, 'ledger.sqlite'), timeZone: 'UTC', weekStart: 'monday' });
    await writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON });
    await writer.close();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('puts back what `backup` wrote, with budgets where there are any, and says what it replaced', async () => {
    const backup = join(folder, 'copy.sqlite');
    const by = ['--data', data];
    await outcome(['backup', backup, ...by]);
    expect(await outcome(['restore', backup, ...by], { now: NOON })).toEqual({
      code: 0,
      text: [
        `${data}/ledger.sqlite: restored from ${backup}`,
        `${data}/budgets.sqlite: as it was; there is no ${folder}/copy.budgets.sqlite`,
        `${data}/ledger.sqlite.replaced-20261120T120000Z: what was replaced; delete it when you no longer need it`,
      ].join('\n'),
    });
    await outcome(['budget', 'set', 'data', '--where', 'team:data', '--amount', '5.00', ...by]);
    const second = join(folder, 'second.sqlite');
    await outcome(['backup', second, ...by]);
    await outcome(['budget', 'set', 'data', '--where', 'team:data', '--amount', '9.00', ...by]);
    const { text } = await outcome(['restore', second, ...by], { now: NOON + 1_000 });
    expect(text).toContain(`${data}/budgets.sqlite: restored from ${folder}/second.budgets.sqlite`);
    expect(text).toContain(`${data}/budgets.sqlite.replaced-20261120T120001Z: what was replaced`);
    expect((await outcome(['budget', 'list', '--json', ...by])).text).toContain('5.00');
    expect(await outcome(['check', ...by])).toEqual({ code: 0, text: 'The roll-ups equal the 1 entries of 1 sessions.' });
  });

  test('says what a copy lacks where a killed collector left it in a folder that takes nothing', async () => {
    const file = join(data, 'ledger.sqlite');
    const aside = `${file}-redo`;
    const redo = new RedoLog(aside);
    redo.append(Buffer.from('acknowledged'));
    redo.close();
    // Root may write to any folder, but not to this.
    rmSync(`${file}.lock`);
    mkdirSync(`${file}.lock`);
    const copy = join(folder, 'copy.sqlite');
    const { text, code } = await outcome(['backup', copy, '--data', data]);
    expect({ code, is: text.includes(`\n${copy}: `) }).toEqual({ code: 0, is: true });
    expect(text).toContain(
      `! The copy lacks the last exports of a collector that was killed: they are in ${aside}, and nothing can be written beside it.\nStart the collector once, or run this as the user it runs as, then make another copy.`,
    );
  });

  test.each(['backup', 'restore'])('refuses to %s a ledger in a database, with the remedy', async (command) => {
    const refused = outcome([command, join(folder, 'copy.sqlite'), '--data', data], {
      env: { LEDGERLINE_STORAGE_URL: 'postgres://ledgerline@127.0.0.1:1/ledgerline' },
    });
    await expect(refused).rejects.toMatchObject({ code: 'invalid', hint: expect.stringContaining('pg_dump') });
  });

  test("puts back the provider's records, and says where a backup has none", async () => {
    const put = async (billed: bigint): Promise<void> => {
      const store = openStatementStore(join(data, 'statements.sqlite'));
      const day = { source: 'litellm', account: '', day: '2026-10-03', isComplete: true, askedMs: NOON, nowMs: NOON };
      await store.replaceDay({ ...day, lines: [{ billed }] });
      await store.close();
    };
    const [before, after, by] = [join(folder, 'before.sqlite'), join(folder, 'after.sqlite'), ['--data', data]];
    await outcome(['backup', before, ...by]);
    await put(1n);
    await outcome(['backup', after, ...by]);
    await put(2n);
    expect((await outcome(['restore', before, ...by], { now: NOON })).text).toContain(
      `${data}/statements.sqlite: as it was; there is no ${folder}/before.statements.sqlite`,
    );
    const { text } = await outcome(['restore', after, ...by], { now: NOON + 1_000 });
    expect(text).toContain(`${data}/statements.sqlite: restored from ${folder}/after.statements.sqlite`);
    const reader = readStatements(join(data, 'statements.sqlite'));
    expect(await reader.days({ from: '', to: '~' })).toMatchObject([{ totals: { billed: 1n } }]);
    await reader.close();
  });

  test('replaces nothing by a file that is no backup', async () => {
    await expect(outcome(['restore', join(folder, 'none.sqlite'), '--data', data])).rejects.toThrow(/There is no backup at/);
    expect((await outcome(['check', '--data', data])).code).toBe(0);
  });
});
