/** A directory file in YAML. docs/directory.md has an example of each section. */

import { z } from 'zod';
import { DAY_MESSAGE, isDay, startOfDay } from '../core/day.ts';
import { LedgerlineError } from '../core/error.ts';
import { keyLines } from '../core/yaml-file.ts';
import {
  ALWAYS,
  type Alias,
  type FeedFacts,
  type Membership,
  overlapOf,
  type RuleFacts,
  type Span,
  type TeamFacts,
  type UserFacts,
} from './facts.ts';
import { anyCase } from './names.ts';
import type { Placement } from './placement.ts';

const name = z.string().trim().min(1).max(200);
/** A day, or an instant: SCIM knows when something came. */
const day = z.string().refine((text) => isDay(text) || z.iso.datetime().safeParse(text).success, DAY_MESSAGE);
const instantOf = (text: string): number => (isDay(text) ? startOfDay(text) : Date.parse(text));

const dates = {
  from: day.optional().describe('First UTC day of the entry. Default: since the beginning.'),
  until: day.optional().describe('The UTC day on which it no longer holds. Default: without end.'),
};
const placement = { team: name.optional(), workspace: name.optional(), cost_center: name.optional(), department: name.optional() };

const membership = z.strictObject({ ...dates, ...placement });

/** One, or several with the day each begins. */
const listOf = <Entry extends z.ZodType>(entry: Entry) => z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(entry).min(1));

const memberships = listOf(membership);
const section = z.record(name, memberships).default({});

const alias = z.preprocess((value) => (typeof value === 'string' ? { name: value } : value), z.strictObject({ name, ...dates }));

const user = z.strictObject({
  name: name.optional().describe('What people call the user.'),
  aliases: z.array(alias).default([]).describe('Other names of the same user: addresses, account ids, ids at a gateway, principals of a cloud.'),
  memberships: listOf(membership).optional().describe('Several may hold at a time.'),
});

const teamEntry = z.strictObject({ ...dates, parent: name.optional(), cost_center: name.optional(), department: name.optional() });

export const directorySchema = z.strictObject({
  people: section.describe('User (email, account, id) to team. Each entry ends where the next begins.'),
  users: z.record(name, user).default({}).describe('Users with their aliases and memberships.'),
  teams: z.record(name, listOf(teamEntry)).default({}).describe('Team to its parent, cost center and department.'),
  repositories: section.describe('Repository to workspace and team; * matches any characters.'),
  workspaces: section.describe('Workspace to cost center and team; * matches any characters.'),
  tokens: section.describe('Name of a token to team; * matches any characters.'),
  domains: section.describe('Domain of an address to team; * matches any characters.'),
});

export type DirectoryFile = z.output<typeof directorySchema>;
type Section = keyof DirectoryFile;
type Dates = { readonly from?: string | undefined; readonly until?: string | undefined };

const SECTIONS: readonly Section[] = ['people', 'users', 'teams', 'repositories', 'workspaces', 'tokens', 'domains'];

export const DIRECTORY_FILE = {
  what: 'directory',
  key: 'attribution.directory_file',
  page: 'docs/directory.md',
  schema: directorySchema,
  refuse: (text: string, file: string, data: z.input<typeof directorySchema>): void => {
    for (const one of SECTIONS) if (hasTwice(Object.keys(data[one] ?? {}))) refuseTwice(one, text, file);
  },
} as const;

