/** What every store's writer must do beside booking. A store's test file calls this with a way to open it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { event, NOON } from '../../support/entries.ts';

type OpenWriter = () => Promise<{ readonly writer: LedgerWriter; destroy(): Promise<void> }>;

/** `copies`: by the collector, or with the tools of the database alone. */
export function describeWriter(store: string, openLedger: OpenWriter, copies: 'itself' | 'elsewhere' = 'itself'): void {
  describe(`writer contract: ${store}`, () => {
    let ledger: Awaited<ReturnType<typeof openLedger>>;
    beforeEach(async () => {
      ledger = await openLedger();
    });
    afterEach(() => ledger.destroy());

    const append = (id: string) => ledger.writer.append({ entries: [event({ id })], receivedMs: NOON });

    test('counts the batches that are not durable yet', async () => {
      expect(ledger.writer.pending).toBe(0);
      const appends = [append('a'), append('b')];
      expect(ledger.writer.pending).toBe(2);
      await Promise.all(appends);
      expect(ledger.writer.pending).toBe(0);
    });

    test('is writable while it is open, also after a batch that it can never hold', async () => {
      const huge = { ...event({ id: 'huge' }), cost: 10n ** 30n };
      await expect(ledger.writer.append({ entries: [huge], receivedMs: NOON })).rejects.toMatchObject({ code: 'invalid' });
      expect(await ledger.writer.isWritable()).toBe(true);
      expect((await append('a')).appended).toBe(1);
    });

    test('finishes what it has when it is closed, is not lost by that, and refuses what comes later', async () => {
      const last = append('a');
      await ledger.writer.close();
      expect((await last).appended).toBe(1);
      expect(await Promise.race([ledger.writer.lost, ledger.writer.isWritable()])).toBe(false);
      await expect(append('b')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(ledger.writer.prune(NOON)).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('says what copies the ledger where it cannot', async () => {
      if (copies === 'itself') return;
      await expect(ledger.writer.backup(join(tmpdir(), 'copy'))).rejects.toMatchObject({
        code: 'invalid',
        hint: expect.stringContaining('docs/operations.md'),
      });
    });

    test('copies the ledger while it goes on, and overwrites nothing', async () => {
      if (copies === 'elsewhere') return;
      const folder = mkdtempSync(join(tmpdir(), 'ledgerline-copy-'));
      const copy = join(folder, 'copy');
      await append('a');
      await ledger.writer.backup(copy);
      expect((await append('b')).appended).toBe(1);
      await expect(ledger.writer.backup(copy)).rejects.toThrow(/exists/);
      rmSync(folder, { recursive: true });
    });
  });
}
