/** ledgerline compare: models, teams, periods or anything else side by side. */
import type { Command } from 'commander';
import { COMPARE, type ComparisonAnswer } from '../query/compare.ts';
import { shareColumn } from './change-columns.ts';
import { ageNote, readingCommand, whyEmpty } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { titleOf, type ViewColumn } from './view.ts';

interface CompareOptions extends ReadingOptions {
  readonly models?: string;
  readonly teams?: string;
  readonly users?: string;
  readonly periods?: string;
  readonly by?: string;
  readonly values?: string;
  readonly month?: string;
  readonly limit?: string;
}

const OWN = ['models', 'teams', 'users', 'periods', 'by', 'values', 'month', 'limit'] as const;

const EXAMPLES = `
Without anything to compare: all models. "at its list price" is what all tokens of the time range would have cost on that model at list price. Periods of
different length are compared per day and per developer; of one that goes on, what has passed counts.

Examples:
  ledgerline compare --models all                    models in use this month, and the newest of each line
  ledgerline compare --models claude-opus-5-5,claude-sonnet-5-5 --where team:platform
  ledgerline compare --periods last-month,this-month
  ledgerline compare --periods 2026-10-01..2026-10-15,2026-11-01..2026-11-15
  ledgerline compare --teams platform,search --period last-week
  ledgerline compare --by workspace --values all --month 2026-11`;

export const compareCommand = (terminal: Terminal): Command =>
  readingCommand<CompareOptions, unknown, ComparisonAnswer>(terminal, {
    name: 'compare',
    description: 'models, teams, users, periods or values of any dimension side by side',
    examples: EXAMPLES,
    question: COMPARE,
    options: (command) =>
      command
        .option('--models <models>', 'models, comma-separated, or all')
        .option('--teams <teams>', 'teams, comma-separated, or all')
        .option('--users <users>', 'users, comma-separated, or all')
        .option('--periods <periods>', 'periods, comma-separated: last-month, 2026-11, 7d or 2026-11-01..2026-11-15')
        .option('--by <dimension>', 'any dimension, with --values')
        .option('--values <values>', 'its values, comma-separated, or all')
        .option('--month <month>', 'a calendar month, such as 2026-11')
        .option('--limit <n>', 'of all, the most expensive (default: 10, of models 50)'),
    parameters: ({ options, parameters }) => {
      for (const key of OWN) if (options[key] !== undefined) parameters.set(key, options[key]);
    },
    view: (answer, { nowMs, parameters }) => ({
      headline: headline(answer),
      sections: [
        {
          columns: columnsOf(answer),
          rows: answer.items.map(({ range, ...item }) => ({ ...item, from: range.from, to: range.to })),
          ...(answer.total !== null && { total: { ...answer.total } }),
          empty: whyEmpty(answer, 'spend', parameters),
        },
      ],
      notes: [...leftOut(answer), ageNote(answer, nowMs, `Days begin in ${answer.time_zone}.`)],
    }),
  });

function headline({ of, items }: ComparisonAnswer): string {
  const [first] = items;
  const names = `${titleOf(of)}s`;
  return of === 'period' || first === undefined
    ? `${names.charAt(0).toUpperCase()}${names.slice(1)} side by side`
    : `${names.charAt(0).toUpperCase()}${names.slice(1)} side by side, ${first.range.words}`;
}

const leftOut = ({ left_out, of }: ComparisonAnswer): string[] =>
  left_out === 0 ? [] : [`${left_out.toLocaleString('en')} more ${titleOf(of)}s are not shown: raise --limit.`];

/** What tells the compared things apart comes first; the rest as far as there is room. */
function columnsOf({ of }: ComparisonAnswer): ViewColumn[] {
  const [isOfPeriods, isOfModels] = [of === 'period', of === 'model'];
  const name: ViewColumn = {
    field: 'name',
    title: titleOf(of),
    cut: isOfModels || isOfPeriods ? 'never' : 'end',
    show: (value) => printable(String(value)),
  };
  const perDay: ViewColumn[] = [
    { field: 'cost_per_day_usd', title: 'per day', ...(isOfPeriods ? {} : { priority: 12 }) },
    { field: 'days', priority: isOfPeriods ? 4 : 18, show: (value) => Number(value).toLocaleString('en', { maximumFractionDigits: 1 }) },
    { field: 'developers', priority: isOfModels ? 14 : 3 },
    { field: 'cost_per_developer_usd', title: 'per developer', priority: isOfModels ? 15 : 2 },
    { field: 'cost_per_developer_day_usd', title: 'per developer day', priority: isOfPeriods ? 1 : 16 },
  ];
  const usage: ViewColumn[] = [
    { field: 'cost_usd' },
    ...(isOfPeriods ? [] : [shareColumn(13)]),
    ...(isOfModels ? [{ field: 'range_at_list_usd', title: 'at its list price', priority: 1 }] : []),
    { field: 'requests', priority: 5 },
    { field: 'tokens', priority: 8 },
    { field: 'cost_usd_per_request', title: 'per request', priority: 6 },
    { field: 'cost_usd_per_million_tokens', title: 'per million tokens', priority: 7 },
    { field: 'cache_hit_ratio', title: 'cache', priority: 9 },
    { field: 'latency_p50', title: 'p50', priority: 11 },
    { field: 'latency_p95', title: 'p95', priority: 10 },
    { field: 'errors', priority: 17 },
    { field: 'error_ratio', title: 'failed', priority: 11 },
  ];
  return isOfPeriods ? [name, ...perDay, ...usage] : [name, ...usage, ...perDay];
}