/** Throws `invalid` for two answers to one question. */
export function factsOfFile(feed: string, file: DirectoryFile): FeedFacts {
  const users = [
    ...Object.entries(file.people).map(([user, list]): UserFacts => ({ user, aliases: [], memberships: following(list) })),
    ...Object.entries(file.users).map(
      ([user, { name: displayName, aliases, memberships: list = [] }]): UserFacts => ({
        ...{ user, displayName },
        aliases: aliases.map(({ name: alias, ...dated }): Alias => ({ name: alias, ...spanOf(dated) })),
        memberships: list.map(({ from, until, ...placed }) => ({ ...spanOf({ from, until }), placement: placed })),
      }),
    ),
  ];
  refuseTwoUsers(feed, users);
  return {
    ...{ feed, users, teams: Object.entries(file.teams).map(([team, list]) => teamOf(team, list)) },
    ...{ repositories: rulesOf(file.repositories), workspaces: rulesOf(file.workspaces) },
    ...{ tokens: rulesOf(file.tokens), domains: rulesOf(file.domains) },
  };
}

const rulesOf = (entries: DirectoryFile['repositories']): readonly RuleFacts[] =>
  Object.entries(entries).map(([pattern, list]) => ({ pattern, memberships: following(list) }));

const teamOf = (team: string, list: DirectoryFile['teams'][string]): TeamFacts => ({
  team,
  entries: inTurn(list).map(({ value: { from: _, until: __, ...said }, ...span }) => ({ ...said, ...span })),
});

const following = (list: readonly (Dates & Placement)[]): readonly Membership[] =>
  inTurn(list).map(({ value: { from: _, until: __, ...placed }, ...span }) => ({ ...span, placement: placed }));

/** Each ends where the next begins, or before. */
function inTurn<Entry extends Dates>(list: readonly Entry[]): readonly (Span & { readonly value: Entry })[] {
  const dated = list.map((value) => ({ ...spanOf(value), value })).sort((left, right) => left.fromMs - right.fromMs || 0);
  return dated.map((entry, index) => ({ ...entry, toMs: Math.min(entry.toMs, dated[index + 1]?.fromMs ?? entry.toMs) }));
}

const spanOf = ({ from, until }: Dates): Span => ({
  fromMs: from === undefined ? ALWAYS.fromMs : instantOf(from),
  toMs: until === undefined ? ALWAYS.toMs : instantOf(until),
});

/** A name stands for one user at a time. */
function refuseTwoUsers(feed: string, users: readonly UserFacts[]): void {
  const owners = new Map<string, { readonly user: string; readonly span: Span }[]>();
  const claim = (known: string, of: string, span: Span): void => {
    const others = owners.getOrInsertComputed(anyCase(known), () => []);
    const other = others.find((one) => overlapOf(one.span, span) !== undefined && one.user !== of);
    if (other !== undefined) {
      throw new LedgerlineError('invalid', `${feed}: the name "${known}" stands for ${other.user} and for ${of} at the same time.`, {
        hint: 'Name it under one of them, or date the alias with from and until.',
      });
    }
    others.push({ user: of, span });
  };
  const seen = new Set<string>();
  const twice = users.find(({ user }) => seen.size === seen.add(anyCase(user)).size);
  if (twice !== undefined) {
    throw new LedgerlineError('invalid', `${feed}: ${twice.user} is under people and under users.`, { hint: 'Put both into one entry under users.' });
  }
  for (const { user } of users) claim(user, user, ALWAYS);
  for (const { user, aliases } of users)
    for (const { name: known, ...span } of aliases) if (anyCase(known) !== anyCase(user)) claim(known, user, span);
}

const hasTwice = (keys: readonly string[]): boolean => new Set(keys.map(anyCase)).size < keys.length;

/** Two spellings of one key are two answers to one question. Their lines need the text read again: of a large directory, seconds. */
function refuseTwice(section: Section, text: string, file: string): void {
  const seen = new Map<string, { readonly key: string; readonly line: number }>();
  for (const [key, line] of keyLines(text, [section])) {
    const first = seen.get(anyCase(key));
    if (first !== undefined) {
      throw new LedgerlineError('invalid', `${file} has ${section}.${first.key} (line ${first.line}) again as ${key} (line ${line}).`, {
        hint: 'Capitals make no difference here: put both into one entry, as a list with the day each begins.',
      });
    }
    seen.set(anyCase(key), { key, line });
  }
}
