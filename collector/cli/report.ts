/** ledgerline report: what was spent, by whom, on what. */
import { Command, Option } from 'commander';
import { FIGURE_NAMES, figureUnit } from '../catalog/figures.ts';
import { DIMENSION_NAMES } from '../catalog/measures.ts';
import { LedgerlineError } from '../core/error.ts';
import { displayUsd, parseUsd } from '../core/money.ts';
import { PERIOD_WORDS } from '../core/time-range.ts';
import { toCsv } from '../query/csv.ts';
import { fieldOf } from '../query/render.ts';
import { SPEND, type SpendAnswer } from '../query/spend.ts';
import { type SourceOptions, withSource } from './options.ts';
import { openSource } from './source.ts';
import { type Column, printable, table, withThousands } from './table.ts';
import { paint, type Terminal } from './terminal.ts';

interface ReportOptions extends SourceOptions {
  readonly period?: string;
  readonly by: string;
  readonly measures: string;
  readonly where?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly tz?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const LINE = 100;
const CURRENT: Readonly<Record<string, string>> = { day: 'today', week: 'this_week', month: 'this_month' };
const MEASURES_SHOWN = ['cost', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

/** Names in lines that fit a terminal. */
function wrapped(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    if (line.length + name.length > LINE) lines.push(`${name}, `);
    else lines[lines.length - 1] = `${line}${name}, `;
  }
  return lines
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n')
    .replace(/,$/, '');
}

const EXAMPLES = `
Without --from and --to, --period is the current day, week or month, or one of:
${wrapped(PERIOD_WORDS)}
With --from or --to it is the width of one row: day, week or month.

Dimensions:
${wrapped(DIMENSION_NAMES)}

Examples:
  ledgerline report                                        this month, by team
  ledgerline report --period day --by user                 today, by user
  ledgerline report --period last_month --by team,model    last month, by team and model
  ledgerline report --period week --from 2026-10-01 --to 2026-11-01
  ledgerline report --where team:platform --by user --csv > platform.csv`;

export function reportCommand(terminal: Terminal): Command {
  return withSource(new Command('report').description('report spend by team, user, model or any other dimension'))
    .option('--period <period>', 'day, week, month or a named period (default: "month")')
    .option('--by <dimensions>', 'dimensions, comma-separated', 'team')
    .option('--measures <measures>', 'measures or figures derived from them, comma-separated', MEASURES_SHOWN.join(','))
    .option('--where <filter>', 'filter as dimension:value; repeatable', (filter: string, before: string[] = []) => [...before, filter])
    .option('--from <time>', 'first day or instant, included')
    .option('--to <time>', 'last day or instant, excluded')
    .option('--tz <zone>', 'time zone of the days (default: that of the configuration)')
    .addOption(new Option('--json', 'print the response of GET /api/v1/spend').conflicts('csv'))
    .option('--csv', 'print comma-separated values')
    .addHelpText('after', EXAMPLES)
    .action((options: ReportOptions) => report(options, terminal));
}

async function report(options: ReportOptions, terminal: Terminal): Promise<void> {
  const parameters = spendParameters(options);
  const source = openSource(options, terminal);
  try {
    const answer = await source.ask(SPEND, parameters);
    for (const { message } of answer.hints) terminal.err(printable(message));
    if (options.json === true) terminal.out(JSON.stringify(answer, null, 2));
    else if (options.csv === true) terminal.out(csv(answer).trimEnd());
    else for (const line of lines(answer, parameters, terminal)) terminal.out(line);
  } finally {
    await source.close();
  }
}

/** The question as the REST API takes it. */
function spendParameters({ period, by, measures, where, from, to, tz }: ReportOptions): URLSearchParams {
  const parameters = new URLSearchParams({ by, measures });
  if (from === undefined && to === undefined) parameters.set('period', CURRENT[period ?? 'month'] ?? period ?? '');
  else if (period !== undefined) parameters.set('grain', grainOf(period));
  if (from !== undefined) parameters.set('from', from);
  if (to !== undefined) parameters.set('to', to);
  if (tz !== undefined) parameters.set('tz', tz);
  for (const filter of where ?? []) parameters.append('where', filter);
  return parameters;
}

function grainOf(period: string): string {
  if (period in CURRENT) return period;
  throw new LedgerlineError('invalid', `--period ${period} cannot be combined with --from or --to.`, {
    hint: 'With --from or --to, --period is the width of one row: day, week or month.',
  });
}

/** Fields of the rows in the order of the answer: start, dimensions, measures. */
const fieldsOf = (answer: SpendAnswer): string[] => Object.keys(answer.rows[0] ?? answer.totals);
const csv = (answer: SpendAnswer): string =>
  toCsv(
    fieldsOf(answer),
    answer.rows.map((row) => fieldsOf(answer).map((field) => row[field] ?? '')),
  );

function lines(answer: SpendAnswer, parameters: URLSearchParams, terminal: Terminal): string[] {
  const fields = fieldsOf(answer);
  const columns = fields.map((field): Column => ({ title: titleOf(field), align: field in answer.totals ? 'right' : 'left' }));
  const rows = answer.rows.map((row) => fields.map((field) => cell(field, row[field] ?? '', answer)));
  const total = fields.map((field, index) => (index === 0 && !(field in answer.totals) ? 'total' : cell(field, answer.totals[field] ?? '', answer)));
  const body = rows.length === 0 ? ['No spend in this time range.'] : table(terminal, columns, rows, total);
  return [`${paint(terminal, 'bold', headline(answer, parameters))}`, '', ...body, '', paint(terminal, 'dim', footline(answer, terminal.now()))];
}

const titleOf = (field: string): string =>
  field
    .replace(/_usd/, '')
    .replace(/_tokens$/, '')
    .replaceAll('_', ' ');

const UNITS = new Map(FIGURE_NAMES.map((name) => [fieldOf(name), figureUnit(name)]));

function cell(field: string, value: string | number, answer: SpendAnswer): string {
  if (value === '') return '';
  if (field === 'start') return localDay(String(value), answer);
  if (!(field in answer.totals)) return printable(String(value));
  const unit = UNITS.get(field);
  if (unit === 'usd') return displayUsd(parseUsd(String(value)) ?? 0n);
  if (unit === 'ratio') return `${(Number(value) * 100).toFixed(1)} %`;
  if (unit === 'seconds') return `${Number(value).toFixed(2)} s`;
  // A mean has decimals; what is counted is exact, however large.
  return typeof value === 'string' || Number.isInteger(value) ? withThousands(value) : value.toLocaleString('en', { maximumFractionDigits: 2 });
}

const localDay = (instant: string, { time_zone, grain }: SpendAnswer): string => {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(time_zone);
  return grain === 'hour' || grain === 'quarter_hour'
    ? local.toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ')
    : local.toPlainDate().toString();
};

function headline(answer: SpendAnswer, parameters: URLSearchParams): string {
  const day = (instant: string): string => localDay(instant, { ...answer, grain: 'day' });
  const named = parameters.get('period')?.replaceAll('_', ' ');
  const from = answer.from === null ? 'the beginning' : day(answer.from);
  const rangeWords = answer.to === null ? `since ${from}` : `${from} to ${day(lastInstantBefore(answer.to))}`;
  return `Spend by ${(parameters.get('by') ?? '').replaceAll(',', ', ') || 'nothing'}: ${named === undefined ? rangeWords : `${named} (${rangeWords})`}`;
}

/** The answer's end is excluded; people read the last day that is in. */
const lastInstantBefore = (end: string): string => Temporal.Instant.from(end).subtract({ milliseconds: 1 }).toString();

function footline({ as_of, time_zone }: SpendAnswer, nowMs: number): string {
  if (as_of === null) return 'The ledger is empty.';
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(as_of)) / 1000));
  return `As of ${as_of} (${seconds.toLocaleString('en')} s ago). Days begin in ${time_zone}. Costs are the clients' own estimates.`;
}
