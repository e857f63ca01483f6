/** Jest transformer: Node's own type stripping, which keeps lines and columns, so failures point at the source. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { pathToFileURL } from 'node:url';

// Without this file's own text in the key, an edit to it would be ignored by jest's cache.
const own = readFileSync(new URL(import.meta.url));

export default {
  process: (source, file) => ({ code: stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: pathToFileURL(file).href }) }),
  getCacheKey: (source, file) => createHash('sha256').update(own).update(process.version).update(file).update(source).digest('hex'),
};
