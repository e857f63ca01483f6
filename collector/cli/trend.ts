/** ledgerline trend: how a figure changes, as a line and a table. */
import type { Command } from 'commander';
import { figureWords } from '../catalog/figure-titles.ts';
import { fieldOf } from '../query/render.ts';
import { TREND, type TrendAnswer } from '../query/trend.ts';
import { shareColumn, signedPercent } from './change-columns.ts';
import { bar, sparkline } from './chart.ts';
import { ageNote, readingCommand, whyEmpty } from './reading-command.ts';
import { outputFormat, type ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { type Row, type Section, showField, titleOf, type Value } from './view.ts';

interface TrendOptions extends ReadingOptions {
  readonly days?: string;
  readonly weeks?: string;
  readonly months?: string;
  readonly grain?: string;
  readonly measure?: string;
  readonly by?: string;
  readonly limit?: string;
}

const OWN = ['days', 'weeks', 'months', 'grain', 'measure', 'by', 'limit'] as const;
const BAR = 20;

const EXAMPLES = `
Without a time range: the last 30 days. A moving average is of seven days, four weeks or three months; it is empty where they are not all known.
In the line, · is a time of which the ledger knows nothing. With --by, CSV has a row for each time and value.

Examples:
  ledgerline trend                                   the last 30 days, day by day
  ledgerline trend --weeks 12 --by team              twelve weeks, the largest teams as lines of their own
  ledgerline trend --months 12 --measure tokens
  ledgerline trend --period this-quarter --grain week --where team:platform
  ledgerline trend --days 90 -o csv --fields start,value`;

export const trendCommand = (terminal: Terminal): Command =>
  readingCommand<TrendOptions, unknown, TrendAnswer>(terminal, {
    name: 'trend',
    description: 'how spend or any other sum changes by day, week or month',
    examples: EXAMPLES,
    question: TREND,
    options: (command) =>
      command
        .option('--days <n>', 'the last n days, the current one included (default: 30)')
        .option('--weeks <n>', 'the last n weeks')
        .option('--months <n>', 'the last n months')
        .option('--grain <grain>', 'day, week or month, with a time range (default: day)')
        .option('--measure <measure>', 'a measure or a sum of measures (default: cost)')
        .option('--by <dimension>', 'the largest values as lines of their own')
        .option('--limit <n>', 'so many of them (default: 10)'),
    parameters: ({ options, parameters }) => {
      for (const key of OWN) if (options[key] !== undefined) parameters.set(key, options[key]);
    },
    view: (answer, { nowMs, parameters, options }) => ({
      headline: headline(answer),
      sections: [
        ...(answer.by !== null && outputFormat(options) !== 'table' ? [seriesData(answer, answer.by)] : []),
        { columns: [], rows: [], lines: [sparkline(answer.points.map(({ value }) => (value === null ? null : Number(value))))] },
        points(answer, whyEmpty(answer, 'records', parameters)),
        ...(answer.by === null ? [] : [series(answer, answer.by)]),
        ...(answer.weekdays.length === 0 ? [] : [weekdays(answer)]),
      ],
      notes: [ageNote(answer, nowMs, `Days begin in ${answer.time_zone}.`)],
    }),
  });

/** A value of the figure as people read it. */
const shown = ({ measure }: TrendAnswer, value: Value): string => showField(fieldOf(measure), value);

function headline(answer: TrendAnswer): string {
  const { measure, grain, range, total, before, compared, average } = answer;
  const change = before === null || compared === null ? '' : `, ${changeWords(answer)} against the ${shown(answer, before)} of ${compared.words}`;
  const mean = average === null ? '' : `; ${shown(answer, average)} a ${grain} on average`;
  return `${figureWords(measure)} by ${grain}, ${range.words}: ${shown(answer, total)}${change}${mean}`;
}

function changeWords(answer: TrendAnswer): string {
  const { change, change_ratio: ratio, before } = answer;
  if (ratio !== null) return signedPercent(ratio);
  if (Number(before) === 0) return 'new';
  return `${Number(change) > 0 ? '+' : ''}${shown(answer, change)}`;
}

const local = (start: Value, { time_zone }: TrendAnswer): Temporal.ZonedDateTime =>
  Temporal.Instant.from(String(start)).toZonedDateTimeISO(time_zone);

function points(answer: TrendAnswer, empty: string): Section {
  const largest = Math.max(0, ...answer.points.map(({ value }) => Number(value ?? 0)));
  const drawn = (value: Value): string => (largest === 0 || value === null ? '' : bar(Number(value) / largest, BAR));
  return {
    columns: [
      { field: 'start', title: answer.grain, cut: 'never', show: (start) => dayOf(start, answer) },
      {
        field: 'value',
        title: titleOf(fieldOf(answer.measure)),
        align: 'right',
        show: (value) => (value === null ? 'unknown' : shown(answer, value)),
      },
      { field: 'moving_average', title: `average of ${answer.averaged_points}`, align: 'right', priority: 2, show: (value) => shown(answer, value) },
      { field: 'is_whole', title: '', align: 'left', priority: 1, cut: 'never', show: (isWhole, row) => wholeness(isWhole, drawn(row.value)) },
    ],
    rows: answer.points.every(({ value }) => value === null) ? [] : answer.points,
    empty,
  };
}

const wholeness = (isWhole: Value, drawn: string): string => (isWhole === true ? drawn : `${drawn} (in part)`.trimStart());

function dayOf(start: Value, answer: TrendAnswer): string {
  const day = local(start, answer);
  const date = day.toPlainDate().toString();
  return answer.grain === 'day' ? `${date} ${day.toLocaleString('en', { weekday: 'short' })}` : answer.grain === 'week' ? date : date.slice(0, 7);
}

/** A row for each point and series, as CSV of REST has them. */
function seriesData({ points: all, series: lines, others }: TrendAnswer, by: string): Section {
  const whole = [...lines, ...(others === null ? [] : [{ ...others, value: '(others)' }])];
  return {
    columns: [{ field: 'start' }, { field: by }, { field: 'value' }],
    rows: all.flatMap(({ start }, index) => whole.map(({ value, values }) => ({ start, [by]: value, value: values[index] ?? null }))),
  };
}

function series(answer: TrendAnswer, by: string): Section {
  const lineOf = (values: readonly Value[]): string => sparkline(values.map((value) => (value === null ? null : Number(value))));
  const rest = answer.others === null ? [] : [{ ...answer.others, value: `(others: ${answer.others.count.toLocaleString('en')})` }];
  const rows: Row[] = [...answer.series, ...rest].map(({ values, ...row }) => ({ ...row, line: lineOf(values) }));
  return {
    title: `By ${titleOf(by)}`,
    columns: [
      { field: 'value', title: titleOf(by), show: (value) => printable(String(value)) },
      { field: 'total', align: 'right', show: (value) => shown(answer, value) },
      shareColumn(1),
      { field: 'change_ratio', title: 'change %', align: 'right', show: signedPercent, priority: 2 },
      { field: 'line', title: 'course', cut: 'never', priority: 3 },
    ],
    rows,
  };
}

const weekdays = (answer: TrendAnswer): Section => ({
  title: 'By weekday',
  columns: [
    { field: 'weekday' },
    { field: 'average', align: 'right', show: (value) => shown(answer, value) },
    shareColumn(1),
    { field: 'days', priority: 2 },
  ],
  rows: answer.weekdays,
});
