/** Jest transformer: Node's own type stripping, which keeps lines and columns, so failures point at the source. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { pathToFileURL } from 'node:url';

// Without this file's own text in the key, an edit to it would be ignored by jest's cache.
const own = readFileSync(new URL(import.meta.url));

/**
 * In a context of its own, where Jest runs each test file, looking up a global costs a hundred times what it costs elsewhere. A module's own
 * name for one costs nothing. Not those that tests replace: Date, timers, fetch, process.
 */
const GLOBALS = ['Math', 'Number', 'String', 'BigInt', 'Object', 'Array', 'JSON', 'Map', 'Set', 'Buffer'];
const named = (source) => {
  const names = GLOBALS.filter((name) => new RegExp(`\\b${name}\\b`).test(source));
  return names.length === 0 ? '' : `const { ${names.join(', ')} } = globalThis;`;
};

export default {
  process: (source, file) => ({ code: named(source) + stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: pathToFileURL(file).href }) }),
  getCacheKey: (source, file) => createHash('sha256').update(own).update(process.version).update(file).update(source).digest('hex'),
};
