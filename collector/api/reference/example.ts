/** What an answer looks like, made from its schema: the examples that it names, else the plainest value of each type. */
import { type ApiDocument, type Schema, shown } from './document.ts';

/** Deeper ones are left out. */
const DEPTH_MAX = 7;

const OF_FORMAT: Readonly<Record<string, string>> = { 'date-time': '2026-11-20T10:15:00.000Z', date: '2026-11-20' };

export function exampleOf(given: Schema, document: ApiDocument, depth = 0): unknown {
  const schema = shown(given, document);
  const { examples, default: usual, enum: allowed, type } = schema;
  if (examples?.[0] !== undefined) return examples[0];
  if (usual !== undefined) return usual;
  if (schema.const !== undefined) return schema.const;
  if (allowed?.[0] !== undefined) return allowed[0];
  if (type === 'object') return objectOf(schema, document, depth);
  if (type === 'array') return listOf(schema, document, depth);
  if (type === 'string') return OF_FORMAT[schema.format ?? ''] ?? '…';
  if (type === 'number' || type === 'integer') return 0;
  return type === 'boolean' ? false : null;
}

function objectOf({ properties = {}, additionalProperties }: Schema, document: ApiDocument, depth: number): object {
  if (depth > DEPTH_MAX) return {};
  const fields = Object.entries(properties).map(([name, field]) => [name, exampleOf(field, document, depth + 1)] as const);
  const others = typeof additionalProperties === 'object' ? [['…', exampleOf(additionalProperties, document, depth + 1)] as const] : [];
  return Object.fromEntries([...fields, ...others]);
}

function listOf({ items, prefixItems }: Schema, document: ApiDocument, depth: number): unknown[] {
  if (prefixItems !== undefined) return prefixItems.map((item) => exampleOf(item, document, depth + 1));
  return items === undefined || depth > DEPTH_MAX ? [] : [exampleOf(items, document, depth + 1)];
}
