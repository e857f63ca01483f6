/**
 * Imported before all else, resolves modules that name each other by a file without a search: Node would look up five things on the disk for each of
 * them, a fifth of a start. All but relative names with their ending are resolved as ever, and so is what CommonJS asks for. Of the main thread alone:
 * a thread that is given flags refuses those of V8 that its process may have.
 */
import { registerHooks } from 'node:module';

const NAMES_A_FILE = /^\.\.?\/.*\.(?:ts|js|mjs)$/;

registerHooks({
  resolve(specifier, context, next) {
    if (!NAMES_A_FILE.test(specifier) || !context.conditions.includes('import')) return next(specifier, context);
    return { url: new URL(specifier, context.parentURL).href, shortCircuit: true };
  },
});
