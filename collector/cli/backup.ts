/** ledgerline backup: a consistent copy while the collector goes on writing. */
import { existsSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { ledgerFileOf } from '../data-folder.ts';
import { backupLedger } from '../sqlite/backup.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { openLedger } from './source.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
The collector may run. The copy is one file; to restore it, put it into a data folder as ledger.sqlite.

Examples:
  ledgerline backup /backups/ledger-2026-11-20.sqlite`;

export function backupCommand(terminal: Terminal): Command {
  return withLedger(new Command('backup').description('copy the ledger while it is in use').argument('<file>', 'file to write; it must not exist'))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: LedgerOptions) => {
      const config = settings(options, terminal);
      // Says where a ledger was looked for when there is none.
      if (!existsSync(ledgerFileOf(config))) openLedger(config).close();
      await backupLedger(ledgerFileOf(config), file);
      terminal.out(`${file}: ${withThousands(statSync(file).size)} bytes, a copy of ${ledgerFileOf(config)}`);
    });
}
