/** ledgerline budget list, status, show, history and check: what is configured, and what is left of it. */
import { Command } from 'commander';
import { nameOf } from '../budgets/journal.ts';
import type { BudgetNote } from '../budgets/unknown-scopes.ts';
import { LedgerlineError } from '../core/error.ts';
import type { BudgetAuditAnswer, BudgetListAnswer, StatusAnswer } from '../query/budget-answers.ts';
import { type BudgetSource, usingBudgets } from './budget-source.ts';
import { budgetView, forecastSection, historyView, LINES_MAX, listView, statusSection } from './budget-view.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { type SourceOptions, withSource } from './options.ts';
import { printView, terminalFor } from './reading-command.ts';
import { type OutputOptions, outputFormat, withOutput } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { View } from './view.ts';

interface ReadOptions extends SourceOptions, OutputOptions {}

interface CheckOptions extends ReadOptions {
  readonly at: string;
  readonly forecast?: boolean;
}

export const READING = [list, status, show, history, check];

const reading = (name: string, description: string): Command => withSource(withOutput(new Command(name).description(description)));

interface Shown {
  readonly answer: unknown;
  readonly view: View;
  /** Beside the table, so that whoever reads it by a script has the table alone. */
  readonly notes?: readonly BudgetNote[];
}

interface Run {
  readonly source: BudgetSource;
  readonly terminal: Terminal;
  /** Of a table; whatever else reads them has them all. */
  readonly linesMax: number;
}

/** As the options want it: JSON is what `answer` is, CSV the rows of the view. */
async function print(options: ReadOptions, command: Command, outer: Terminal, run: (run: Run) => Promise<Shown>): Promise<void> {
  const terminal = terminalFor(options, command, outer);
  const format = outputFormat(options);
  await usingBudgets(options, terminal, async (source) => {
    const linesMax = format === 'table' && options.fields === undefined ? LINES_MAX : Number.POSITIVE_INFINITY;
    const { answer, view, notes = [] } = await run({ source, terminal, linesMax });
    printView(view, answer, options, terminal);
    if (format !== 'json') printNotes(terminal, notes);
  });
}

export function printNotes(terminal: Terminal, notes: readonly BudgetNote[]): void {
  for (const { sentence } of notes.slice(0, NOTES_SHOWN)) terminal.err(`! ${printable(sentence)}`);
  if (notes.length > NOTES_SHOWN) terminal.err(`! ${notes.length - NOTES_SHOWN} more; --json shows all.`);
}

const NOTES_SHOWN = 20;
const NONE = 'There is no budget yet. See `ledgerline budget set --help` and docs/budgets.md.';
const NOBODY = 'No budget has a member yet that has spent anything.';

/** Those for every member have no line before the first has spent anything. */
const emptyOf = ({ notes }: BudgetListAnswer): string => (notes.length === 0 ? NONE : NOBODY);

const asOf = ({ as_of, age_seconds }: BudgetListAnswer): string =>
  as_of === null ? 'The ledger is empty.' : `As of ${as_of} (${age_seconds} s ago).`;

function list(terminal: Terminal): Command {
  return reading('list', 'list budgets: scope, period, amount, thresholds').action((options: ReadOptions, command: Command) =>
    print(options, command, terminal, async ({ source, linesMax }) => {
      const answer = await source.list({ withForecast: false });
      return { answer, view: listView(answer.budgets, linesMax, emptyOf(answer)), notes: answer.notes };
    }),
  );
}

function status(terminal: Terminal): Command {
  return reading('status', 'show what is spent, left and forecast, most severe first').action((options: ReadOptions, command: Command) =>
    print(options, command, terminal, async ({ source, linesMax }) => {
      const answer = await source.list({ withForecast: true });
      const { section, notes = [] } = statusSection(answer.budgets, linesMax, emptyOf(answer));
      const isNone = answer.budgets.length === 0 && answer.notes.length === 0;
      return { answer, view: { sections: [section], notes: isNone ? [] : [...notes, asOf(answer)] }, notes: answer.notes };
    }),
  );
}

/** ledgerline forecast budget. */
export const budgetForecastCommand = (terminal: Terminal): Command =>
  reading('budget', 'what each budget is forecast to have spent when its period ends')
    .addHelpText('after', '\nHow it is forecast: docs/budgets.md.\n\nExamples:\n  ledgerline forecast budget\n  ledgerline forecast budget -o csv')
    .action((options: ReadOptions, command: Command) =>
      print(options, command, terminal, async ({ source, linesMax }) => {
        const answer = await source.list({ withForecast: true });
        const { section, notes } = forecastSection(answer.budgets, linesMax, emptyOf(answer));
        return { answer, view: { sections: [section], notes: [...notes, asOf(answer)] }, notes: answer.notes };
      }),
    );

