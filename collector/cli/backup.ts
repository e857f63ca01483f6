/** ledgerline backup: a consistent copy while the collector goes on writing. */

import { existsSync, statSync } from 'node:fs';
import { Command } from 'commander';
import {
  budgetBackupOf,
  budgetFileOf,
  directoryBackupOf,
  directoryStoreFileOf,
  ledgerFileOf,
  statementBackupOf,
  statementFileOf,
} from '../config/data-folder.ts';
import { openLedgerReader } from '../storage/open.ts';
import { backupLedger } from '../storage/sqlite/backup.ts';
import { type LedgerOptions, refuseShared, settings, withLedger } from './options.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
The collector may be running. Budgets set or raised by API or command, their audit and the state of the alerts are copied next to it,
as FILE with .budgets in its name, what \`ledgerline import\` brought, with .statements, what came over SCIM and merges, with .directory.
\`ledgerline restore FILE\` puts all of them back; do not copy them over the files by hand.

Examples:
  ledgerline backup /backups/ledger-2026-11-20.sqlite`;

export function backupCommand(terminal: Terminal): Command {
  return withLedger(new Command('backup').description('copy the ledger while it is in use').argument('<file>', 'file to write; it must not exist'))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: LedgerOptions) => {
      const config = settings(options, terminal);
      refuseShared(config, 'backup');
      // Says where a ledger was looked for when there is none.
      if (!existsSync(ledgerFileOf(config))) await (await openLedgerReader(config)).close();
      await copy(ledgerFileOf(config), file, terminal);
      if (existsSync(budgetFileOf(config))) await copy(budgetFileOf(config), budgetBackupOf(file), terminal);
      if (existsSync(statementFileOf(config))) await copy(statementFileOf(config), statementBackupOf(file), terminal);
      if (existsSync(directoryStoreFileOf(config))) await copy(directoryStoreFileOf(config), directoryBackupOf(file), terminal);
    });
}

async function copy(source: string, file: string, terminal: Terminal): Promise<void> {
  await backupLedger(source, file);
  terminal.out(`${file}: ${withThousands(statSync(file).size)} bytes, a copy of ${source}`);
}
