/** Keys of the configuration that were renamed: the former ones go on working. */
import { ENV_PREFIX } from '../catalog/names.ts';

/** Where the key was, '*' for every entry of a list, and its name of today. */
const FORMER_KEYS: readonly { readonly path: readonly string[]; readonly now: string }[] = [
  { path: ['organisation'], now: 'organization' },
  { path: ['attribution', 'organisation_attributes'], now: 'organization_attributes' },
  { path: ['attribution', 'pseudonymise'], now: 'pseudonymize' },
  { path: ['auth', 'tokens', '*', 'organisation'], now: 'organization' },
  { path: ['budgets', '*', 'scope', 'organisation'], now: 'organization' },
];

/** The configuration under the keys of today. Where both keys are given, the former one stays, to be refused as unknown. */
export const withCurrentKeys = (raw: Record<string, unknown>): Record<string, unknown> =>
  FORMER_KEYS.reduce((map, { path, now }) => renamed(map, path, now), raw);

/** An entry of `budgets:`, as one was stored or is given alone, under the keys of today. */
export const withCurrentScopeKeys = (budget: object): Record<string, unknown> => renamed({ ...budget }, ['scope', 'organisation'], 'organization');

function renamed(map: Record<string, unknown>, [key = '', ...rest]: readonly string[], now: string): Record<string, unknown> {
  if (!Object.hasOwn(map, key)) return map;
  if (rest.length === 0)
    return Object.hasOwn(map, now) ? map : Object.fromEntries(Object.entries(map).map(([name, value]) => [name === key ? now : name, value]));
  return { ...map, [key]: inside(map[key], rest, now) };
}

function inside(value: unknown, path: readonly string[], now: string): unknown {
  if (path[0] === '*') return Array.isArray(value) ? value.map((item) => inside(item, path.slice(1), now)) : value;
  // Neither null nor a list, so a map, whose keys YAML and JSON make strings.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? renamed(value as Record<string, unknown>, path, now) : value;
}

/** The former names of the variable that sets a key. */
export const formerVariables = (path: readonly string[]): readonly string[] =>
  FORMER_KEYS.filter((former) => former.path.length === path.length && [...former.path.slice(0, -1), former.now].join() === path.join()).map(
    (former) => ENV_PREFIX + former.path.join('_').toUpperCase(),
  );
