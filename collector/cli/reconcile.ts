/** ledgerline reconcile: what clients report, what it costs at list price, what the provider bills, and why they differ. */
import type { Command } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import { RECONCILE, type ReconciliationAnswer } from '../query/reconcile.ts';
import { EXIT_CONDITION, EXIT_OK } from './exit-codes.ts';
import { readingCommand } from './reading-command.ts';
import { outputFormat, type ReadingOptions, wholeNumber } from './reading-options.ts';
import { closeCommand, keysCommand, verifyCommand } from './reconcile-close.ts';
import { requestsCommand } from './reconcile-requests.ts';
import { reconcileView } from './reconcile-view.ts';
import type { Terminal } from './terminal.ts';

export interface ReconcileOptions extends ReadingOptions {
  readonly month?: string;
  readonly by?: string;
  readonly limit: string;
  readonly maxRemainder?: string;
}

const EXAMPLES = `
Without a time range: the current month. Days begin in UTC, as providers bill. What is billed comes from \`ledgerline import\`, and is unknown
without it; see docs/reconcile.md. -o csv and -o json have all rows.

Examples:
  ledgerline reconcile --month 2026-10
  ledgerline reconcile --month 2026-10 --by workspace,model
  ledgerline reconcile --month 2026-10 --max-remainder 0.5%     exit code 1 where more of the bill has no cause, or nothing is known of it
  ledgerline reconcile requests --month 2026-10                 what the API counted and no client reported
  ledgerline reconcile close --month 2026-10                    its figures stay from then on, and are written as signed files
  ledgerline reconcile --month 2026-10 -o csv --out-file october.csv`;

export const reconcileCommand = (terminal: Terminal): Command =>
  reading(terminal)
    .addCommand(requestsCommand(terminal))
    .addCommand(closeCommand(terminal))
    .addCommand(keysCommand(terminal))
    .addCommand(verifyCommand(terminal));

const reading = (terminal: Terminal): Command =>
  readingCommand<ReconcileOptions, unknown, ReconciliationAnswer>(terminal, {
    name: 'reconcile',
    description: 'reported, list and billed cost beside each other, with the cause of every difference',
    examples: EXAMPLES,
    question: RECONCILE,
    shared: { where: false },
    options: (command) =>
      command
        .option('--month <month>', 'a calendar month, such as 2026-11')
        .option('--by <dimensions>', 'what the rows are by: day, workspace, model, biller (default: the first three)')
        .option('--limit <n>', 'rows of each table on a terminal', '10')
        .option('--max-remainder <share>', 'exit code 1 where a larger part of the bill has no cause, such as 0.5%'),
    parameters: ({ options, parameters }) => {
      limitOf(options);
      if (options.maxRemainder !== undefined) shareOf(options.maxRemainder);
      if (options.month !== undefined) parameters.set('month', options.month);
      if (options.by !== undefined) parameters.set('by', options.by);
    },
    view: (answer, { options, nowMs, terminal: to }) =>
      reconcileView(answer, { nowMs, terminal: to, limit: outputFormat(options) === 'table' ? limitOf(options) : Number.POSITIVE_INFINITY }),
    exitCode: ({ remainder_ratio: remainder }, { maxRemainder }) =>
      maxRemainder !== undefined && (remainder === null || Math.abs(remainder) > shareOf(maxRemainder)) ? EXIT_CONDITION : EXIT_OK,
  });

const limitOf = ({ limit }: ReconcileOptions): number => wholeNumber('--limit', limit);

const SHARE = /^(\d{1,3}(?:\.\d{1,6})?)\s*(%?)$/;

/** "0.5%" or "0.005". */
function shareOf(text: string): number {
  const [, digits = '', percent] = SHARE.exec(text.trim()) ?? [];
  // More than the whole bill is meant as percent, and would never be reached.
  if (digits !== '' && (percent === '%' || Number(digits) <= 1)) return Number(digits) / (percent === '%' ? 100 : 1);
  throw new LedgerlineError('invalid', `--max-remainder ${text} is not a share.`, { hint: 'Give percent of the bill, such as 0.5%.' });
}
