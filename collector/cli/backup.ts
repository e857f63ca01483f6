/** ledgerline backup: a consistent copy while the collector goes on writing. */

import { existsSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import { Command } from 'commander';
import { budgetFileOf, ledgerFileOf } from '../config/data-folder.ts';
import { openLedgerReader } from '../storage/open.ts';
import { backupLedger } from '../storage/sqlite/backup.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
The collector may be running. To restore the copy, put it in a data folder as ledger.sqlite. Budgets set or raised by API or
command, their audit and the state of the alerts are copied next to it, as FILE with .budgets in its name. Restore that as budgets.sqlite.

Examples:
  ledgerline backup /backups/ledger-2026-11-20.sqlite`;

export function backupCommand(terminal: Terminal): Command {
  return withLedger(new Command('backup').description('copy the ledger while it is in use').argument('<file>', 'file to write; it must not exist'))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: LedgerOptions) => {
      const config = settings(options, terminal);
      // Says where a ledger was looked for when there is none.
      if (!existsSync(ledgerFileOf(config))) await openLedgerReader(config).close();
      await copy(ledgerFileOf(config), file, terminal);
      if (existsSync(budgetFileOf(config))) await copy(budgetFileOf(config), besideOf(file), terminal);
    });
}

/** /backups/ledger.sqlite -> /backups/ledger.budgets.sqlite */
function besideOf(file: string): string {
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}.budgets${ext}`);
}

async function copy(source: string, file: string, terminal: Terminal): Promise<void> {
  await backupLedger(source, file);
  terminal.out(`${file}: ${withThousands(statSync(file).size)} bytes, a copy of ${source}`);
}
