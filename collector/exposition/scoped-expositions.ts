/**
 * GET /metrics for each scope of those who read it: what one of them may see is a text of its own, and no more are made at once than one. Where
 * replicas share a ledger, its series are the same wherever they are asked for, so they have a path of their own, and those of each replica, too.
 */
import { LRUCache } from 'lru-cache';
import { ROUTES } from '../catalog/names.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import { createExposition, type ExpositionOptions, type HttpHandler } from './exposition.ts';

export interface ScopedExpositionsOptions {
  readonly ledgerText: (scope: ReadScope) => ExpositionOptions['ledgerText'];
  /** The collector's own series: for those who see everything. */
  readonly selfText: ExpositionOptions['selfText'];
  readonly scopeOf: (...request: Parameters<HttpHandler>) => ReadScope;
  /** Is this the one among all replicas that shows the ledger's series beside its own? */
  readonly showsLedger: () => boolean;
}

/** Of a replica that does not read the ledger. */
export const createOwnExposition = (selfText: ExpositionOptions['selfText']): HttpHandler => createExposition({ ledgerText: nothing, selfText });

async function* nothing(): AsyncGenerator<string, void> {}

/** So many remember what their scrapes have in common; those of further scopes are read anew. */
const SCOPES_MAX = 20;

export function createScopedExpositions({ ledgerText, selfText, scopeOf, showsLedger }: ScopedExpositionsOptions): HttpHandler {
  const inTurn = createTurns();
  const text = ledgerText('all');
  const silent = async (): Promise<string> => '';
  const whole = createExposition({ ledgerText: text, selfText });
  const ledgerAlone = createExposition({ ledgerText: text, selfText: silent });
  const selfAlone = createOwnExposition(selfText);
  const empty = createOwnExposition(silent);
  const parts = new LRUCache<string, HttpHandler>({ max: SCOPES_MAX });
  const partOf = (scope: ReadScope): HttpHandler => {
    const key = JSON.stringify(scope);
    const known = parts.get(key);
    if (known !== undefined) return known;
    const part = ledgerText(scope);
    const made = createExposition({ ledgerText: () => inTurn(part), selfText: silent });
    parts.set(key, made);
    return made;
  };
  const handlerOf = (path: string, scope: ReadScope): HttpHandler => {
    const hasLedger = path === ROUTES.ledgerSeries || (path !== ROUTES.replicaSeries && showsLedger());
    if (scope !== 'all') return hasLedger ? partOf(scope) : empty;
    if (path === ROUTES.ledgerSeries) return ledgerAlone;
    return hasLedger ? whole : selfAlone;
  };
  return (request, response) => handlerOf(request.url?.split('?', 1)[0] ?? '', scopeOf(request, response))(request, response);
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
