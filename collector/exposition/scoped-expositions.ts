/** GET /metrics for each scope of those who read it: what one of them may see is a text of its own, and no more are made at once than one. */
import { LRUCache } from 'lru-cache';
import type { ReadScope } from '../catalog/read-scope.ts';
import { createExposition, type ExpositionOptions, type HttpHandler } from './exposition.ts';

export interface ScopedExpositionsOptions {
  readonly ledgerText: (scope: ReadScope) => ExpositionOptions['ledgerText'];
  /** The collector's own series: for those who see everything. */
  readonly selfText: ExpositionOptions['selfText'];
  readonly scopeOf: (...request: Parameters<HttpHandler>) => ReadScope;
}

/** So many remember what their scrapes have in common; those of further scopes are read anew. */
const SCOPES_MAX = 20;

export function createScopedExpositions({ ledgerText, selfText, scopeOf }: ScopedExpositionsOptions): HttpHandler {
  const inTurn = createTurns();
  const whole = createExposition({ ledgerText: ledgerText('all'), selfText });
  const parts = new LRUCache<string, HttpHandler>({ max: SCOPES_MAX });
  const partOf = (scope: ReadScope): HttpHandler => {
    const key = JSON.stringify(scope);
    const known = parts.get(key);
    if (known !== undefined) return known;
    const text = ledgerText(scope);
    const made = createExposition({ ledgerText: () => inTurn(text), selfText: async () => '' });
    parts.set(key, made);
    return made;
  };
  return (request, response) => {
    const scope = scopeOf(request, response);
    (scope === 'all' ? whole : partOf(scope))(request, response);
  };
}

/** One after the other: the scrapes of many scopes take no more of the thread than one does. */
function createTurns() {
  let last: Promise<void> = Promise.resolve();
  return async function* inTurn(text: ExpositionOptions['ledgerText']): AsyncGenerator<string, void> {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    try {
      yield* text();
    } finally {
      resolve();
    }
  };
}
