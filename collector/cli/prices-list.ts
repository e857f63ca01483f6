/** ledgerline prices list: every model at a day. */
import { Command } from 'commander';
import { retirements } from '../pricing/retirements.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { dayOf, RATE_COLUMNS, rateRows, shownDay } from './prices-rates.ts';
import { printView, terminalFor } from './reading-command.ts';
import { type OutputOptions, withOutput } from './reading-options.ts';
import { storedPrices } from './stored-prices.ts';
import type { Terminal } from './terminal.ts';
import type { Row } from './view.ts';

export interface PlaceOptions extends LedgerOptions, OutputOptions {
  readonly at?: string;
  readonly provider?: string;
  readonly region?: string;
  readonly contracted?: boolean;
}

const EXAMPLES = `
USD per million tokens. Without --provider and --region: the rates of the Claude API, as anthropic.yaml and your own file have them.

Examples:
  ledgerline prices list
  ledgerline prices list --at 2026-09-01
  ledgerline prices list --provider bedrock --region us
  ledgerline prices list --contracted --csv`;

/** Where requests are answered, and when. */
export const withPlace = (command: Command): Command =>
  command
    .option('--at <day>', 'prices of that day (UTC)', 'today')
    .option('--provider <provider>', 'firstParty, bedrock, mantle, vertex, foundry, … with its factors')
    .option('--region <region>', 'us, eu, us-gov, … with its factor');

export const pricesListCommand = (terminal: Terminal): Command =>
  withOutput(
    withLedger(
      withPlace(new Command('list').description('every model at a day')).option('--contracted', 'what you agreed on, instead of list prices'),
    ),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (options: PlaceOptions, command: Command) => {
      const config = settings(options, terminal);
      const prices = await storedPrices(config);
      const atMs = dayOf(options.at ?? 'today', '--at', terminal.now());
      const ended = retirements();
      const rows = prices.models.toSorted().flatMap((model): Row[] => {
        const period = prices.history(model).findLast(({ fromMs }) => fromMs <= atMs);
        const tariff = prices.tariffs(model, options).findLast(({ fromMs }) => fromMs <= atMs);
        if (period === undefined || tariff === undefined) return [];
        const about = { since: shownDay(period.fromMs), origin: period.origin.replace('_', ' '), retired: ended.get(model)?.on ?? null };
        return rateRows(options.contracted === true ? tariff.contracted : tariff.list).map((rates) => ({ model, ...rates, ...about }));
      });
      const view = {
        headline: `${options.contracted === true ? 'Contracted' : 'List'} prices on ${shownDay(atMs)}, USD per million tokens`,
        sections: [
          {
            columns: [
              { field: 'model' },
              ...RATE_COLUMNS,
              { field: 'since', priority: 4 },
              { field: 'origin', priority: 5 },
              { field: 'retired', priority: 6 },
            ],
            rows,
            empty: 'No model had a price then.',
          },
        ],
      };
      printView(view, { at: shownDay(atMs), prices: rows }, options, terminalFor(options, command, terminal));
    });
