/** Who belongs where, and since when: the operator's directory file. docs/attribution.md has an example. */

import { z } from 'zod';
import { DAY_MESSAGE, isDay, startOfDay } from '../../core/day.ts';
import { LedgerlineError } from '../../core/error.ts';
import { keyLines, readOperatorFile } from '../../core/yaml-file.ts';
import { repositoryPattern } from './repository-name.ts';

const name = z.string().trim().min(1).max(200);
const day = z.string().refine(isDay, DAY_MESSAGE);

const placement = { team: name.optional(), workspace: name.optional(), cost_center: name.optional(), department: name.optional() };

const membership = z.strictObject({ from: day.optional().describe('First UTC day of the entry. Default: since the beginning.'), ...placement });

/** One placement, or several with the day each begins. */
const memberships = z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(membership).min(1));

export const directorySchema = z.strictObject({
  people: z.record(name, memberships).default({}).describe('User (email, account, id) to team.'),
  repositories: z.record(name, memberships).default({}).describe('Repository to workspace and team; * matches any characters.'),
});

export const DIRECTORY_FILE = {
  what: 'directory',
  key: 'attribution.directory_file',
  page: 'docs/attribution.md',
  schema: directorySchema,
  refuse: (text: string, file: string): void => {
    refuseTwice('people', text, file);
    refuseTwice('repositories', text, file);
  },
} as const;

export type DirectoryFile = z.output<typeof directorySchema>;
type Membership = z.output<typeof membership>;

export type Placement = Omit<Membership, 'from'>;

export interface Directory {
  /** Where a person belongs at a time; undefined when nobody said. */
  person(user: string, timeMs: number): Placement | undefined;
  /** Where a repository belongs: the exact name first, then the longest pattern that matches, of those that have begun. */
  repository(repository: string, timeMs: number): Placement | undefined;
  /** Everybody and every placement that it has, at any time. */
  readonly names: { readonly people: readonly string[]; readonly placements: readonly Placement[] };
  /** The longest time around an instant in which no fact of the directory changes: fromMs inclusive, toMs exclusive. */
  steadyAround(timeMs: number): { readonly fromMs: number; readonly toMs: number };
}

interface Dated {
  readonly fromMs: number;
  readonly placement: Placement;
}

interface Rule {
  readonly pattern: RegExp;
  readonly weight: number;
  readonly dated: readonly Dated[];
}

/** Capitals tell neither people nor repositories apart. */
const anyCase = (key: string): string => key.trim().toLowerCase();

const EMPTY: DirectoryFile = { people: {}, repositories: {} };

export function createDirectory(file: DirectoryFile = EMPTY): Directory {
  const people = new Map(Object.entries(file.people).map(([user, list]) => [anyCase(user), toDated(list)]));
  const rules = Object.entries(file.repositories)
    .map(([pattern, list]) => toRule(repositoryPattern(pattern), list))
    .sort((left, right) => right.weight - left.weight);
  const changes = collectChanges([...people.values(), ...rules.map((rule) => rule.dated)]);
  return {
    person: (user, timeMs) => at(people.get(anyCase(user)), timeMs),
    repository: (repository, timeMs) => {
      const rule = rules.find(({ pattern, dated }) => at(dated, timeMs) !== undefined && pattern.test(repository));
      return at(rule?.dated, timeMs);
    },
    names: {
      people: Object.keys(file.people),
      placements: [...Object.values(file.people), ...Object.values(file.repositories)].flat(),
    },
    steadyAround: (timeMs) => ({
      fromMs: changes.findLast((change) => change <= timeMs) ?? Number.NEGATIVE_INFINITY,
      toMs: changes.find((change) => change > timeMs) ?? Number.POSITIVE_INFINITY,
    }),
  };
}

function toDated(list: readonly Membership[]): readonly Dated[] {
  return list
    .map(({ from, ...placement }) => ({ fromMs: from === undefined ? Number.NEGATIVE_INFINITY : startOfDay(from), placement }))
    .sort((left, right) => left.fromMs - right.fromMs || 0);
}

const at = (dated: readonly Dated[] | undefined, timeMs: number): Placement | undefined =>
  dated?.findLast((candidate) => candidate.fromMs <= timeMs)?.placement;

/** An exact name outweighs every pattern, a longer pattern a shorter one. */
function toRule(pattern: string, list: readonly Membership[]): Rule {
  const isExact = !pattern.includes('*');
  const source = pattern.split('*').map(escapePattern).join('.*');
  return { pattern: new RegExp(`^${source}$`, 'i'), weight: isExact ? Number.POSITIVE_INFINITY : pattern.length, dated: toDated(list) };
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function collectChanges(lists: readonly (readonly Dated[])[]): readonly number[] {
  const starts = lists.flat().map((dated) => dated.fromMs);
  return [...new Set(starts)].filter(Number.isFinite).sort((left, right) => left - right);
}

/** Throws `invalid` with the key, the value and the remedy. */
export const loadDirectory = (file: string | undefined): Directory =>
  createDirectory(file === undefined ? undefined : readOperatorFile(file, DIRECTORY_FILE));

/** Two spellings of one key are two answers to one question. */
function refuseTwice(section: keyof DirectoryFile, text: string, file: string): void {
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
