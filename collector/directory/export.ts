/** The directory as it answers, as one file: what several feeds say, with who decides in each case settled. */
import { stringify } from 'yaml';
import type { Directory } from './directory.ts';
import { ALWAYS, type Alias, type FeedFacts, holdsAt, type RuleFacts, type Span, type UserFacts } from './facts.ts';
import { anyCase } from './names.ts';
import { RULE_NAMES } from './rules.ts';
import type { TeamTree } from './team-tree.ts';
import { timeline } from './timeline.ts';

/** YAML that attribution.directory_file takes. Users are those of now: a file has no user that becomes another's alias at a date. */
export function exportDirectory(directory: Directory, nowMs: number): string {
  const { feeds, teams } = directory;
  const sections = {
    users: usersOf(directory, nowMs),
    teams: merged(feeds.flatMap((facts) => facts.teams.map(({ team, entries }) => [team, entries] as const))).map(
      ([team, entries]) => [team, teamEntries(team, entries.flat(), teams)] as const,
    ),
    ...Object.fromEntries(RULE_NAMES.map((name) => [name, rulesOf(feeds.flatMap((facts) => facts[name]))])),
  };
  const written = Object.entries(sections).filter(([, section]) => section.length > 0);
  return stringify(Object.fromEntries(written.map(([name, section]) => [name, Object.fromEntries(section)])));
}

/** By key in any capitals, as the first spells it, what all say of it: the first feed first. */
function merged<Said>(said: readonly (readonly [string, Said])[]): readonly (readonly [string, readonly Said[]])[] {
  const byKey = Map.groupBy(said, ([key]) => anyCase(key));
  return [...byKey.values()].flatMap((same) => same.slice(0, 1).map(([key]) => [key, same.map(([, one]) => one)] as const));
}

type Section = readonly (readonly [string, object])[];

function teamEntries(team: string, entries: readonly Span[], teams: TeamTree): readonly object[] {
  const said = timeline(entries, (timeMs) => {
    const entry = teams.entry(team, timeMs);
    return Object.keys(entry).length === 0 ? undefined : entry;
  });
  return said.length === 0 ? [{}] : said.map(dated);
}

/** Of several feeds the first that has an entry at the time. */
const rulesOf = (rules: readonly RuleFacts[]): Section =>
  merged(rules.map(({ pattern, memberships }) => [pattern, memberships] as const)).flatMap(([pattern, several]) => {
    const memberships = several.flat();
    const entries = timeline(memberships, (timeMs) => memberships.find((one) => holdsAt(one, timeMs))?.placement);
    return entries.length === 0 ? [] : [[pattern, entries.map(dated)] as const];
  });

function usersOf(directory: Directory, nowMs: number): Section {
  const aliases = new Map<string, { readonly user: string; readonly aliases: Alias[] }>();
  for (const { user } of directory.feeds.flatMap(({ users }) => users)) {
    const canonical = directory.canonical(user, nowMs);
    aliases.getOrInsertComputed(anyCase(canonical), () => ({ user: canonical, aliases: [] }));
  }
  for (const [key, name] of namesIn(directory.feeds)) {
    if (aliases.has(key)) continue;
    for (const { user, ...span } of directory.nameSpans(name)) aliases.get(anyCase(user))?.aliases.push({ ...span, name });
  }
  const facts = Map.groupBy(
    directory.feeds.flatMap(({ users }) => users),
    ({ user }) => anyCase(user),
  );
  const factsOf = (name: string): readonly UserFacts[] => facts.get(anyCase(name)) ?? [];
  return [...aliases.values()].map((one) => {
    const known = [one.user, ...one.aliases.map(({ name }) => name)].flatMap(factsOf);
    return [one.user, userEntry(one.user, one.aliases, known, directory, nowMs)];
  });
}

/** Every name of the feeds, as the first spells it. */
function namesIn(feeds: readonly FeedFacts[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { users } of feeds)
    for (const { user, aliases } of users)
      for (const name of [user, ...aliases.map((alias) => alias.name)]) names.getOrInsertComputed(anyCase(name), () => name);
  return names;
}

function userEntry(user: string, aliases: readonly Alias[], known: readonly UserFacts[], directory: Directory, nowMs: number): object {
  const name = directory.placed(user, nowMs)?.feeds.find(({ displayName }) => displayName !== undefined)?.displayName;
  const own = known.flatMap(({ memberships }) => memberships);
  const teams = new Set(own.flatMap(({ placement }) => placement.team ?? []));
  // Which of several owns depends on where they lie in the tree.
  const above = teams.size < 2 ? [] : [...teams].flatMap((team) => directory.teams.changes(team));
  const memberships = timeline([...own, ...aliases, ...above], (timeMs) => directory.person(user, timeMs)).map(dated);
  return {
    ...(name !== undefined && { name }),
    ...(aliases.length > 0 && { aliases: aliases.map(({ name: alias, ...span }) => (isAlways(span) ? alias : { name: alias, ...dates(span) })) }),
    ...(memberships.length > 0 && { memberships }),
  };
}

const isAlways = ({ fromMs, toMs }: Span): boolean => fromMs === ALWAYS.fromMs && toMs === ALWAYS.toMs;

const dated = ({ value, ...span }: Span & { readonly value: object }): object => ({ ...dates(span), ...value });

const dates = ({ fromMs, toMs }: Span): object => ({
  ...(Number.isFinite(fromMs) && { from: instant(fromMs) }),
  ...(Number.isFinite(toMs) && { until: instant(toMs) }),
});

/** A day where it begins one. */
const instant = (ms: number): string => new Date(ms).toISOString().replace(/T00:00:00\.000Z$/, '');
