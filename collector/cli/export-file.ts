/** Writes an export to its file, or to standard output, and says how far it is. */
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { LedgerlineError } from '../core/error.ts';
import { unfinishedOf, writeWholeFile } from '../core/whole-file.ts';
import { EXIT_ERROR, EXIT_SIGNAL } from './exit-codes.ts';
import type { ExportStream } from './export-source.ts';
import type { SourceOptions } from './options.ts';
import { withProgress } from './progress.ts';
import { interruptible } from './reading-command.ts';
import { replacedFile } from './replaced-file.ts';
import { openSource } from './source.ts';
import { printable, withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface ExportFileOptions extends SourceOptions {
  readonly format: string;
  /** '-': standard output. */
  readonly output: string;
  readonly quiet?: boolean;
}

/** Between two notes about how far it is. */
const NOTE_MS = 1_000;
/** Ctrl+C, a time limit or a job that is cancelled, a terminal that is closed. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const MEGABYTE = 1_000_000;
const decoder = new TextDecoder();

export async function writeExport(options: ExportFileOptions, parameters: URLSearchParams, outer: Terminal): Promise<void> {
  const terminal: Terminal = options.quiet === true ? { ...outer, err: () => undefined, status: () => undefined } : outer;
  const { output, format } = options;
  if (output === '-' && format.includes('parquet') && terminal.columns !== undefined) {
    throw new LedgerlineError('invalid', `--output: ${format} is no text, and standard output is a terminal.`, {
      hint: 'Name a file: --output FILE.',
    });
  }
  const source = await openSource(options, terminal);
  try {
    const stream = await withProgress(terminal, 'Reading', source.export(parameters));
    for (const hint of stream.hints) terminal.err(printable(hint));
    if (output === '-') await interruptible(() => print(stream, terminal));
    else await write(stream, output, terminal);
    // A value that no record has is most likely a mistake: the file is there, and the exit code says that it may be the wrong one.
    if (stream.hints.length > 0) process.exitCode = EXIT_ERROR;
  } finally {
    await source.close();
  }
}

async function print({ bytes }: ExportStream, terminal: Terminal): Promise<void> {
  for await (const piece of bytes) await (terminal.bytes?.(piece) ?? terminal.out(decoder.decode(piece).replace(/\r?\n$/, '')));
}

async function write({ bytes, asOf }: ExportStream, file: string, terminal: Terminal): Promise<void> {
  let unfinished: string | undefined;
  const leave = (signal: NodeJS.Signals): never => {
    if (unfinished !== undefined) rmSync(unfinished, { force: true });
    process.exit(EXIT_SIGNAL + constants.signals[signal]);
  };
  for (const signal of ENDING) process.once(signal, leave);
  try {
    const place = replacedFile(file);
    if (place !== undefined) unfinished = unfinishedOf(place);
    const pieces = noted(bytes, file, terminal);
    const written = place === undefined ? await writeInto(file, pieces) : (await writeWholeFile(place, pieces)).bytes;
    terminal.err(`${file}: ${withThousands(written)} bytes${asOf === null ? ', the ledger is empty' : `, as of ${asOf}`}.`);
  } catch (cause) {
    if (cause instanceof LedgerlineError) throw cause;
    throw new LedgerlineError('invalid', `--output: cannot write ${file}.`, {
      cause,
      hint: 'Check its folder, your permissions and the free space.',
    });
  } finally {
    for (const signal of ENDING) process.removeListener(signal, leave);
  }
}

async function writeInto(file: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(file, 'w');
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      await handle.writeFile(piece);
      bytes += piece.byteLength;
    }
  } finally {
    await handle.close();
  }
  return bytes;
}

/** On a terminal how much there is; elsewhere one line, once it takes longer than a second. */
async function* noted(bytes: AsyncIterable<Uint8Array>, file: string, terminal: Terminal): AsyncIterable<Uint8Array> {
  let written = 0;
  let notes = 0;
  const note = (): void => {
    const line = `Writing ${file}: ${withThousands(Math.round(written / MEGABYTE))} MB …`;
    if (terminal.status !== undefined) terminal.status(line);
    else if (notes++ === 0) terminal.err(line);
  };
  const timer = setInterval(note, NOTE_MS);
  try {
    for await (const piece of bytes) {
      written += piece.byteLength;
      yield piece;
    }
  } finally {
    clearInterval(timer);
    terminal.status?.('');
  }
}
