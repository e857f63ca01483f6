/**
 * Imported before all else, resolves modules that name each other by a file without a search: Node would look up five things on the disk for each of
 * them, a fifth of a start. All but relative names with their ending are resolved as ever, and so is what CommonJS asks for. It holds for one thread
 * (worker-entry.mjs).
 *
 * Zod hands on its messages in fifty languages, a module each; English, the only one that is used, it imports by itself.
 */
import { registerHooks } from 'node:module';

const NAMES_A_FILE = /^\.\.?\/.*\.(?:ts|js|mjs)$/;
const ALL_LANGUAGES = '../locales/index.js';
const NONE = { url: 'data:text/javascript,', shortCircuit: true };

registerHooks({
  resolve(specifier, context, next) {
    if (!NAMES_A_FILE.test(specifier) || !context.conditions.includes('import')) return next(specifier, context);
    if (specifier === ALL_LANGUAGES && context.parentURL?.includes('/node_modules/zod/')) return NONE;
    const { href } = new URL(specifier, context.parentURL);
    // Without a format Node asks for a package.json in each folder above.
    return { url: href, format: href.endsWith('.ts') ? 'module-typescript' : undefined, shortCircuit: true };
  },
});
