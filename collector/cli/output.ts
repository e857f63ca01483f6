/** Where an answer goes: standard output, or a file that appears whole or not at all. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { LedgerlineError } from '../core/error.ts';
import { replacedFile } from './replaced-file.ts';
import type { Terminal } from './terminal.ts';

/** Throws LedgerlineError `invalid` where the file cannot be written. */
export function writeOut(text: string, file: string | undefined, terminal: Terminal, option = '--out-file'): void {
  if (file === undefined) terminal.out(text.replace(/\r?\n$/, ''));
  else writeWhole(text, file, option);
}

function writeWhole(text: string, file: string, option: string): void {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  let unfinished: string | undefined;
  try {
    const place = replacedFile(file);
    if (place === undefined) {
      writeFileSync(file, whole);
      return;
    }
    unfinished = `${place}.${process.pid}.unfinished`;
    writeFileSync(unfinished, whole);
    renameSync(unfinished, place);
  } catch (cause) {
    if (unfinished !== undefined) rmSync(unfinished, { force: true });
    throw new LedgerlineError('invalid', `${option}: cannot write ${file}.`, {
      cause,
      hint: 'Check that its folder exists and that you may write there.',
    });
  }
}
