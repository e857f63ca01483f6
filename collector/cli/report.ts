/** ledgerline report: what was spent, by whom, on what. */
import { Argument, type Command } from 'commander';
import { currentName } from '../catalog/former-names.ts';
import { DIMENSION_NAMES } from '../catalog/measures.ts';
import { LedgerlineError } from '../core/error.ts';
import { PERIOD_WORDS } from '../core/time-range.ts';
import { listed } from '../query/parameters.ts';
import { SPEND, type SpendAnswer } from '../query/spend.ts';
import { ageNote, type Request, readingCommand, type TimeRequest, type ViewContext, whyEmpty } from './reading-command.ts';
import type { LastUnit, ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Value, View, ViewColumn } from './view.ts';
import { wrapped } from './wrapped.ts';

interface ReportOptions extends ReadingOptions {
  readonly by: string;
  readonly measures: string;
}

/** What --period may be beside the words for periods: the current one, or the width of a row where another option says the range. */
const WIDTHS: Readonly<Record<string, { readonly unit: LastUnit; readonly current: string }>> = {
  day: { unit: 'day', current: 'today' },
  daily: { unit: 'day', current: 'today' },
  week: { unit: 'week', current: 'this_week' },
  weekly: { unit: 'week', current: 'this_week' },
  month: { unit: 'month', current: 'this_month' },
  monthly: { unit: 'month', current: 'this_month' },
  quarter: { unit: 'quarter', current: 'this_quarter' },
  quarterly: { unit: 'quarter', current: 'this_quarter' },
};
const MEASURES_SHOWN = ['cost', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

const EXAMPLES = `
A daily, weekly, monthly or quarterly report is of the current day, week, month or quarter. With --from, --since, --last or --window
it is the width of one row.

Periods:
${wrapped(PERIOD_WORDS)}

Dimensions:
${wrapped(DIMENSION_NAMES)}

Examples:
  ledgerline report                                        this month, by team
  ledgerline report daily --by user                        today, by user
  ledgerline report --period last-month --by team,model    last month, by team and model
  ledgerline report weekly --last 8                        eight weeks, a row for each week and team
  ledgerline report --since 20261001 --until 20261031 --period week
  ledgerline report --where team:platform --by user -o csv --out-file platform.csv`;

export const reportCommand = (terminal: Terminal): Command =>
  readingCommand<ReportOptions, unknown, SpendAnswer>(terminal, {
    name: 'report',
    description: 'report spend by team, user, model or any other dimension',
    examples: EXAMPLES,
    question: SPEND,
    options: (command) =>
      command
        .addArgument(new Argument('[period]', 'the same as --period'))
        .option('--by <dimensions>', 'dimensions, comma-separated', 'team')
        .option('--measures <measures>', 'measures or figures derived from them, comma-separated', MEASURES_SHOWN.join(',')),
    time: reportTime,
    parameters: addParameters,
    view: reportView,
  });

const hasRange = ({ from, to, since, until, last, window }: ReportOptions): boolean =>
  [from, to, since, until, last, window].some((option) => option !== undefined);

const periodOf = ({ options, words }: Words): string | undefined => options.period ?? words[0];

type Words = Pick<Request<ReportOptions>, 'options' | 'words'>;

function reportTime(given: Words): TimeRequest {
  const { options } = given;
  const period = periodOf(given);
  const width = WIDTHS[period ?? 'month'];
  if (!hasRange(options)) return { options: { ...options, period: width?.current ?? period } };
  if (period === undefined) return { options };
  if (width === undefined) {
    throw new LedgerlineError('invalid', `--period ${period} cannot be combined with --from or --to.`, {
      hint: 'With --from or --to, --period is the width of one row: daily, weekly, monthly or quarterly.',
    });
  }
  const { period: _, ...range } = options;
  return { options: range, lastUnit: width.unit };
}

function addParameters(request: Request<ReportOptions>): void {
  const { options, parameters } = request;
  parameters.set('by', options.by);
  parameters.set('measures', options.measures);
  const period = periodOf(request);
  if (period !== undefined && hasRange(options)) parameters.set('grain', WIDTHS[period]?.unit ?? period);
}

function reportView(answer: SpendAnswer, { options, parameters, nowMs }: ViewContext<ReportOptions>): View {
  const by = listed(options.by).map(currentName);
  const figures = Object.keys(answer.totals);
  const columns: ViewColumn[] = [
    ...(answer.grain === 'total' ? [] : [{ field: 'start', cut: 'never' as const, show: (start: Value) => localDay(String(start ?? ''), answer) }]),
    ...[...new Set(by)].map((field) => ({ field, align: 'left' as const, show: (value: Value) => printable(String(value ?? '')) })),
    ...figures.map((field, index) => ({ field, align: 'right' as const, ...(index > 0 && { priority: index }) })),
  ];
  return {
    headline: headline(answer, parameters),
    sections: [{ columns, rows: answer.rows, total: answer.totals, empty: whyEmpty(answer, 'spend', parameters) }],
    notes: [ageNote(answer, nowMs, `Days begin in ${answer.time_zone}.`)],
  };
}

const localDay = (instant: string, { time_zone, grain }: Pick<SpendAnswer, 'time_zone' | 'grain'>): string => {
  if (instant === '') return '';
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
