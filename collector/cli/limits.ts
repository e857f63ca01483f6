/** ledgerline limits: what the provider, or a gateway, is to allow. */
import { Command } from 'commander';
import { limitsPlanCommand } from './limits-plan.ts';
import { limitsPushCommand } from './limits-push.ts';
import type { Terminal } from './terminal.ts';

export function limitsCommand(terminal: Terminal): Command {
  const command = new Command('limits').description('limits of the provider: plan tokens and requests per minute; set spend limits at a gateway');
  for (const inner of [limitsPlanCommand, limitsPushCommand]) command.addCommand(inner(terminal));
  return command;
}
