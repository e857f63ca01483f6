/** Links of a panel that keeps its own time lead on with that time: the figure that was followed stands first on what opens. */
import type { Panel, Window } from '../../collector/catalog/panel.ts';
import { type Selection, withTimeRange } from './state.ts';

/** In the words of the API; what is not here follows the reader, or has no rows that lead anywhere. */
const RANGES: Readonly<Partial<Record<Window, Selection['timeRange']>>> = {
  today: { period: 'today' },
  this_week: { period: 'this_week' },
  this_month: {},
  last_month: { period: 'last_month' },
};

/** The reader's selection, over the panel's own time where it has one. */
export function selectionOf({ query }: Panel, selection: Selection): Selection {
  const window = query.source === 'self' ? undefined : query.window;
  const own = window === undefined ? undefined : RANGES[window];
  return own === undefined ? selection : withTimeRange(selection, own);
}