function show(terminal: Terminal): Command {
  return reading('show', 'show one budget with its forecast, members and largest contributors')
    .argument('<budget>', 'name, or name/member')
    .addHelpText('after', '\nCSV and --fields are the budget and its members, a row for each, as of `budget status`.')
    .action((key: string, options: ReadOptions, command: Command) =>
      print(options, command, terminal, async ({ source, terminal: shown, linesMax }) => {
        const answer = await source.show(key);
        const isTable = linesMax === LINES_MAX;
        return { answer, view: isTable ? budgetView(answer, shown) : { sections: [statusSection([answer, ...answer.members], linesMax).section] } };
      }),
    );
}

function history(terminal: Terminal): Command {
  return reading('history', 'show previous periods, and who changed what')
    .argument('<budget>', 'name, or name/member')
    .addHelpText('after', '\nCSV and --fields are the periods.')
    .action((key: string, options: ReadOptions, command: Command) =>
      print(options, command, terminal, async ({ source }) => {
        const answer = await source.show(key).catch((error: unknown) => refuseUnlessChanged(error, key, source));
        return { answer, view: historyView(answer, key) };
      }),
    );
}

/** A budget for every member has no periods, and one that was removed has no status; what was changed about them is known all the same. */
async function refuseUnlessChanged(error: unknown, key: string, source: BudgetSource): Promise<BudgetAuditAnswer> {
  if (!(error instanceof LedgerlineError) || error.code !== 'not_found') throw error;
  const answer = await source.audit(key).catch(() => undefined);
  if (answer === undefined || answer.audit.length === 0) throw error;
  return answer;
}

const CHECK_EXAMPLES = `
Exit code 0 when all are below, 1 when one is not, 2 when one does not exist. JSON and CSV are the budgets that have reached it.

Examples:
  ledgerline budget check                              is any budget used up?
  ledgerline budget check platform data --at 0.8       has either reached 80 %?
  ledgerline budget check --forecast                   is any budget forecast to be used up?`;

function check(terminal: Terminal): Command {
  return reading('check', 'fail if a budget is used up, for scripts and CI')
    .argument('[budgets...]', 'names or name/member (default: all)')
    .option('--at <share>', 'share of the budget that counts as too much', '1')
    .option('--forecast', 'also count the forecast for the end of the period (p50)')
    .addHelpText('after', CHECK_EXAMPLES)
    .action((names: readonly string[], options: CheckOptions, command: Command) =>
      print(options, command, terminal, (run) => checkBudgets(names, options, run)),
    );
}

async function checkBudgets(names: readonly string[], options: CheckOptions, { source, linesMax }: Run): Promise<Shown> {
  const at = Number(options.at);
  if (!(at > 0 && at <= 10))
    throw new LedgerlineError('invalid', `--at ${options.at} is not a share.`, { hint: 'Use a number above 0 and at most 10, such as 0.8.' });
  const { budgets, notes } = await source.list({ withForecast: options.forecast === true });
  const unknown = names.find(
    (name) => !budgets.some((budget) => budget.key === name || budget.name === name) && !notes.some(({ budget }) => budget === name),
  );
  if (unknown !== undefined) {
    throw new LedgerlineError('not_found', `There is no budget "${unknown}".`, {
      hint: `Budgets: ${[...new Set(budgets.map(({ name }) => name))].join(', ') || 'none'}.`,
    });
  }
  const wanted = budgets.filter(({ key, name, active }) => active && (names.length === 0 || names.includes(key) || names.includes(name)));
  const expected = ({ forecast, limit }: (typeof budgets)[number]): number => ('reason' in forecast ? 0 : Number(forecast.p50) / Number(limit));
  const reached = wanted.filter(
    (budget) => (budget.used_ratio ?? Number.POSITIVE_INFINITY) >= at || (options.forecast === true && expected(budget) >= at),
  );
  if (reached.length > 0) process.exitCode = EXIT_CONDITION;
  const { section, notes: more = [] } = statusSection(reached, linesMax, noneReached(wanted, at, names));
  return {
    answer: { budgets: reached },
    view: { sections: [section], notes: more },
    notes: names.length === 0 ? notes : notes.filter(({ budget }) => names.map(nameOf).includes(budget)),
  };
}

function noneReached(wanted: readonly StatusAnswer[], at: number, names: readonly string[]): string {
  if (wanted.length > 0) return `None of ${wanted.length} budgets has reached ${Number((at * 100).toFixed(2))} %.`;
  return names.length === 0 ? 'No budget has a current period.' : `${names.join(', ')}: no current period, or no spend in it.`;
}
