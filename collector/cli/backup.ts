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
import { openLedgerReader, settleLedger } from '../storage/open.ts';
import { backupTogether } from '../storage/sqlite/backup.ts';
import { type LedgerOptions, refuseShared, settings, withLedger } from './options.ts';
import { withProgress } from './progress.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
The collector may be running. Budgets set or raised by API or command, their audit and the state of the alerts are copied next to it,
as FILE with .budgets in its name, what \`ledgerline import\` brought, with .statements, what came over SCIM and merges, with .directory.
\`ledgerline restore FILE\` puts all of them back; do not copy them over the files by hand.

Examples:
  ledgerline backup /backups/ledger-2026-11-20.sqlite`;

const lacking = (aside: string): string =>
  `! The copy lacks the last exports of a collector that was killed: they are in ${aside}, and nothing can be written beside it.
Start the collector once, or run this as the user it runs as, then make another copy.`;

export function backupCommand(terminal: Terminal): Command {
  return withLedger(new Command('backup').description('copy the ledger while it is in use').argument('<file>', 'file to write; it must not exist'))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: LedgerOptions) => {
      const config = settings(options, terminal);
      refuseShared(config, 'backup');
      // Says where a ledger was looked for when there is none.
      if (!existsSync(ledgerFileOf(config))) await (await openLedgerReader(config)).close();
      const aside = await settleLedger(config);
      if (aside !== undefined) terminal.err(lacking(aside));
      const copies = [
        { source: ledgerFileOf(config), file },
        { source: budgetFileOf(config), file: budgetBackupOf(file) },
        { source: statementFileOf(config), file: statementBackupOf(file) },
        { source: directoryStoreFileOf(config), file: directoryBackupOf(file) },
      ].filter(({ source }, index) => index === 0 || existsSync(source));
      let share = 0;
      const work = backupTogether(copies, (copied) => {
        share = copied;
      });
      await withProgress(terminal, () => `Copying, ${Math.floor(share * 100)} %`, work);
      for (const { source, file: made } of copies) terminal.out(`${made}: ${withThousands(statSync(made).size)} bytes, a copy of ${source}`);
    });
}
