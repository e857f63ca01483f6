/** ledgerline daily, weekly and monthly: cost and tokens by period, with the flags and the JSON that people know from ccusage. */
import { type Command, Option } from 'commander';
import { WEEK_STARTS } from '../core/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import type { UsageByModel } from '../query/token-usage.ts';
import { USAGE, type UsageAnswer } from '../query/usage.ts';
import { usageJson } from './ccusage-json.ts';
import { ageNote, readingCommand, whyEmpty } from './reading-command.ts';
import type { LastUnit, ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Row, Value, View, ViewColumn } from './view.ts';

export interface UsageOptions extends ReadingOptions {
  readonly breakdown?: boolean;
  readonly order?: string;
  readonly cost: boolean;
  /** What ccusage calls a project is a workspace here. */
  readonly project?: string;
  readonly instances?: boolean;
}

interface PeriodOptions extends UsageOptions {
  readonly mode: string;
  readonly startOfWeek?: string;
}

/** -o is the order of ccusage, and the format of all other commands: it takes both. */
export const ORDERS = ['asc', 'desc'] as const;
export const OUTPUT_AND_ORDER = ['table', 'json', 'csv', ...ORDERS] as const;

export const withUsage = (command: Command): Command =>
  command
    .option('-b, --breakdown', 'a line for each model')
    .addOption(new Option('--order <order>', 'oldest or newest first').choices(ORDERS))
    .option('--no-cost', 'without cost')
    .option('-p, --project <workspace>', 'the same as --where workspace:…')
    .option('-i, --instances', 'not here: says what to use instead')
    .option('-O, --offline', 'no effect: prices are always here');

const withStartOfWeek = (command: Command): Command =>
  command.addOption(new Option('-w, --start-of-week <day>', 'first day of a week (default: week_start of the configuration)').choices(WEEK_STARTS));

const withMode = (command: Command): Command =>
  command.addOption(
    new Option('--mode <mode>', 'auto and display: booked cost; calculate: list cost').choices(['auto', 'display', 'calculate']).default('auto'),
  );

/** Of --order, or of -o asc and -o desc. Undefined without either. */
export function orderOf({ order, output }: Pick<UsageOptions, 'order' | 'output'>): string | undefined {
  const byOutput = ORDERS.find((candidate) => candidate === output);
  if (order !== undefined && byOutput !== undefined && order !== byOutput) {
    throw new LedgerlineError('invalid', `-o ${byOutput} contradicts --order ${order}.`, { hint: 'Give one of them.' });
  }
  return order ?? byOutput;
}

/** Throws LedgerlineError `invalid` for --instances: the JSON of ccusage has projects there that no ledger of many machines could name. */
export function projectParameters({ project, instances }: Pick<UsageOptions, 'project' | 'instances'>, parameters: URLSearchParams): void {
  if (instances === true) {
    throw new LedgerlineError('invalid', '--instances: rows are not parted by project here.', {
      hint: 'Use `ledgerline report --by workspace --period day`, or --project for one of them.',
    });
  }
  if (project !== undefined) parameters.append('where', `workspace:${project}`);
}

interface Verb {
  readonly name: 'daily' | 'weekly' | 'monthly';
  readonly unit: Exclude<LastUnit, 'quarter'>;
}

const usageCommand = (terminal: Terminal, { name, unit }: Verb): Command =>
  readingCommand<PeriodOptions, unknown, UsageAnswer>(terminal, {
    name,
    description: `cost and tokens by ${unit}, as ccusage shows them`,
    examples: `
JSON is that of ccusage: "${name}" and "totals", with all digits of the cost. Without a time range: everything in the ledger.

Examples:
  ledgerline ${name} --last 7
  ledgerline ${name} --since 20261101 --until 20261130 --breakdown
  ledgerline ${name} --json --where user:alice@example.com | jq '.totals.totalCost'`,
    question: USAGE,
    lastUnit: unit,
    outputs: OUTPUT_AND_ORDER,
    options: (command) => (unit === 'week' ? withStartOfWeek(withMode(withUsage(command))) : withMode(withUsage(command))),
    parameters({ options, parameters }) {
      parameters.set('grain', unit);
      const order = orderOf(options);
      if (order !== undefined) parameters.set('order', order);
      if (options.mode === 'calculate') parameters.set('cost', 'list');
      if (options.startOfWeek !== undefined) parameters.set('week_start', options.startOfWeek);
      projectParameters(options, parameters);
    },
    view: (answer, { options, parameters, nowMs }) => ({
      ...usageView(
        answer.rows.map(({ models, ...usage }) => ({ label: usage.period, usage: { ...usage, models } })),
        answer.totals,
        {
          options,
          field: 'period',
          title: unit === 'week' ? 'week of' : unit,
          empty: whyEmpty(answer, 'usage', parameters),
        },
      ),
      notes: [ageNote(answer, nowMs, `Days begin in ${answer.time_zone}.`)],
    }),
    json: (answer, { options }) => usageJson(name, answer, { withCost: options.cost }),
  });

export const dailyCommand = (terminal: Terminal): Command => usageCommand(terminal, { name: 'daily', unit: 'day' });
export const weeklyCommand = (terminal: Terminal): Command => usageCommand(terminal, { name: 'weekly', unit: 'week' });
export const monthlyCommand = (terminal: Terminal): Command => usageCommand(terminal, { name: 'monthly', unit: 'month' });

export interface UsageRow {
  readonly label: string;
  readonly usage: UsageByModel;
  /** Beside the label. */
  readonly more?: Row;
}

export interface UsageView {
  readonly options: Pick<UsageOptions, 'breakdown' | 'cost'>;
  /** Of the label. */
  readonly field: string;
  readonly title: string;
  /** The label on a terminal. Default: as it is. */
  readonly show?: (label: string) => string;
  readonly empty: string;
  readonly more?: readonly ViewColumn[];
}

const COUNTS: readonly ViewColumn[] = [
  { field: 'input_tokens', title: 'input', align: 'right', priority: 3 },
  { field: 'output_tokens', title: 'output', align: 'right', priority: 2 },
  { field: 'cache_creation_tokens', title: 'cache write', align: 'right', priority: 5 },
  { field: 'cache_read_tokens', title: 'cache read', align: 'right', priority: 4 },
  { field: 'total_tokens', title: 'total tokens', align: 'right' },
];

/** A row for each, and with --breakdown one for each of its models below it. */
export function usageView(
  rows: readonly UsageRow[],
  totals: Row,
  { options, field, title, show: shorten = (label) => label, empty, more = [] }: UsageView,
): View {
  const isBrokenDown = options.breakdown === true;
  const modelColumn: ViewColumn = {
    field: 'model',
    title: 'models',
    show: (value) => printable(String(value ?? '')),
    ...(!isBrokenDown && { priority: 6 }),
  };
  const shownRows = rows.flatMap(({ label, usage, more: beside }): Row[] => {
    const { models, ...own } = usage;
    const whole = { [field]: label, ...beside, model: models.map(({ model }) => model).join(', '), ...own };
    if (!isBrokenDown) return [whole];
    return [{ ...whole, model: '' }, ...models.map((model) => ({ [field]: label, ...beside, ...model }))];
  });
  const show = (value: Value, row: Row): string => (row.model !== '' && isBrokenDown ? '' : printable(shorten(String(value ?? ''))));
  const columns = [{ field, title, show, cut: 'never' as const }, ...more, modelColumn, ...COUNTS, ...(options.cost ? [{ field: 'cost_usd' }] : [])];
  return { sections: [{ columns, rows: shownRows, total: totals, empty }] };
}
