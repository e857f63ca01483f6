/** ledgerline directory: who belongs where, and whose spend belongs to nobody. */
import { Command } from 'commander';
import { directoryChargebackCommand } from './directory-chargeback.ts';
import { directoryCheckCommand } from './directory-check.ts';
import { directoryExportCommand } from './directory-export.ts';
import { directoryMergeCommand, directoryMergesCommand } from './directory-merge.ts';
import { directoryListCommand, directoryShowCommand } from './directory-users.ts';
import type { Terminal } from './terminal.ts';

export function directoryCommand(terminal: Terminal): Command {
  const command = new Command('directory').description('users, teams and cost centers: who belongs where, and spend without a team');
  for (const inner of [
    directoryCheckCommand,
    directoryShowCommand,
    directoryListCommand,
    directoryExportCommand,
    directoryChargebackCommand,
    directoryMergeCommand,
    directoryMergesCommand,
  ])
    command.addCommand(inner(terminal));
  return command;
}
