/** Which address shows what. Boards are at /boards/{id}; the overview is the front page. */
import { type Filter, narrowTo, type Selection, toSearch } from './state.ts';

export type Place =
  | { readonly kind: 'board'; readonly id: string }
  | { readonly kind: 'sessions' }
  | { readonly kind: 'session'; readonly id: string };

const FRONT = 'overview';

export function placeOf(path: string): Place {
  const [, first, second] = path.split('/');
  const id = second === undefined || second === '' ? undefined : decodeURIComponent(second);
  if (first === 'sessions') return id === undefined ? { kind: 'sessions' } : { kind: 'session', id };
  return { kind: 'board', id: first === 'boards' && id !== undefined ? id : FRONT };
}

/** Does this page answer the address itself? What it does not is the server's, and loaded from there. */
export const isOurs = (path: string): boolean => /^\/(?:$|boards\/|sessions(?:\/|$))/.test(path);

export const boardPath = (id: string): string => (id === FRONT ? '/' : `/boards/${encodeURIComponent(id)}`);

/** A board with the reader's selection; with filters, narrowed to them. */
export const boardAddress = (id: string, selection: Selection, filters: readonly Filter[] = []): string =>
  `${boardPath(id)}${toSearch(narrowTo(selection, filters))}`;

export const sessionAddress = (id: string, selection: Selection): string => `/sessions/${encodeURIComponent(id)}${toSearch(selection)}`;
