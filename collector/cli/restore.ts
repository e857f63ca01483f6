/** ledgerline restore: a backup in the place of the ledger. */
import { existsSync } from 'node:fs';
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
import { restoreBackup } from '../storage/sqlite/restore.ts';
import { type LedgerOptions, refuseShared, settings, withLedger } from './options.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
The collector must be stopped. The backup is checked first (every page, its schema) and stays as it is. What is replaced is kept in the
data folder under a new name, with its log. Budgets, raises, their audit and the state of the alerts are restored from
FILE with .budgets in its name, what \`ledgerline import\` brought from FILE with .statements, what came over SCIM and merges from FILE
with .directory, where they are there. When the command is interrupted, the next start of the collector finishes it, or nothing has happened yet.

Examples:
  ledgerline restore /backups/ledger-2026-11-20.sqlite
  ledgerline restore /backups/ledger-2026-11-20.sqlite --data /var/lib/ledgerline`;

export function restoreCommand(terminal: Terminal): Command {
  return withLedger(
    new Command('restore').description('put a backup in the place of the ledger').argument('<file>', 'file that `ledgerline backup` wrote'),
  )
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: LedgerOptions) => {
      const config = settings(options, terminal);
      refuseShared(config, 'restore');
      const ledger = ledgerFileOf(config);
      const budgets = { backup: budgetBackupOf(file), target: budgetFileOf(config) };
      const statements = { backup: statementBackupOf(file), target: statementFileOf(config) };
      const directory = { backup: directoryBackupOf(file), target: directoryStoreFileOf(config) };
      const replaced = restoreBackup({
        ledger: { backup: file, target: ledger },
        budgets: existsSync(budgets.backup) ? budgets : undefined,
        statements: existsSync(statements.backup) ? statements : undefined,
        directory: existsSync(directory.backup) ? directory : undefined,
        stamp: stampOf(terminal.now()),
      });
      terminal.out(`${ledger}: restored from ${file}`);
      // Most have neither of the latter two.
      const others = [statements, directory].filter(({ backup, target }) => existsSync(backup) || existsSync(target));
      for (const { backup, target } of [budgets, ...others]) {
        terminal.out(existsSync(backup) ? `${target}: restored from ${backup}` : `${target}: as it was; there is no ${backup}`);
      }
      for (const aside of replaced) terminal.out(`${aside}: what was replaced; delete it when you no longer need it`);
    });
}

/** 20261120T120000Z */
const stampOf = (nowMs: number): string => new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
