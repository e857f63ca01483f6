/** ledgerline prices: what models cost, where it comes from, and keeping it right. */
import { Command } from 'commander';
import { pricesCheckCommand } from './prices-check.ts';
import { pricesDiffCommand } from './prices-diff.ts';
import { pricesImportCommand } from './prices-import.ts';
import { pricesListCommand } from './prices-list.ts';
import { pricesRepriceCommand } from './prices-reprice.ts';
import { pricesShowCommand } from './prices-show.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
Prices are USD per million tokens: built-in tables, your own file (models.prices_file), and what you agreed on (prices: in
ledgerline.yaml). See docs/prices.md.

Examples:
  ledgerline prices list
  ledgerline prices show claude-opus-5-5
  ledgerline prices check                                      ends with 1 if tokens in the ledger have no price
  ledgerline prices diff 2026-10-01 today
  ledgerline prices import litellm model_prices_and_context_window.json`;

export function pricesCommand(terminal: Terminal): Command {
  const command = new Command('prices').description('what models cost: list, show, check, compare, import, reprice').addHelpText('after', EXAMPLES);
  for (const inner of [pricesListCommand, pricesShowCommand, pricesCheckCommand, pricesDiffCommand, pricesImportCommand, pricesRepriceCommand])
    command.addCommand(inner(terminal));
  return command;
}
