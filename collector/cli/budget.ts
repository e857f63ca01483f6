/** ledgerline budget: what is left, and what may be changed about it. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { nameOf } from '../budgets/journal.ts';
import type { BudgetNote } from '../budgets/unknown-scopes.ts';
import { currentName } from '../catalog/former-names.ts';
import { isDimension } from '../catalog/measures.ts';
import { PERIOD_UNITS } from '../config/budgets.ts';
import { LedgerlineError } from '../core/error.ts';
import type { BudgetAuditAnswer, BudgetListAnswer, StatusAnswer } from '../query/budget-answers.ts';
import { auditLines, budgetLines, historyLines, LINES_MAX, listTable, statusTable } from './budget-lines.ts';
import { type BudgetSource, openBudgets } from './budget-source.ts';
import { type SourceOptions, withSource } from './options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface ReadOptions extends SourceOptions {
  readonly json?: boolean;
}

interface SetOptions extends SourceOptions {
  readonly amount?: string;
  readonly tokens?: string;
  readonly classes?: string;
  readonly where?: readonly string[];
  readonly period?: string;
  readonly per?: string;
  readonly parent?: string;
  readonly timeZone?: string;
  readonly warnAt?: string;
  readonly rollover?: boolean;
  readonly hardLimit?: boolean;
  readonly file?: string;
}

interface RaiseOptions extends SourceOptions {
  readonly by: string;
  readonly until: string;
  readonly why: string;
}

interface CheckOptions extends ReadOptions {
  readonly at: string;
  readonly forecast?: boolean;
}

const EXAMPLES = `
Budgets come from budgets: in ledgerline.yaml and from \`ledgerline budget set\`; see docs/budgets.md. They are read as all figures are:
from the collector that runs on the data folder, or from the folder. Changes are made in the folder, even while a collector runs on it;
with --url they are made by that collector, and need a token with the role admin.

Examples:
  ledgerline budget status                                            what is left of every budget, most severe first
  ledgerline budget show platform                                     one budget: forecast, members, top spenders
  ledgerline budget set data --where team:data --amount 500.00 --period week
  ledgerline budget raise platform --by 200 --until 2026-11-30 --why "release week"
  ledgerline budget check platform || echo "over budget"`;

export function budgetCommand(terminal: Terminal): Command {
  const command = new Command('budget').description('what is left of each budget; set, raise and check them').addHelpText('after', EXAMPLES);
  for (const inner of [list, status, show, set, raise, remove, check, history]) command.addCommand(inner(terminal));
  return command;
}

/** The source is closed however the command ends. */
async function using(options: SourceOptions, terminal: Terminal, run: (source: BudgetSource) => Promise<void>): Promise<void> {
  const source = openBudgets(options, terminal);
  try {
    await run(source);
  } finally {
    await source.close();
  }
}

const print = (terminal: Terminal, options: ReadOptions, answer: unknown, lines: () => readonly string[]): void => {
  if (options.json === true) terminal.out(JSON.stringify(answer, null, 2));
  else for (const line of lines()) terminal.out(line);
};

/** Beside the table, so that whoever reads it by a script has the table alone. */
const printNotes = (terminal: Terminal, options: ReadOptions, notes: readonly BudgetNote[]): void => {
  if (options.json === true) return;
  for (const { sentence } of notes.slice(0, NOTES_SHOWN)) terminal.err(`! ${printable(sentence)}`);
  if (notes.length > NOTES_SHOWN) terminal.err(`! ${notes.length - NOTES_SHOWN} more; --json shows all.`);
};

const NOTES_SHOWN = 20;
const NONE = ['There is no budget yet. See `ledgerline budget set --help` and docs/budgets.md.'];

/** Those for every member have no line before the first has spent anything. */
const isNone = ({ budgets, notes }: BudgetListAnswer): boolean => budgets.length === 0 && notes.length === 0;

const list = (terminal: Terminal): Command =>
  withSource(new Command('list').description('list budgets: scope, period, amount, thresholds'))
    .option('--json', 'print the response of GET /api/v1/budgets')
    .action((options: ReadOptions) =>
      using(options, terminal, async (source) => {
        const answer = await source.list({ withForecast: false });
        print(terminal, options, answer, () => (isNone(answer) ? NONE : listTable(answer.budgets, terminal, LINES_MAX)));
        printNotes(terminal, options, answer.notes);
      }),
    );

const status = (terminal: Terminal): Command =>
  withSource(new Command('status').description('show what is spent, left and forecast, most severe first'))
    .option('--json', 'print the response of GET /api/v1/budgets')
    .action((options: ReadOptions) =>
      using(options, terminal, async (source) => {
        const answer = await source.list({ withForecast: true });
        const asOf = answer.as_of === null ? 'The ledger is empty.' : `As of ${answer.as_of} (${answer.age_seconds} s ago).`;
        print(terminal, options, answer, () => (isNone(answer) ? NONE : [...statusTable(answer.budgets, terminal, LINES_MAX), '', asOf]));
        printNotes(terminal, options, answer.notes);
      }),
    );

