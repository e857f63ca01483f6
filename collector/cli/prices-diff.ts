/** ledgerline prices diff: what differs between two days, or two price tables. */
import { Command } from 'commander';
import { isDay } from '../core/day.ts';
import { LedgerlineError } from '../core/error.ts';
import { historyDifferences, type PriceDifference, periodDifferences } from '../pricing/differences.ts';
import { builtIn, configuredPrices, loadPriceTable } from '../pricing/load.ts';
import { createPriceBook, type PriceBook, priceAt } from '../pricing/price-book.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { dayOf, shownDay } from './prices-rates.ts';
import { printView, terminalFor } from './reading-command.ts';
import { type OutputOptions, withOutput } from './reading-options.ts';
import type { Terminal } from './terminal.ts';
import type { Value } from './view.ts';

type DiffOptions = LedgerOptions & OutputOptions;

const EXAMPLES = `
Two days compare the prices that hold on them, your own included; two tables compare all their rows. USD per million tokens, without
factors. Ends with 1 if anything differs.

Examples:
  ledgerline prices diff 2026-10-01 today
  ledgerline prices diff built-in own           what your own file changes
  ledgerline prices diff prices.yaml prices-new.yaml`;

const WORDS = 'a day, today, built-in, own (with your own rows), or a price file';

export const pricesDiffCommand = (terminal: Terminal): Command =>
  withOutput(
    withLedger(
      new Command('diff').description('what differs between two days or two price tables').argument('<before>', WORDS).argument('<after>', WORDS),
    ),
  )
    .addHelpText('after', EXAMPLES)
    .action((before: string, after: string, options: DiffOptions, command: Command) => {
      const differences = isTime(before) && isTime(after) ? ofDays(before, after, options, terminal) : ofTables(before, after, options, terminal);
      const rows = differences.map(({ model, fromMs, what, before: old, after: now }) => ({
        ...{ model, from: fromMs === undefined ? null : shownDay(fromMs), what },
        ...{ before: old ?? null, after: now ?? null },
      }));
      const shown = (value: Value): string => (value === null || value === undefined ? 'none' : String(value));
      const view = {
        sections: [
          {
            columns: [
              { field: 'model' },
              ...(rows.some(({ from }) => from !== null) ? [{ field: 'from' }] : []),
              { field: 'what' },
              { field: 'before', align: 'right' as const, show: shown },
              { field: 'after', align: 'right' as const, show: shown },
            ],
            rows,
            empty: 'No price differs.',
          },
        ],
      };
      printView(view, { differences: rows }, options, terminalFor(options, command, terminal));
      if (rows.length > 0) process.exitCode = EXIT_CONDITION;
    });

const isTime = (word: string): boolean => word === 'today' || isDay(word);

function ofDays(before: string, after: string, options: DiffOptions, terminal: Terminal): readonly PriceDifference[] {
  const prices = configuredPrices(settings(options, terminal));
  const [oldMs, newMs] = [dayOf(before, '<before>', terminal.now()), dayOf(after, '<after>', terminal.now())];
  // A first price holds before its day, so that nothing is unpriced; here a model begins on it.
  const begun = (model: string, atMs: number) => ((prices.history(model)[0]?.fromMs ?? 0) <= atMs ? priceAt(prices, model, atMs) : undefined);
  return prices.models.toSorted().flatMap((model) => periodDifferences(model, begun(model, oldMs), begun(model, newMs)));
}

function ofTables(before: string, after: string, options: DiffOptions, terminal: Terminal): readonly PriceDifference[] {
  const [old, now] = [before, after].map((word) => bookOf(word, options, terminal));
  if (old === undefined || now === undefined) return [];
  const models = [...new Set([...old.models, ...now.models])].sort();
  return models.flatMap((model) => historyDifferences(model, old.history(model), now.history(model)));
}

function bookOf(word: string, options: DiffOptions, terminal: Terminal): PriceBook {
  if (word === 'own') return configuredPrices(settings(options, terminal));
  if (isTime(word)) {
    throw new LedgerlineError('invalid', 'A day cannot be compared with a table.', {
      hint: `Give two days, or two of: built-in, own, a price file.`,
    });
  }
  return createPriceBook([word === 'built-in' ? builtIn().file.models : loadPriceTable(word)]);
}
