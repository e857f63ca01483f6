/** ledgerline directory export: the directory of all feeds as one YAML file. */
import { Command } from 'commander';
import { exportDirectory } from '../directory/export.ts';
import { loadDirectory } from '../directory/load.ts';
import { readDirectory } from '../storage/open.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { writeOut } from './output.ts';
import type { Terminal } from './terminal.ts';

interface ExportOptions extends LedgerOptions {
  readonly outFile?: string;
}

const EXAMPLES = `
The file says what the directory answers: of each user the team that owns, whichever feed said it, with the times. attribution.directory_file
takes it.

Examples:
  ledgerline directory export --out-file directory.yaml`;

export const directoryExportCommand = (terminal: Terminal): Command =>
  withLedger(new Command('export').description('the directory of all feeds as one YAML file'))
    .option('--out-file <file>', 'write it to a file')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ExportOptions) => {
      const config = settings(options, terminal);
      const store = await readDirectory(config);
      try {
        writeOut(exportDirectory(loadDirectory(config, await store.stored()), terminal.now()).trimEnd(), options.outFile, terminal);
      } finally {
        await store.close();
      }
    });
