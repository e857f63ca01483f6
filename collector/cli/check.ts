/** ledgerline check: adds every roll-up up again from its entries. */

import { Command } from 'commander';
import { openLedgerReader } from '../storage/open.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
Exit code 0 when all are equal, 1 when one is not, 2 when the ledger cannot be read.

Examples:
  ledgerline check
  ledgerline check --data /var/lib/ledgerline`;

export function checkCommand(terminal: Terminal): Command {
  return withLedger(new Command('check').description('check that the roll-ups equal the entries they are made of'))
    .addHelpText('after', EXAMPLES)
    .action(async (options: LedgerOptions) => {
      const reader = await openLedgerReader(settings(options, terminal));
      try {
        const differences = await reader.check();
        for (const difference of differences) terminal.out(difference);
        if (differences.length > 0) {
          process.exitCode = 1;
          return;
        }
        const { entries, sessions } = await reader.status();
        terminal.out(`The roll-ups equal the ${withThousands(entries)} entries of ${withThousands(sessions)} sessions.`);
      } finally {
        await reader.close();
      }
    });
}
