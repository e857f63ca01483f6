/** Where an answer goes: standard output, or a file that appears whole or not at all. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { LedgerlineError } from '../core/error.ts';
import type { Terminal } from './terminal.ts';

/** Throws LedgerlineError `invalid` where the file cannot be written. */
export function writeOut(text: string, file: string | undefined, terminal: Terminal): void {
  if (file === undefined) terminal.out(text.replace(/\r?\n$/, ''));
  else writeWhole(text, file);
}

function writeWhole(text: string, file: string): void {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    writeFileSync(unfinished, text.endsWith('\n') ? text : `${text}\n`);
    renameSync(unfinished, file);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw new LedgerlineError('invalid', `--out-file: cannot write ${file}.`, {
      cause,
      hint: 'Check that its folder exists and that you may write there.',
    });
  }
}
