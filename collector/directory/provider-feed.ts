/** Files that identity providers export: users, and who is in which group. They have no dates: what they say holds from one day on. */

import { type CsvRow, type CsvTable, parseCsvTable } from '../core/csv-table.ts';
import { LedgerlineError } from '../core/error.ts';
import { ALWAYS, type FeedFacts, type Membership, type Span, type UserFacts } from './facts.ts';
import { type GroupTeams, teamsOfGroups } from './group-teams.ts';
import { anyCase } from './names.ts';
import { statedOf } from './placement.ts';
import { comparable, PROVIDER_COLUMNS, type Provider, type ProviderColumns } from './provider-columns.ts';
import { usersOnly } from './users-only.ts';

export interface ProviderFile {
  /** Named in errors only. */
  readonly file: string;
  readonly text: string;
}

export interface ProviderFiles {
  readonly feed: string;
  readonly provider: Provider;
  readonly users?: ProviderFile | undefined;
  /** Of one group with a team of its own, or with a column that names the group. */
  readonly members: readonly (ProviderFile & { readonly team?: string | undefined })[];
  /** Header of the column of users that names the team. */
  readonly teamColumn?: string | undefined;
  readonly groupTeams?: GroupTeams | undefined;
  readonly fromMs?: number | undefined;
}

interface Known {
  user: string;
  displayName?: string;
  readonly names: Set<string>;
  readonly memberships: Membership[];
}

/** Users by their names. */
class KnownUsers {
  readonly all: Known[] = [];
  readonly #byUser = new Map<string, Known>();
  readonly #byName = new Map<string, Set<Known>>();

  /** The user that is called by the first of these names, and has the others, too. */
  named(names: readonly string[]): Known | undefined {
    const [user] = names;
    if (user === undefined) return undefined;
    const one = this.#byUser.getOrInsertComputed(anyCase(user), () => ({ user, names: new Set(), memberships: [] }));
    if (one.names.size === 0) this.all.push(one);
    for (const name of names) {
      one.names.add(name);
      this.#byName.getOrInsertComputed(anyCase(name), () => new Set()).add(one);
    }
    return one;
  }

  /** The user who alone has one of these names, the first that says it; else one of these names. */
  member(names: readonly string[]): Known | undefined {
    for (const name of names) {
      const [one, ...others] = this.#byName.get(anyCase(name)) ?? [];
      if (one !== undefined && others.length === 0) return one;
    }
    return this.named(names);
  }
}

/** Throws `invalid` for a file without the columns that it needs. Rows without a user (groups, devices) are left out. */
export function factsOfProvider({ feed, provider, users, members, teamColumn, groupTeams, fromMs = ALWAYS.fromMs }: ProviderFiles): FeedFacts {
  const columns = PROVIDER_COLUMNS[provider];
  const span = { fromMs, toMs: ALWAYS.toMs };
  const known = new KnownUsers();
  const ofUsers = users === undefined ? [] : [new Table(users, columns)];
  const ofMembers = members.map((file) => ({ table: new Table(file, columns), ownTeam: file.team }));
  const namesIn = namesOf([...ofUsers, ...ofMembers.map(({ table }) => table)], columns);
  for (const table of ofUsers) for (const row of table.rows) addUser(known.named(namesIn(table, row)), table, row, { columns, teamColumn, span });
  const teamOfGroup = teamsOfGroups(groupTeams);
  for (const { table, ownTeam } of ofMembers) {
    if (ownTeam === undefined) table.need(columns.group, 'the name of the group');
    for (const row of table.rows) {
      const group = table.values(row, columns.group)[0];
      const team = ownTeam ?? (group === undefined ? undefined : teamOfGroup(group));
      if (team !== undefined) known.member(namesIn(table, row))?.memberships.push({ placement: { team }, ...span });
    }
  }
  return usersOnly(feed, known.all.map(userFacts));
}

/** Names of a row's user, what the user is called first: the address, and of one that several have in one file the login. Files may be of different days. */
function namesOf(tables: readonly Table[], columns: ProviderColumns): (table: Table, row: CsvRow) => readonly string[] {
  const namesIn = (table: Table, row: CsvRow): readonly string[] => table.values(row, [...columns.user, ...columns.names]);
  const loginOf = (table: Table, row: CsvRow): string | undefined => table.values(row, columns.login)[0];
  const shared = new Set<string>();
  for (const table of tables) {
    const logins = new Map<string, Set<string>>();
    for (const row of table.rows) {
      const login = loginOf(table, row);
      const [address] = namesIn(table, row);
      if (login === undefined || address === undefined) continue;
      for (const name of [address, login]) logins.getOrInsertComputed(anyCase(name), () => new Set()).add(anyCase(login));
    }
    for (const [name, own] of logins) if (own.size > 1) shared.add(name);
  }
  return (table, row) => {
    const names = namesIn(table, row);
    const login = loginOf(table, row);
    return login !== undefined && shared.has(anyCase(names[0] ?? '')) ? [login, ...names] : names;
  };
}

function addUser(
  user: Known | undefined,
  table: Table,
  row: CsvRow,
  { columns, teamColumn, span }: { columns: ProviderColumns; teamColumn: string | undefined; span: Span },
): void {
  if (teamColumn !== undefined) table.need([comparable(teamColumn)], `team_column, "${teamColumn}"`);
  if (user === undefined) return;
  const first = (of: readonly string[]): string | undefined => table.values(row, of)[0];
  const displayName = first(columns.displayName);
  if (displayName !== undefined) user.displayName ??= displayName;
  const placement = statedOf({
    team: teamColumn === undefined ? undefined : first([comparable(teamColumn)]),
    cost_center: first(columns.costCenter),
    department: first(columns.department),
  });
  if (Object.keys(placement).length > 0) user.memberships.push({ placement, ...span });
}

const userFacts = ({ user, displayName, names, memberships }: Known): UserFacts => ({
  ...{ user, displayName, memberships },
  aliases: [...names].filter((name) => anyCase(name) !== anyCase(user)).map((name) => ({ name, ...ALWAYS })),
});

class Table {
  readonly rows: readonly CsvRow[];
  readonly #file: string;
  readonly #places: ReadonlyMap<string, number>;

  constructor({ text, file }: ProviderFile, { user, names }: ProviderColumns) {
    // Templates of Entra begin with a line that says their version.
    const { columns, rows }: CsvTable = parseCsvTable(text.replace(/^\uFEFF?version:[^\n]*\n/i, ''), file);
    this.rows = rows;
    this.#file = file;
    this.#places = new Map(columns.map((column, index) => [comparable(column), index]));
    this.need([...user, ...names], 'the user');
  }

  /** Throws `invalid` where none of these columns is there. */
  need(columns: readonly string[], what: string): void {
    if (columns.some((column) => this.#places.has(column))) return;
    throw new LedgerlineError('invalid', `${this.#file} has no column for ${what}.`, {
      hint: `Its columns are ${[...this.#places.keys()].slice(0, 20).join(', ')}. docs/directory.md lists those that are read.`,
    });
  }

  /** Of these columns, in their order, what is not empty. */
  values({ cells }: CsvRow, columns: readonly string[]): readonly string[] {
    return columns.flatMap((column) => cells[this.#places.get(column) ?? -1] || []);
  }
}