const show = (terminal: Terminal): Command =>
  withSource(
    new Command('show')
      .description('show one budget with its forecast, members and largest contributors')
      .argument('<budget>', 'name, or name/member'),
  )
    .option('--json', 'print the response of GET /api/v1/budgets/{key}')
    .action((key: string, options: ReadOptions) =>
      using(options, terminal, async (source) => {
        const answer = await source.show(key);
        print(terminal, options, answer, () => budgetLines(answer, terminal));
      }),
    );

const history = (terminal: Terminal): Command =>
  withSource(new Command('history').description('show previous periods, and who changed what').argument('<budget>', 'name, or name/member'))
    .option('--json', 'print the response of GET /api/v1/budgets/{key}')
    .action((key: string, options: ReadOptions) =>
      using(options, terminal, async (source) => {
        const answer = await source.show(key).catch((error: unknown) => refuseUnlessChanged(error, key, source));
        print(terminal, options, answer, () =>
          'key' in answer ? historyLines(answer, terminal) : [`${printable(key)} has no periods of its own`, ...auditLines(answer.audit)],
        );
      }),
    );

/** A budget for every member has no periods, and one that was removed has no status; what was changed about them is known all the same. */
async function refuseUnlessChanged(error: unknown, key: string, source: BudgetSource): Promise<BudgetAuditAnswer> {
  if (!(error instanceof LedgerlineError) || error.code !== 'not_found') throw error;
  const answer = await source.audit(key).catch(() => undefined);
  if (answer === undefined || answer.audit.length === 0) throw error;
  return answer;
}

const SET_EXAMPLES = `
An existing budget is replaced. Change budgets from ledgerline.yaml in that file.

Examples:
  ledgerline budget set everyone --amount 9000.00
  ledgerline budget set data --where team:data --amount 500.00 --period week --hard-limit
  ledgerline budget set each --where team:platform --per user --amount 20.00 --period day
  ledgerline budget set launch --amount 2000.00 --period 2026-11-01..2026-12-01
  ledgerline budget set opus --where model:claude-opus-5-5 --tokens 50000000 --classes input,output --period "rolling 30"
  ledgerline budget set platform --file platform.json       any key of budgets:, as JSON`;

const set = (terminal: Terminal): Command =>
  withSource(new Command('set').description('create or replace a budget').argument('<name>', 'lower-case letters, digits, - and _'))
    .option('--amount <usd>', 'amount in USD')
    .option('--tokens <count>', 'amount in tokens instead')
    .option('--classes <classes>', 'token classes to count: input, output, cache_creation, cache_read, comma-separated')
    .option('--where <filter>', 'scope as dimension:value; repeatable', (filter: string, before: string[] = []) => [...before, filter])
    .option('--period <period>', `${PERIOD_UNITS.join(', ')}, "rolling 30" (days) or 2026-11-01..2026-12-01 (default: month)`)
    .option('--per <dimension>', 'give every user (team, …) in the scope this amount')
    .option('--parent <budget>', 'the budget that this one is part of')
    .option('--time-zone <zone>', 'time zone of the period (default: that of the configuration)')
    .option('--warn-at <share>', 'share of the amount at which to warn (default: 0.8)')
    .option('--rollover', 'add what is left from the previous period')
    .option('--hard-limit', 'stop the scope when the budget is used up')
    .addOption(new Option('--file <file>', 'the whole budget as JSON').conflicts(['amount', 'tokens', 'where', 'period', 'per']))
    .addHelpText('after', SET_EXAMPLES)
    .action((name: string, options: SetOptions) =>
      using(options, terminal, async (source) => {
        await source.set(name, options.file === undefined ? budgetOf(options) : readBudget(options.file));
        terminal.out(`The budget "${name}" is set.`);
        const { notes } = await source.list({ withForecast: false });
        printNotes(
          terminal,
          {},
          notes.filter(({ budget }) => budget === name),
        );
      }),
    );

function readBudget(file: string): object {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LedgerlineError('invalid', `--file: cannot read ${file}.`, { cause, hint: 'Check the path and the permissions of the file.' });
  }
  try {
    const budget: unknown = JSON.parse(text);
    if (typeof budget === 'object' && budget !== null) return budget;
  } catch {
    // Said below, as for other text.
  }
  throw new LedgerlineError('invalid', `--file: ${file} is not a JSON object.`, {
    hint: 'Example: {"scope": {"team": "data"}, "amount_usd": "500.00"}.',
  });
}

