/** ledgerline forecast: what will be spent. */
import { Command } from 'commander';
import { budgetForecastCommand } from './budget-read.ts';
import { forecastRolloutCommand } from './forecast-rollout.ts';
import type { Terminal } from './terminal.ts';

export function forecastCommand(terminal: Terminal): Command {
  const command = new Command('forecast').description('what will be spent: a roll-out from a pilot, budgets until their period ends');
  for (const inner of [forecastRolloutCommand, budgetForecastCommand]) command.addCommand(inner(terminal));
  return command;
}
