/** Where a row, a bar or a line leads: to a session, to the board that it opens, or to this board narrowed by it. */
import type { RowFilter } from '../../collector/query/boards/panel-data.ts';
import { wordsOf } from './format.ts';
import { boardAddress, sessionAddress } from './place.ts';
import { hasFilter, type Selection, toSearch } from './state.ts';

export interface RowContext {
  /** The board that is shown. */
  readonly board: string;
  readonly selection: Selection;
}

export interface RowTarget {
  readonly filters: readonly RowFilter[];
  readonly session?: string;
  readonly unbooked?: true;
  readonly opens?: string;
}

export interface RowLink {
  readonly href: string;
  /** Is this board narrowed to the row already? The link then widens it again. */
  readonly isChosen: boolean;
  readonly hint: string;
}

export function linkOf({ filters, session, unbooked, opens }: RowTarget, { board, selection }: RowContext): RowLink | undefined {
  if (session !== undefined) return { href: sessionAddress(session, selection), isChosen: false, hint: 'Opens this session' };
  if (filters.length === 0 || unbooked === true) return undefined;
  const what = filters.map(({ dimension }) => wordsOf(dimension)).join(' and ');
  if (opens !== undefined && opens !== board)
    return { href: boardAddress(opens, selection, filters), isChosen: false, hint: `Opens the board ${opens} for this ${what}` };
  if (!filters.every((filter) => hasFilter(selection, filter)))
    return { href: boardAddress(board, selection, filters), isChosen: false, hint: `Shows only this ${what}` };
  const where = selection.where.filter((known) => !filters.some(({ dimension }) => dimension === known.dimension));
  return { href: `${location.pathname}${toSearch({ ...selection, where })}`, isChosen: true, hint: `Shows every ${what} again` };
}
