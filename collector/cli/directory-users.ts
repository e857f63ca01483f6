/** ledgerline directory show and list: where one user belongs and how that is found, and where all belong. */
import type { Command } from 'commander';
import { DIRECTORY_USER, DIRECTORY_USERS, type DirectoryUserAnswer, type DirectoryUsersAnswer } from '../query/directory-users.ts';
import { readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { View, ViewColumn } from './view.ts';

interface DayOptions extends ReadingOptions {
  readonly at?: string;
  readonly limit?: string;
}

const SHARED = { time: false, where: false } as const;
const withDay = (command: Command): Command => command.option('--at <day>', 'the day, in UTC, or an instant (default: now)');

const SHOW_EXAMPLES = `
By any name of the user: address, account, id at a gateway.

Examples:
  ledgerline directory show ada@example.com
  ledgerline directory show 0f8fad5b-d9cb-469f-a165-70867728950e --at 2026-09-01`;

export const directoryShowCommand = (terminal: Terminal): Command =>
  readingCommand<DayOptions, unknown, DirectoryUserAnswer>(terminal, {
    name: 'show',
    description: 'how a user gets its team, step by step',
    examples: SHOW_EXAMPLES,
    question: DIRECTORY_USER,
    shared: SHARED,
    options: (command) => withDay(command.argument('<user>', 'address, account or another name')),
    path: ({ words: [user = ''] }) => ({ user }),
    parameters: setDay,
    view: showView,
  });

const LIST_EXAMPLES = `
Examples:
  ledgerline directory list
  ledgerline directory list --at 2026-09-01 -o csv --out-file directory.csv`;

export const directoryListCommand = (terminal: Terminal): Command =>
  readingCommand<DayOptions, unknown, DirectoryUsersAnswer>(terminal, {
    name: 'list',
    description: 'the users of the directory, and where they belong',
    examples: LIST_EXAMPLES,
    question: DIRECTORY_USERS,
    shared: SHARED,
    options: (command) => withDay(command).option('--limit <n>', 'most users (default: 1000)'),
    parameters: (request) => {
      setDay(request);
      if (request.options.limit !== undefined) request.parameters.set('limit', request.options.limit);
    },
    view: ({ at, count, users }) => ({
      headline: `${count} users at ${at}${count > users.length ? `, the first ${users.length} by name` : ''}`,
      sections: [
        {
          columns: LIST_COLUMNS,
          rows: users.map(({ other_teams, aliases, feeds, ...one }) => ({
            ...one,
            ...{ other_teams: other_teams.join(' '), aliases: aliases.join(' '), feeds: feeds.join(' ') },
          })),
          empty: 'The directory has no users: name a file in attribution.directory_file, or feeds in directory.feeds.',
        },
      ],
    }),
  });

const LIST_COLUMNS: readonly ViewColumn[] = [
  { field: 'user', cut: 'never' },
  { field: 'name', priority: 6 },
  { field: 'team' },
  { field: 'other_teams', priority: 4 },
  { field: 'workspace', priority: 3 },
  { field: 'cost_center', priority: 1 },
  { field: 'department', priority: 2 },
  { field: 'aliases', priority: 7 },
  { field: 'feeds', priority: 5 },
];

function setDay({ options: { at }, parameters }: { readonly options: DayOptions; readonly parameters: URLSearchParams }): void {
  if (at !== undefined) parameters.set('at', at);
}

function showView(answer: DirectoryUserAnswer): View {
  const { user, at, steps, aliases, other_teams: others } = answer;
  const fields = (['name', 'team', 'workspace', 'cost_center', 'department'] as const).map((field) => ({
    field: field.replace('_', ' '),
    value: answer[field],
  }));
  const lists = [
    { field: 'other teams', value: others.join(', ') },
    { field: 'aliases', value: aliases.join(', ') },
  ];
  return {
    headline: `${printable(user)} at ${at}`,
    sections: [
      {
        columns: [
          { field: 'field', title: '' },
          { field: 'value', title: '' },
        ],
        rows: [...fields, ...lists].filter(({ value }) => value !== null && value !== ''),
      },
      { title: 'How it is found', columns: [], rows: [], lines: steps.map((step) => `- ${printable(step)}`) },
    ],
  };
}
