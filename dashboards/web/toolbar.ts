/** What the reader may turn, on every board: the time range and six filters. It stays while the boards below it change. */
import { element } from './dom.ts';
import { createFilter } from './filter-menu.ts';
import { wordsOf } from './format.ts';
import { type Covered, createRange, datesText } from './range.ts';
import { type Selection, toggleFilter } from './state.ts';
import { createZone } from './zone.ts';

/** The dimensions of the variables in Grafana. Others are filtered by clicking a bar or a row. */
const DIMENSIONS = ['organization', 'team', 'user', 'workspace', 'repository', 'model'];

export interface ToolbarContext {
  readonly selection: () => Selection;
  readonly asked: () => Covered | undefined;
  readonly onSelect: (selection: Selection) => void;
}

/** Fills the bar and returns what brings it up to date after a change of the selection or an answer. */
export function createToolbar(bar: HTMLElement, context: ToolbarContext): () => void {
  const range = createRange(context);
  const zone = createZone(context);
  const dates = element('span', { class: 'range-dates', id: 'range-dates' });
  const filters = DIMENSIONS.map((dimension) => createFilter(dimension, context));
  const chips = element('span', { class: 'filters' });
  const group = element('div', { class: 'filters', id: 'filters', role: 'group', 'aria-label': 'Filters' });
  group.append(...filters.map(({ menu }) => menu.button), chips);
  bar.replaceChildren(
    range.menu.button,
    dates,
    zone.menu.button,
    renderFiltersButton(group),
    group,
    range.menu.panel,
    zone.menu.panel,
    ...filters.map(({ menu }) => menu.panel),
  );
  return () => {
    for (const { update } of [range, zone, ...filters]) update();
    dates.textContent = datesText(context.asked());
    chips.replaceChildren(...renderChips(context));
  };
}

/** Only on a phone, where six buttons would push the figures off the screen. */
function renderFiltersButton(group: HTMLElement): HTMLElement {
  const button = element(
    'button',
    { type: 'button', class: 'picker filters-button', 'aria-controls': 'filters', 'aria-expanded': 'false' },
    'Filters',
  );
  button.addEventListener('click', () => button.setAttribute('aria-expanded', String(group.classList.toggle('is-open'))));
  return button;
}

/** Filters by what has no menu, each a button that removes it, and the way back to everything. */
function renderChips({ selection, onSelect }: ToolbarContext): readonly HTMLElement[] {
  const { where } = selection();
  const chips = where
    .filter(({ dimension }) => !DIMENSIONS.includes(dimension))
    .map((filter) =>
      element(
        'button',
        {
          type: 'button',
          class: 'picker is-set',
          'aria-label': `Remove the filter ${wordsOf(filter.dimension)} ${filter.value}`,
          'data-focus': `chip:${filter.dimension}:${filter.value}`,
          click: () => onSelect(toggleFilter(selection(), filter)),
        },
        element('span', { class: 'picker-name' }, wordsOf(filter.dimension)),
        element('span', { class: 'picker-value' }, filter.value),
        element('span', { class: 'chip-close', 'aria-hidden': 'true' }, '×'),
      ),
    );
  const clear = (): void => onSelect({ ...selection(), where: [] });
  if (where.length === 0) return chips;
  return [...chips, element('button', { type: 'button', class: 'link-button', 'data-focus': 'chip:clear', click: clear }, 'Clear filters')];
}
