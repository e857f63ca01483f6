/** Who may be meant, found by a name: providers ask for one name after the other, and reading everybody for each takes a day for a large directory. */
import type { FactName, ScimKind, ScimResource, ScimResources } from '../../directory/store.ts';
import { factValue } from './facts-of.ts';

/** As scimmy reads it: any of these holds, and of each every attribute. */
export interface Filter extends ReadonlyArray<Readonly<Record<string, unknown>>> {
  match(values: object[]): object[];
}

/** Attributes that are facts, in small letters. */
const FACTS: Readonly<Record<ScimKind, Readonly<Record<string, FactName>>>> = {
  User: { username: 'login', externalid: 'name' },
  Group: { displayname: 'title' },
};

/** Stores know capitals of ASCII only. */
const IS_ASCII = /^[\x20-\x7e]+$/;

/** Ids among which all are that match; undefined where everybody may. */
export async function soughtBy(filter: Filter, kind: ScimKind, store: ScimResources): Promise<readonly string[] | undefined> {
  const [only, ...others] = filter;
  if (only === undefined || others.length > 0) return undefined;
  for (const [attribute, expression] of Object.entries(only)) {
    const fact = FACTS[kind][attribute.toLowerCase()];
    const value = equalTo(expression);
    if (fact !== undefined && value !== '') return store.idsWith(kind, { fact, value });
  }
  return undefined;
}

/** What an attribute has to be; empty where it may be something else. */
function equalTo(expression: unknown): string {
  if (!Array.isArray(expression) || expression.length !== 2) return '';
  const [comparator, value]: readonly unknown[] = expression;
  return String(comparator).toLowerCase() === 'eq' && typeof value === 'string' ? factValue(value) : '';
}

/** All that are called so, in any capitals, and maybe others. */
export async function mayBeCalled(kind: ScimKind, name: string, store: ScimResources): Promise<readonly ScimResource[]> {
  const value = factValue(name);
  if (!IS_ASCII.test(value)) return store.resources(kind);
  return resourcesOf(kind, await store.idsWith(kind, { fact: kind === 'User' ? 'login' : 'title', value }), store);
}

export async function resourcesOf(kind: ScimKind, ids: readonly string[], store: ScimResources): Promise<readonly ScimResource[]> {
  const found: ScimResource[] = [];
  for (const id of ids) {
    const resource = await store.resource(kind, id);
    if (resource !== undefined) found.push(resource);
  }
  return found;
}
