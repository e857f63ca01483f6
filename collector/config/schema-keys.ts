/** Every key of the configuration, as the schema has it: its path, its environment variable, what it may hold. */
import { z } from 'zod';
import { ENV_PREFIX } from '../catalog/names.ts';
import { configSchema } from './config.ts';

export type KeyPath = readonly (string | number)[];

/** The part of JSON Schema that the configuration uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly propertyNames?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly required?: readonly string[];
  /** One of several shapes: a word, or a map. */
  readonly anyOf?: readonly SchemaNode[];
  /** One of several maps, told apart by a key that is a word of its own in each. */
  readonly oneOf?: readonly SchemaNode[];
}

let made: SchemaNode | undefined;

/** The JSON Schema of ledgerline.yaml, for editors. Made once: it takes longer than the reading of most files. */
export function configJsonSchema(): SchemaNode {
  // z.toJSONSchema types its result as any JSON Schema; ours uses only what SchemaNode names.
  made ??= { ...(z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode), ...{ title: 'Ledgerline configuration (ledgerline.yaml)' } };
  return made;
}

/** The schema of the value at a path; undefined where the configuration has no such key. */
export function schemaAt(path: KeyPath, root: SchemaNode = configJsonSchema()): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    const found: readonly SchemaNode[] = shapesOf(node).flatMap((shape) => inside(shape, step) ?? []);
    node = oneWordOf(found) ?? found[0];
  }
  return node;
}

/** What maps are told apart by: one of the words that each has for itself. Undefined where it is something else. */
export function oneWordOf(nodes: readonly SchemaNode[]): SchemaNode | undefined {
  const words = nodes.flatMap((node) => node.const ?? []);
  return words.length > 0 && words.length === nodes.length ? { type: 'string', enum: words } : undefined;
}

/** The shapes a value may have: one, unless the schema gives a choice. */
export const shapesOf = (node: SchemaNode): readonly SchemaNode[] => node.anyOf ?? node.oneOf ?? [node];

/** Of several maps told apart by a word, the one of this value; the node itself where there is no such choice. */
export function chosenShape(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  if (node?.oneOf === undefined || typeof value !== 'object' || value === null) return node;
  const given = new Map<string, unknown>(Object.entries(value));
  const isMeant = ({ properties = {} }: SchemaNode): boolean =>
    Object.entries(properties).every(([key, inner]) => inner.const === undefined || inner.const === given.get(key));
  return node.oneOf.find(isMeant) ?? node;
}

function inside(node: SchemaNode, step: string | number): SchemaNode | undefined {
  if (typeof step === 'number') return node.items;
  return node.properties?.[step] ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined);
}

/** Keys that a map may have. Empty when any key goes. */
export const knownKeys = (node: SchemaNode | undefined): readonly string[] =>
  node === undefined
    ? []
    : shapesOf(node).flatMap((shape) => (shape.properties !== undefined ? Object.keys(shape.properties) : (shape.propertyNames?.enum ?? [])));

export interface EnvironmentKey {
  readonly variable: string;
  readonly path: readonly string[];
  readonly schema: SchemaNode;
}

/** Every key that a variable can set: each scalar, and each list or map as JSON. */
export function environmentKeys(node: SchemaNode = configJsonSchema(), path: readonly string[] = []): EnvironmentKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, schema]) => {
    const at = [...path, key];
    return [{ variable: ENV_PREFIX + at.join('_').toUpperCase(), path: at, schema }, ...environmentKeys(schema, at)];
  });
}

/** `["budgets", 0, "period"]` as people write it: `budgets[0].period`. */
export const showPath = (path: KeyPath): string =>
  path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '');

/** What a value must be, in words: "a whole number from 0 to 65535". */
export function expectation(node: SchemaNode | undefined): string {
  if (node === undefined) return 'something else';
  if (node.anyOf !== undefined) return node.anyOf.map(expectation).join(', or ');
  if (node.oneOf !== undefined) return 'a map of keys and values';
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`;
  switch (node.type) {
    case 'integer':
    case 'number':
      return `a ${node.type === 'integer' ? 'whole number' : 'number'}${range(node)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list of ${node.items !== undefined && shapesOf(node.items)[0]?.type === 'object' ? 'maps' : 'texts'}`;
    case 'object':
      return node.required === undefined || node.properties === undefined ? 'a map of keys and values' : `a map of ${node.required.join(' and ')}`;
    default:
      return 'text';
  }
}

function range(node: SchemaNode): string {
  const lowest = node.exclusiveMinimum !== undefined ? `above ${node.exclusiveMinimum}` : undefined;
  // JSON Schema bounds every integer by the largest safe one, which says nothing to a reader.
  const maximum = node.maximum === Number.MAX_SAFE_INTEGER ? undefined : node.maximum;
  if (node.minimum !== undefined && maximum !== undefined) return ` from ${node.minimum} to ${maximum}`;
  if (node.minimum !== undefined) return ` of at least ${node.minimum}`;
  if (lowest !== undefined && maximum !== undefined) return ` ${lowest} and at most ${maximum}`;
  return lowest === undefined ? '' : ` ${lowest}`;
}

const SECRET =
  /^(.*[_-])?(sha256|token|password|passphrase|secret|authorization|credentials?|(api|access|private|routing|signing|integration)[_-]?key)$/i;

/** Is the value under this key one that must never be printed? File names are not: they only say where a secret is. */
export const isSecret = (key: string | number | undefined): boolean => typeof key === 'string' && SECRET.test(key);

/** May a value of this shape, or one inside of it, be a secret? */
export const mayHoldSecret = (node: SchemaNode): boolean =>
  shapesOf(node).some(
    ({ properties = {}, items }) =>
      Object.entries(properties).some(([key, inner]) => isSecret(key) || mayHoldSecret(inner)) || (items !== undefined && mayHoldSecret(items)),
  );
