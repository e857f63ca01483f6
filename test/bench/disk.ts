/** What a ledger takes on disk, entry by entry; and what making something durable costs here. */
import { closeSync, fsyncSync, openSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { stopWith } from './flags.ts';
import { ledgerFileIn, sizeOf } from './ledger-file.ts';
import { median, megabytes, type Report, whole } from './report.ts';

export interface NamedLedger {
  readonly name: string;
  readonly data: string;
}

export function reportDisk(ledgers: readonly NamedLedger[], report: Report): void {
  const rows = ledgers.map(({ name, data }) => {
    const size = sizeOf(ledgerFileIn(data));
    const each = (bytes: number): string => whole(bytes / size.entries);
    return [
      ...[name, whole(size.entries), megabytes(size.fileBytes), each(size.fileBytes)],
      ...[each(size.entryBytes), each(size.rollupBytes), each(size.sessionBytes), each(size.dimensionBytes)],
    ];
  });
  report.table('Bytes on disk', ['', 'entries', 'MB', 'bytes/entry', 'of it entries', 'roll-ups', 'sessions', 'dimensions'], rows);
}

/** Median of milliseconds for a page written and synced. */
export function fsyncMs(folder: string): number {
  const file = openSync(join(folder, 'fsync'), 'w');
  const page = Buffer.alloc(4096, 1);
  const took: number[] = [];
  for (let index = 0; index < 200; index++) {
    const startedMs = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    took.push(performance.now() - startedMs);
  }
  closeSync(file);
  return median(took);
}

const TMPFS = 0x01021994;

/** Nothing that is written there comes to a disk, and a sync is nothing. */
export const isInMemory = (folder: string): boolean => statfsSync(folder).type === TMPFS;

export function stopInMemory(folder: string): void {
  if (isInMemory(folder)) stopWith(`${folder} is in memory: set TMPDIR to a folder on a disk.`, 2);
}
