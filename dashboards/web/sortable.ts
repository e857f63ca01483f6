/** A table that is not a panel: it sorts in place, and stays as the reader sorted it as long as its view does. */
import type { TableData } from '../../collector/query/boards/panel-data.ts';
import type { ViewState } from './card.ts';
import { keepingFocus } from './focus.ts';
import { renderTable, type Sorting, type TableOptions } from './table.ts';

export interface SortableOptions extends Omit<TableOptions, 'sorting' | 'onSort'> {
  readonly view: ViewState;
  /** Until the reader sorts it. Default: the order of the answer. */
  readonly first?: Sorting;
}

/** Fills the frame, and gives it back. */
export function sortableIn(frame: HTMLElement, data: TableData, { view, first, ...options }: SortableOptions): HTMLElement {
  const onSort = (sorting: Sorting): void => {
    view.sorting = sorting;
    draw();
  };
  const draw = (): void => {
    const table = renderTable(data, { ...options, sorting: view.sorting ?? first, onSort });
    keepingFocus(frame, () => frame.replaceChildren(table), frame);
  };
  draw();
  return frame;
}
