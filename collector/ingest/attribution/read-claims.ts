/** Reads single names out of what a client claims. */
import type { Attributes, Claims } from './claims.ts';

const VALUE_CHARACTERS_MAX = 200;

/** The first of these attributes that has a value. */
export function readFirst(claims: Claims, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = read(claims, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The record wins over its resource. */
export const read = (claims: Claims, name: string): string | undefined => readIn(claims.record, name) ?? readIn(claims.resource, name);

/** The first of these attributes that has a value in the resource, whatever the record says. */
export function readOfResource({ resource }: Claims, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = readIn(resource, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function readIn(attributes: Attributes, name: string): string | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  const text = decode(String(value)).trim();
  return text === '' ? undefined : text.slice(0, VALUE_CHARACTERS_MAX);
}

/** OTEL_RESOURCE_ATTRIBUTES are percent-encoded, and some senders pass them on as they are. What is not decodable stays. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