/** Options as the configuration would have them; whatever is wrong with them is said where all budgets are checked. */
function budgetOf(options: SetOptions): object {
  const { amount, tokens, classes, where = [], period, per, parent, timeZone, warnAt, rollover, hardLimit } = options;
  if ((tokens === undefined) !== (classes === undefined)) {
    const [given, missing] = tokens === undefined ? ['--classes', '--tokens'] : ['--tokens', '--classes'];
    throw new LedgerlineError('invalid', `${given} is given without ${missing}.`, { hint: 'Example: --tokens 50000000 --classes input,output.' });
  }
  return {
    scope: scopeOf(where),
    ...(amount !== undefined && { amount_usd: amount.replace(/^\$/, '') }),
    ...(tokens !== undefined && { tokens: { amount: numberIn(tokens), classes: (classes ?? '').split(',').filter((name) => name !== '') } }),
    ...(period !== undefined && { period: periodOf(period) }),
    ...(per !== undefined && { per }),
    ...(parent !== undefined && { parent }),
    ...(timeZone !== undefined && { time_zone: timeZone }),
    ...(warnAt !== undefined && { warning_threshold: numberIn(warnAt) }),
    ...(rollover === true && { rollover }),
    ...(hardLimit === true && { hard_limit: hardLimit }),
  };
}

/** What is no number is reported as it was typed. */
const numberIn = (text: string): number | string => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text));

function scopeOf(filters: readonly string[]): Record<string, string[]> {
  const scope: Record<string, string[]> = {};
  for (const filter of filters) {
    const colon = filter.indexOf(':');
    const name = currentName(filter.slice(0, Math.max(0, colon)));
    if (!isDimension(name)) {
      throw new LedgerlineError('invalid', `--where ${filter} is not a filter.`, { hint: 'Write dimension:value, such as team:platform.' });
    }
    scope[name] = [...(scope[name] ?? []), filter.slice(colon + 1)];
  }
  return scope;
}

function periodOf(text: string): unknown {
  const rolling = /^rolling[ :](\d+)$/.exec(text);
  if (rolling !== null) return { rolling_days: Number(rolling[1]) };
  const once = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(text);
  return once === null ? text : { from: once[1], to: once[2] };
}

const raise = (terminal: Terminal): Command =>
  withSource(
    new Command('raise')
      .description('raise a budget for a time; the audit records who, how much, until when and why')
      .argument('<budget>', 'name, or name/member'),
  )
    .requiredOption('--by <amount>', 'amount to add: USD, or tokens for a token budget')
    .requiredOption('--until <day>', 'last day of the raise')
    .requiredOption('--why <reason>', 'reason, for the audit')
    .addHelpText('after', '\nExamples:\n  ledgerline budget raise platform --by 200 --until 2026-11-30 --why "release week"')
    .action((key: string, options: RaiseOptions) =>
      using(options, terminal, async (source) => {
        const made = await source.raise(key, { by: options.by, until: options.until, why: options.why });
        terminal.out(`"${made.key}" is raised by ${made.amount} until the end of ${options.until}.`);
      }),
    );

const remove = (terminal: Terminal): Command =>
  withSource(
    new Command('remove').description('remove a budget that was set by API or command; the audit keeps it').argument('<name>', 'name'),
  ).action((name: string, options: SourceOptions) =>
    using(options, terminal, async (source) => {
      await source.remove(name);
      terminal.out(`The budget "${name}" is removed.`);
    }),
  );

const CHECK_EXAMPLES = `
Exit code 0 when all are below, 1 when one is not, 2 when one does not exist.

Examples:
  ledgerline budget check                              is any budget used up?
  ledgerline budget check platform data --at 0.8       has either reached 80 %?
  ledgerline budget check --forecast                   is any budget forecast to be used up?`;

const check = (terminal: Terminal): Command =>
  withSource(
    new Command('check')
      .description('fail if a budget is used up, for scripts and CI')
      .argument('[budgets...]', 'names or name/member (default: all)'),
  )
    .option('--at <share>', 'share of the budget that counts as too much', '1')
    .option('--forecast', 'also count the forecast for the end of the period (p50)')
    .option('--json', 'print the budgets that have reached it')
    .addHelpText('after', CHECK_EXAMPLES)
    .action((names: readonly string[], options: CheckOptions) =>
      using(options, terminal, (source) => checkBudgets(names, options, source, terminal)),
    );

async function checkBudgets(names: readonly string[], options: CheckOptions, source: BudgetSource, terminal: Terminal): Promise<void> {
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
  if (reached.length > 0) process.exitCode = 1;
  print(terminal, options, { budgets: reached }, () =>
    reached.length === 0 ? [noneReached(wanted, at, names)] : statusTable(reached, terminal, LINES_MAX),
  );
  printNotes(terminal, options, names.length === 0 ? notes : notes.filter(({ budget }) => names.map(nameOf).includes(budget)));
}

function noneReached(wanted: readonly StatusAnswer[], at: number, names: readonly string[]): string {
  if (wanted.length > 0) return `None of ${wanted.length} budgets has reached ${at * 100} %.`;
  return names.length === 0 ? 'No budget has a current period.' : `${names.join(', ')}: no current period, or no spend in it.`;
}
