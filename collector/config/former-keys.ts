/** Keys of the configuration that were renamed: the former ones go on working. */
import { ENV_PREFIX } from '../catalog/names.ts';

/** Where the key was, '*' for every entry of a list, its name of today, and what its values are called today. */
interface FormerKey {
  readonly path: readonly string[];
  readonly now: string;
  readonly values?: Readonly<Record<string, string>>;
}

const FORMER_KEYS: readonly FormerKey[] = [
  { path: ['organisation'], now: 'organization' },
  { path: ['attribution', 'organisation_attributes'], now: 'organization_attributes' },
  { path: ['attribution', 'pseudonymise'], now: 'pseudonymize' },
  { path: ['attribution', 'token_wins'], now: 'claims', values: { true: 'token', false: 'client' } },
  { path: ['auth', 'tokens', '*', 'organisation'], now: 'organization' },
  { path: ['budgets', '*', 'scope', 'organisation'], now: 'organization' },
];

/** The configuration under the keys of today. Where both keys are given, the former one stays, to be refused as unknown. */
export const withCurrentKeys = (raw: Record<string, unknown>): Record<string, unknown> =>
  FORMER_KEYS.reduce((map, { path, ...today }) => renamed(map, path, today), raw);

/** An entry of `budgets:`, as one was stored or is given alone, under the keys of today. */
export const withCurrentScopeKeys = (budget: object): Record<string, unknown> =>
  renamed({ ...budget }, ['scope', 'organisation'], { now: 'organization' });

type Today = Omit<FormerKey, 'path'>;

function renamed(map: Record<string, unknown>, [key = '', ...rest]: readonly string[], today: Today): Record<string, unknown> {
  if (!Object.hasOwn(map, key)) return map;
  if (rest.length > 0) return { ...map, [key]: inside(map[key], rest, today) };
  if (Object.hasOwn(map, today.now)) return map;
  return Object.fromEntries(Object.entries(map).map(([name, value]) => (name === key ? [today.now, inTodaysWords(value, today)] : [name, value])));
}

/** A value that never was one stays, to be refused with its place. */
const inTodaysWords = (value: unknown, { values }: Today): unknown => values?.[String(value)] ?? value;

function inside(value: unknown, path: readonly string[], today: Today): unknown {
  if (path[0] === '*') return Array.isArray(value) ? value.map((item) => inside(item, path.slice(1), today)) : value;
  // Neither null nor a list, so a map, whose keys YAML and JSON make strings.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? renamed(value as Record<string, unknown>, path, today) : value;
}

const variableOf = (path: readonly string[]): string => ENV_PREFIX + path.join('_').toUpperCase();

/** The former names of the variable that sets a key. */
export const formerVariables = (path: readonly string[]): readonly string[] =>
  FORMER_KEYS.filter((former) => former.path.length === path.length && [...former.path.slice(0, -1), former.now].join() === path.join()).map(
    (former) => variableOf(former.path),
  );

/** What a variable says, in the words of today. */
export const withCurrentValue = (variable: string, text: string): string =>
  FORMER_KEYS.find(({ path }) => variableOf(path) === variable)?.values?.[text] ?? text;
