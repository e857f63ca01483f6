/** The directory's own form of CSV: a row for each user and membership. docs/directory.md has the columns. */

import { type CsvRow, parseCsvTable } from '../core/csv-table.ts';
import { DAY_MESSAGE, isDay, startOfDay } from '../core/day.ts';
import { LedgerlineError } from '../core/error.ts';
import { ALWAYS, type FeedFacts, type Membership } from './facts.ts';
import { anyCase } from './names.ts';
import { PLACEMENT_FIELDS, type Placement, statedOf } from './placement.ts';
import { usersOnly } from './users-only.ts';

const COLUMNS = ['user', 'name', 'aliases', ...PLACEMENT_FIELDS, 'from', 'until'] as const;
type Column = (typeof COLUMNS)[number];

/** `file` is named in errors only. Throws `invalid` with the column or the line. */
export function factsOfCsv(feed: string, text: string, file: string): FeedFacts {
  const { columns, rows } = parseCsvTable(text, file);
  const places = new Map(columns.map((column, index) => [anyCase(column), index]));
  const unknown = columns.find((column) => !COLUMNS.some((known) => known === anyCase(column)));
  if (unknown !== undefined || !places.has('user')) {
    const what = unknown === undefined ? 'has no column user' : `has the column "${unknown}", which the directory does not know`;
    throw new LedgerlineError('invalid', `${file} ${what}.`, { hint: `Columns: ${COLUMNS.join(', ')}. docs/directory.md describes them.` });
  }
  const users = new Map<string, { user: string; name: string; aliases: Set<string>; memberships: Membership[] }>();
  for (const row of rows) {
    const cell = (column: Column): string => row.cells[places.get(column) ?? -1] ?? '';
    if (cell('user') === '') throw new LedgerlineError('invalid', `${file}, line ${row.line}: user is empty.`);
    const known = users.getOrInsertComputed(anyCase(cell('user')), () => ({ user: cell('user'), name: '', aliases: new Set(), memberships: [] }));
    known.name ||= cell('name');
    for (const alias of cell('aliases').split(/[\s;]+/)) if (alias !== '') known.aliases.add(alias);
    const placement = statedOf(Object.fromEntries(PLACEMENT_FIELDS.map((field) => [field, cell(field)])) as Placement); // every field is a text
    if (Object.keys(placement).length > 0) known.memberships.push({ placement, ...spanOf(cell, row, file) });
  }
  return usersOnly(
    feed,
    [...users.values()].map(({ user, name, aliases, memberships }) => ({
      ...{ user, memberships },
      ...(name !== '' && { displayName: name }),
      aliases: [...aliases].map((alias) => ({ name: alias, ...ALWAYS })),
    })),
  );
}

function spanOf(cell: (column: Column) => string, { line }: CsvRow, file: string) {
  const instant = (column: 'from' | 'until', otherwise: number): number => {
    const text = cell(column);
    if (text === '') return otherwise;
    if (isDay(text)) return startOfDay(text);
    throw new LedgerlineError('invalid', `${file}, line ${line}: ${column} ${text} ${DAY_MESSAGE}.`);
  };
  return { fromMs: instant('from', ALWAYS.fromMs), toMs: instant('until', ALWAYS.toMs) };
}
