/** ledgerline breakdown: what spend is made of. */
import type { Command } from 'commander';
import { DIMENSION_ALIASES } from '../catalog/dimension-aliases.ts';
import { DIMENSION_NAMES } from '../catalog/measures.ts';
import { BREAKDOWN, type BreakdownAnswer } from '../query/breakdown.ts';
import { changeColumns, shareColumn } from './change-columns.ts';
import { ageNote, readingCommand, whyEmpty } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { type Section, showField, titleOf } from './view.ts';
import { wrapped } from './wrapped.ts';

interface BreakdownOptions extends ReadingOptions {
  readonly month?: string;
  readonly by: string;
  readonly limit?: string;
}

const EXAMPLES = `
Dimensions:
${wrapped(DIMENSION_NAMES)}
or, as people say:
${wrapped(Object.entries(DIMENSION_ALIASES).map(([alias, name]) => `${alias} (${name})`))}

Examples:
  ledgerline breakdown --by feature                  what made the requests of this month
  ledgerline breakdown --by user --month 2026-10 --limit 50
  ledgerline breakdown --by team,model --period last-week
  ledgerline breakdown --by mcp --where team:platform -o csv`;

export const breakdownCommand = (terminal: Terminal): Command =>
  readingCommand<BreakdownOptions, unknown, BreakdownAnswer>(terminal, {
    name: 'breakdown',
    description: 'what spend is made of, by any dimension, and how that changed',
    examples: EXAMPLES,
    question: BREAKDOWN,
    options: (command) =>
      command
        .option('--by <dimensions>', 'dimensions, comma-separated, at most three', 'team')
        .option('--month <month>', 'a calendar month, such as 2026-11')
        .option('--limit <n>', 'rows; what is beyond is one row (default: 20)'),
    parameters: ({ options: { by, month, limit }, parameters }) => {
      parameters.set('by', by);
      if (month !== undefined) parameters.set('month', month);
      if (limit !== undefined) parameters.set('limit', limit);
    },
    view: (answer, { nowMs, parameters }) => ({
      headline: headline(answer),
      sections: [tableOf(answer, whyEmpty(answer, 'spend', parameters))],
      notes: [...absence(answer), ageNote(answer, nowMs, `Days begin in ${answer.time_zone}.`)],
    }),
  });

function headline({ by, range, compared, total }: BreakdownAnswer): string {
  const past = compared === null || total.before_usd === null ? '' : `, against ${compared.words}`;
  return `Spend by ${by.map(titleOf).join(' and ')}, ${range.words}${past}`;
}

function tableOf({ by, rows, others, total }: BreakdownAnswer, empty: string): Section {
  const [first = 'team'] = by;
  const rest = others === null ? [] : [{ [first]: `(others: ${others.count.toLocaleString('en')})`, ...others }];
  return {
    columns: [
      ...by.map((field) => ({ field, align: 'left' as const, show: (value: unknown) => printable(String(value ?? '')) })),
      { field: 'cost_usd' },
      shareColumn(8),
      { field: 'requests', priority: 4 },
      { field: 'tokens', priority: 6 },
      { field: 'cost_usd_per_request', title: 'per request', priority: 5 },
      { field: 'cost_usd_per_million_tokens', title: 'per million tokens', priority: 9 },
      { field: 'cache_hit_ratio', title: 'cache', priority: 3 },
      { field: 'cache_savings_usd', title: 'cache savings', priority: 10 },
      ...changeColumns(1).map((column) => ({ ...column, priority: column.field === 'change_ratio' ? 1 : 7 })),
    ],
    rows: [...rows.map(({ values, ...figures }) => ({ ...values, ...figures })), ...rest],
    total: { ...total, share: null },
    empty,
  };
}

/** Said even where it has no row. */
function absence({ by: [first = 'team'], absent, rows }: BreakdownAnswer): string[] {
  if (Number(absent.cost_usd) === 0 || rows.some(({ values }) => values[first] === absent.value)) return [];
  return [`${showField('cost_usd', absent.cost_usd)} of it is ${absent.value}.`];
}
