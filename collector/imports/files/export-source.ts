/** A cloud's own export of its bill, in files: read row by row, added up by day, and stored a day at a time. */
import { LedgerlineError } from '../../core/error.ts';
import { visible } from '../../core/visible.ts';
import { DaySums } from '../day-sums.ts';
import type { Remarks } from '../remarks.ts';
import type { Reading, StatementSource } from '../source.ts';
import { Coverage } from './coverage.ts';
import type { DataFile } from './find.ts';
import type { FileRow } from './row.ts';
import { rowsOf } from './rows.ts';

export interface BillFormat extends Pick<StatementSource, 'title' | 'delayMs'> {
  /** Those that are read. */
  readonly columns: readonly string[];
  /** Those without which a file is no such export; checked with its first row. */
  readonly required: readonly string[];
  readonly files: () => readonly DataFile[];
  /** The day in UTC, and since when the file has everything. Undefined: broken. */
  readonly dayOf: (row: FileRow) => { readonly day: string; readonly sinceDay?: string | undefined } | undefined;
  /** Adds a row. Answers why it is broken. */
  readonly take: (row: FileRow, day: string, to: Taking) => string | undefined;
}

export interface Taking {
  readonly sums: DaySums;
  readonly remarks: Remarks;
}

export function exportSource(format: BillFormat): StatementSource {
  return {
    ...{ title: format.title, delayMs: format.delayMs, revisedDays: 0, isOfFiles: true },
    read: (days, reading) => readExport(format, days, reading),
  };
}

async function* readExport(format: BillFormat, days: readonly string[], reading: Reading): ReturnType<StatementSource['read']> {
  const wanted = new Set(days);
  const sums = new DaySums();
  const coverage = new Coverage();
  for (const file of format.files()) {
    for await (const batch of batchesOf(format, file, reading.remarks)) {
      reading.signal?.throwIfAborted();
      for (const row of batch) take(row, file, { format, wanted, coverage, sums, remarks: reading.remarks });
    }
  }
  const writtenMs = coverage.writtenMs();
  let isAny = false;
  for (const day of days) {
    const atMs = writtenMs.get(day);
    if (atMs === undefined) continue;
    isAny = true;
    yield { day, askedMs: Math.min(atMs, reading.now()), lines: sums.linesOf(day) };
  }
  if (!isAny) {
    throw new LedgerlineError('not_found', `The files have nothing about the days from ${days[0]} to ${days.at(-1)}.`, {
      hint: 'Check the path, and --from and --to.',
    });
  }
}

interface TakingFile extends Taking {
  readonly format: BillFormat;
  readonly wanted: ReadonlySet<string>;
  readonly coverage: Coverage;
}

function take(row: FileRow, file: DataFile, { format, wanted, coverage, ...to }: TakingFile): void {
  const when = format.dayOf(row);
  if (when !== undefined) coverage.add(file, when.day, when.sinceDay);
  if (when !== undefined && !wanted.has(when.day)) return;
  const why = when === undefined ? 'it has no day' : format.take(row, when.day, to);
  if (why !== undefined) broken(to.remarks, file, why);
}

const SHOWN_MAX = 120;

const broken = (remarks: Remarks, { name }: DataFile, why: string): void =>
  remarks.count(`Broken rows of ${visible(name).slice(-SHOWN_MAX)}, left out: ${visible(why).slice(0, SHOWN_MAX)}`);

async function* batchesOf({ columns, required, title }: BillFormat, file: DataFile, remarks: Remarks): AsyncGenerator<readonly FileRow[]> {
  let isChecked = false;
  for await (const batch of rowsOf({ file, columns, onBroken: (_, why) => broken(remarks, file, why) })) {
    const [first] = batch;
    const missing = isChecked || first === undefined ? undefined : required.find((column) => first.text(column) === undefined);
    if (missing !== undefined) {
      throw new LedgerlineError('unsupported', `${file.name} has no ${missing} in its first row: it is no export of ${title}.`, {
        hint: 'Nothing was stored. See docs/imports.md for the columns that are needed.',
      });
    }
    isChecked ||= first !== undefined;
    yield batch;
  }
}
