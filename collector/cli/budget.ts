/** ledgerline budget: what is left, and what may be changed about it. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { currentName } from '../catalog/former-names.ts';
import { isDimension } from '../catalog/measures.ts';
import { PERIOD_UNITS } from '../config/budgets.ts';
import { LedgerlineError } from '../core/error.ts';
import { printNotes, READING } from './budget-read.ts';
import { REQUESTING } from './budget-request.ts';
import { usingBudgets } from './budget-source.ts';
import { type SourceOptions, withSource } from './options.ts';
import type { Terminal } from './terminal.ts';

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

const EXAMPLES = `
Budgets come from budgets: in ledgerline.yaml and from \`ledgerline budget set\`; see docs/budgets.md. They are read as all figures are:
from the collector that runs on the data folder, or from the folder. Changes are made in the folder, even while a collector runs on it;
with --url they are made by that collector, and need a token with the role admin.

Examples:
  ledgerline budget status                                            what is left of every budget, most severe first
  ledgerline budget show platform                                     one budget: forecast, members, top spenders
  ledgerline budget set data --where team:data --amount 500.00 --period week
  ledgerline budget raise platform --by 200 --until 2026-11-30 --why "release week"
  ledgerline budget request --by 50 --why "release week"               ask for more; an approver answers
  ledgerline budget approve 12
  ledgerline budget check platform || echo "over budget"`;

export function budgetCommand(terminal: Terminal): Command {
  const command = new Command('budget')
    .description('what is left of each budget; set, raise and check them, and ask for more')
    .addHelpText('after', EXAMPLES);
  for (const inner of [...READING, set, raise, remove, ...REQUESTING]) command.addCommand(inner(terminal));
  return command;
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
      usingBudgets(options, terminal, async (source) => {
        await source.set(name, options.file === undefined ? budgetOf(options) : readBudget(options.file));
        terminal.out(`The budget "${name}" is set.`);
        // It is set, whether or not there is a ledger yet to compare its names with, and whatever this token may read.
        const { notes } = await source.list({ withForecast: false }).catch(() => ({ notes: [] }));
        printNotes(
          terminal,
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
      usingBudgets(options, terminal, async (source) => {
        const made = await source.raise(key, { by: options.by, until: options.until, why: options.why });
        terminal.out(`"${made.key}" is raised by ${made.amount} until the end of ${options.until}.`);
      }),
    );

const remove = (terminal: Terminal): Command =>
  withSource(
    new Command('remove').description('remove a budget that was set by API or command; the audit keeps it').argument('<name>', 'name'),
  ).action((name: string, options: SourceOptions) =>
    usingBudgets(options, terminal, async (source) => {
      await source.remove(name);
      terminal.out(`The budget "${name}" is removed.`);
    }),
  );
