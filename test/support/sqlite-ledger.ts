/** A real embedded ledger in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CalendarOptions } from '../../collector/core/calendar.ts';
import type { LedgerReader, LedgerWriter } from '../../collector/ledger/ledger.ts';
import { openReader, type ReaderOptions } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';

export interface TestLedger {
  readonly file: string;
  readonly writer: LedgerWriter;
  readonly reader: LedgerReader;
  reopen(options?: Partial<CalendarOptions>): Promise<TestLedger>;
  destroy(): Promise<void>;
}

type Options = Partial<CalendarOptions> & Pick<Parameters<typeof openWriter>[0], 'limits'>;
type Limits = Parameters<typeof openReader>[1] & Pick<ReaderOptions, 'pace'>;

export async function openTestLedger(options: Options = {}, limits: Limits = {}): Promise<TestLedger> {
  return openIn(mkdtempSync(join(tmpdir(), 'ledgerline-')), options, limits);
}

async function openIn(folder: string, options: Options, given: Limits): Promise<TestLedger> {
  const { pace, ...limits } = given;
  const calendar = { timeZone: 'UTC', weekStart: 'monday', ...options } as const;
  const file = join(folder, 'ledger.sqlite');
  const writer = await openWriter({ file, ...calendar });
  const reader = openReader({ file, ...calendar, ...(pace !== undefined && { pace }) }, limits);
  const close = async () => {
    await reader.close();
    await writer.close();
  };
  return {
    file,
    writer,
    reader,
    async reopen(changed = {}) {
      await close();
      return openIn(folder, { limits: options.limits, ...changed }, given);
    },
    async destroy() {
      await close();
      rmSync(folder, { recursive: true });
    },
  };
}
