/** ledgerline analyze: a month in words and figures. */
import type { Command } from 'commander';
import { ANALYZE, type AnalysisAnswer } from '../query/analyze.ts';
import { changeColumns, shareColumn, signedUsd } from './change-columns.ts';
import { ageNote, readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Section, View } from './view.ts';

interface AnalyzeOptions extends ReadingOptions {
  readonly month?: string;
  readonly limit?: string;
}

const EXAMPLES = `
Without a time range: the current month. It is compared with the period before: a month with a month, seven days with the seven days before,
and while it goes on, with as much of the one before as has passed. The changes of teams, users, models and workspaces each add up to the whole
change, and so do the four effects of models.

Examples:
  ledgerline analyze                                 this month
  ledgerline analyze --month 2026-11                 November
  ledgerline analyze --period last-week --where team:platform
  ledgerline analyze --month 2026-11 -o json | jq -r '.sentences[]'
  ledgerline analyze --month 2026-11 -o csv          what each team, user, model and workspace changed by`;

export const analyzeCommand = (terminal: Terminal): Command =>
  readingCommand<AnalyzeOptions, unknown, AnalysisAnswer>(terminal, {
    name: 'analyze',
    description: 'what a month or any time range cost, why that changed, and what was unusual',
    examples: EXAMPLES,
    question: ANALYZE,
    options: (command) =>
      command.option('--month <month>', 'a calendar month, such as 2026-11').option('--limit <n>', 'rows of each table (default: 5)'),
    parameters: ({ options, parameters }) => {
      if (options.month !== undefined) parameters.set('month', options.month);
      if (options.limit !== undefined) parameters.set('limit', options.limit);
    },
    view: (answer, { nowMs }) => ({
      headline: answer.sentences[0] ?? '',
      sections: sectionsOf(answer),
      notes: [ageNote(answer, nowMs, `Days begin in ${answer.time_zone}.`)],
    }),
  });

const DIMENSIONS = ['team', 'user', 'model', 'workspace'] as const;

function sectionsOf(answer: AnalysisAnswer): View['sections'] {
  const { change, unusual_days, sentences } = answer;
  return [
    { columns: [], rows: [], lines: sentences.slice(1).map((sentence) => printable(sentence)) },
    ...(change === null ? [] : [changes(change)]),
    largest(answer),
    ...(change === null ? [] : [effects(change)]),
    ...(answer.top.session === null || answer.top.session.length === 0 ? [] : [sessions(answer.top.session)]),
    ...(unusual_days.length === 0 ? [] : [unusual(unusual_days)]),
  ];
}

type Change = NonNullable<AnalysisAnswer['change']>;

const changes = ({ by }: Change): Section => ({
  title: 'What the change is made of',
  columns: [{ field: 'dimension' }, { field: 'value', title: 'name' }, { field: 'cost_usd' }, ...changeColumns(1)],
  rows: DIMENSIONS.flatMap((dimension) => {
    const { rows, others } = by[dimension];
    const rest = others === null ? [] : [{ ...others, value: `(others: ${others.count.toLocaleString('en')})` }];
    return [...rows, ...rest].map((row) => ({ dimension, ...row }));
  }),
});

const largest = ({ top }: AnalysisAnswer): Section => ({
  title: 'Most expensive',
  columns: [{ field: 'dimension' }, { field: 'value', title: 'name' }, { field: 'cost_usd' }, shareColumn(1)],
  rows: DIMENSIONS.flatMap((dimension) => top[dimension].map((row) => ({ dimension, ...row }))),
  empty: 'No spend in this time range.',
});

const EFFECTS = ['volume_usd', 'model_mix_usd', 'token_mix_usd', 'price_usd'] as const;

function effects({ effects: { models, ...together } }: Change): Section {
  return {
    title: 'Why models cost more or less',
    columns: [
      { field: 'model' },
      { field: 'cost_usd' },
      { field: 'before_usd', title: 'before', priority: 1 },
      ...EFFECTS.map((field) => ({ field, align: 'right' as const, show: signedUsd })),
    ],
    rows: models,
    total: together,
  };
}

const sessions = (rows: NonNullable<AnalysisAnswer['top']['session']>): Section => ({
  title: 'Most expensive sessions',
  columns: [
    { field: 'session_id', title: 'session', cut: 'end' },
    { field: 'user' },
    { field: 'team', priority: 2 },
    { field: 'workspace', priority: 1 },
    { field: 'cost_usd' },
  ],
  rows,
});

const unusual = (rows: AnalysisAnswer['unusual_days']): Section => ({
  title: 'Unusual days',
  columns: [
    { field: 'words', title: 'day', cut: 'never' },
    { field: 'cost_usd' },
    { field: 'usual_usd', title: 'usual' },
    { field: 'times', align: 'right', show: (value) => `× ${value}` },
    { field: 'top_user', title: 'most by', priority: 1 },
  ],
  rows,
});
