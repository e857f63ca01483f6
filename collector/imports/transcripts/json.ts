/** Reading parsed JSON of an unknown shape. */

/** What stands there; undefined where nothing does. */
export function dig(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = Reflect.get(at, name);
  }
  return at;
}

/** Undefined for what is no text, or an empty one. */
export function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  const found = dig(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Undefined for what is no number above zero. */
export function numberIn(value: unknown, ...path: readonly string[]): number | undefined {
  const found = dig(value, ...path);
  return typeof found === 'number' && found > 0 && Number.isFinite(found) ? found : undefined;
}
