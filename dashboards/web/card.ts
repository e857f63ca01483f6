/** One panel as a card: its title, what it counts, its figures as a table or a file, and the drawing itself. */

import type { Panel } from '../../collector/catalog/panel.ts';
import type { AnnotationData, PanelData, SeriesData, TableData } from '../../collector/query/boards/panel-data.ts';
import { renderBars } from './bars.ts';
import { type BudgetBarsOptions, budgetTable, renderBudgetBars } from './budget-bars.ts';
import { renderCumulative } from './cumulative.ts';
import type { CumulativeOptions } from './cumulative-chart.ts';
import { cumulativeTable } from './cumulative-text.ts';
import { element, icon, withCode, withProperties } from './dom.ts';
import { exactTable } from './exact.ts';
import { renderHeatmap } from './heatmap.ts';
import { placeBelow } from './menu.ts';
import { hasMoreRows, PagedTable } from './paged-table.ts';
import type { Palette } from './palette.ts';
import { boardAddress } from './place.ts';
import { renderSeries } from './series.ts';
import { renderStat } from './stat.ts';
import type { Selection } from './state.ts';
import { renderTable, type Sorting, type TableOptions } from './table.ts';

/** One unit of a panel's declared height, in pixels. */
const UNIT_PX = 30;
const BAR_PX = 32;
/** Panels up to this width may stand two in a row where the window is narrow. */
const SMALL_COLUMNS = 9;

/** What the reader expanded, hid, sorted or turned into a table; it outlives a refresh, not a reload. */
export interface ViewState {
  isExpanded?: boolean;
  isTable?: boolean;
  /** Every row as a table, where the drawing shows the largest. */
  isAll?: boolean;
  pages?: PagedTable;
  sorting?: Sorting;
  /** Lines that the reader hid, or wanted to see where they are hidden at first. */
  readonly toggled: Set<string>;
}

export interface CardContext {
  readonly board: string;
  readonly selection: Selection;
  readonly view: ViewState;
  readonly palette: Palette;
  readonly timeZone: string;
  readonly nowSeconds: number;
  readonly annotations: readonly AnnotationData[];
  /** The view state changed: draw this card again from what is already here. */
  readonly onView: () => void;
  readonly onPick: (from: number, next: number | undefined) => void;
  /** `isAll`: every row, where the drawing shows the largest. */
  readonly onExport: (isAll: boolean) => void;
  /** Address of the panel, and what the reader picked: to ask for more of its rows. */
  readonly path: string;
  readonly picked: Selection;
}

export function renderCard(panel: Panel, data: PanelData | undefined, context: CardContext): HTMLElement {
  const card = element('article', {
    class: `card is-${panel.visualization}${panel.width <= SMALL_COLUMNS ? ' is-small' : ''}`,
    'aria-labelledby': `title-${panel.id}`,
    'data-panel': panel.id,
  });
  card.append(renderHead(panel, data, context), renderBody(panel, data, context));
  if (data?.table !== undefined && data.note !== undefined) card.append(element('p', { class: 'stat-change' }, data.note));
  return withProperties(card, { '--columns': String(panel.width) });
}

function renderHead(panel: Panel, data: PanelData | undefined, context: CardContext): HTMLElement {
  const title = data?.title ?? panel.title;
  const isText = panel.visualization === 'text';
  const isDrawing = [data?.series, data?.bars, data?.cumulative, data?.budgets, data?.heatmap].some((shown) => shown !== undefined);
  return element(
    'header',
    { class: 'card-head' },
    element('h3', { id: `title-${panel.id}` }, titleOf(panel, title, context)),
    ...(isText ? [] : aboutPanel(panel)),
    isDrawing && tableButton(panel, title, hasRest(data), context),
    !isText && data !== undefined && data.stat === undefined && exportButton(panel, title, hasRest(data), context),
  );
}

/** The title of a panel whose rows open another board leads there too, with the selection as it is. */
function titleOf({ opens }: Panel, title: string, { board, selection }: CardContext): HTMLElement | string {
  if (opens === undefined || opens === board) return title;
  return element('a', { href: boardAddress(opens, selection), class: 'title-link' }, title);
}

function aboutPanel(panel: Panel): readonly HTMLElement[] {
  const about = element('div', { id: `about-${panel.id}`, class: 'about', popover: true }, panel.description);
  const button = element(
    'button',
    {
      type: 'button',
      class: 'icon-button is-small',
      'aria-label': `About: ${panel.title}`,
      popovertarget: about.id,
      'data-focus': `${panel.id}:about`,
    },
    icon('M12 17v-6M12 8h.01M12 3a9 9 0 1 0 .01 0z'),
  );
  about.addEventListener('toggle', (event) => {
    if (event.newState === 'open') placeBelow(about, button);
  });
  return [button, about];
}

/** Of bars the table is of all that they stand for; a chart over time has one of its own, with a row for each bar. */
const hasRest = (data: PanelData | undefined): boolean => data?.bars?.rows.some(({ rest }) => rest !== undefined) === true;

function tableButton(panel: Panel, title: string, isOfAll: boolean, { view, onView }: CardContext): HTMLElement {
  const isTable = view.isTable === true || view.isAll === true;
  const attributes = {
    type: 'button',
    class: 'icon-button is-small',
    'aria-label': `Exact figures as a table: ${title}`,
    'aria-pressed': String(isTable),
    'data-focus': `${panel.id}:table`,
    title: isTable ? 'Back to the chart' : 'Exact figures as a table',
    click: () => {
      view.isTable = !isTable && !isOfAll;
      view.isAll = !isTable && isOfAll;
      onView();
    },
  };
  return element('button', attributes, icon('M4 5h16v14H4zM4 10h16M10 10v9'));
}

const exportButton = (panel: Panel, title: string, isOfAll: boolean, { onExport, view }: CardContext): HTMLElement =>
  element(
    'button',
    {
      type: 'button',
      class: 'icon-button is-small',
      'aria-label': `Download as CSV: ${title}`,
      title: 'Download as CSV',
      'data-focus': `${panel.id}:csv`,
      click: () => onExport(isOfAll || view.isAll === true),
    },
    icon('M12 4v11m-4-4 4 4 4-4M5 20h14'),
  );

/** Filters that hide what there is can be dropped. */
function nothing({ unit, empty }: Panel, data: PanelData | undefined, { board, selection }: CardContext): HTMLElement {
  const text = data?.empty ?? data?.note ?? empty ?? (unit === 'usd' ? 'No spend in this time range.' : 'No data in this time range.');
  return element(
    'p',
    { class: 'nothing' },
    text,
    ...(data?.filtered === true ? [' ', element('a', { href: boardAddress(board, { ...selection, where: [] }) }, 'Remove the filters')] : []),
  );
}

function renderBody(panel: Panel, data: PanelData | undefined, context: CardContext): HTMLElement {
  if (panel.visualization === 'text')
    return element('div', { class: 'prose' }, ...panel.description.split('\n\n').map((text) => element('p', {}, ...withCode(text))));
  if (data?.hidden === true) return element('p', { class: 'nothing' }, 'Shown to those who see the whole ledger.');
  if (data?.budgets?.bars.length === 0 && data.budgets.elsewhere > 0)
    return element('p', { class: 'nothing' }, 'No budget lies within what is selected.');
  if (data === undefined || isNothing(data)) return nothing(panel, data, context);
  const { stat, bars, series, table, heatmap, cumulative, budgets, title } = data;
  if (stat !== undefined) return renderStat(panel, stat, context.timeZone, data.note);
  if (budgets !== undefined && context.view.isTable !== true) return renderBudgetBars(budgets, budgetOptions(panel, context));
  if (budgets !== undefined) return renderTable(budgetTable(budgets), tableOptions(panel, title, true, context));
  if (cumulative !== undefined && context.view.isTable !== true) return renderCumulative(cumulative, cumulativeOptions(panel, title, context));
  if (cumulative !== undefined)
    return renderExact(cumulativeTable(cumulative, context.nowSeconds, context.timeZone), 'at', tableOptions(panel, title, true, context));
  if (context.view.isAll === true) return renderPages(undefined, panel, title, true, context);
  const exact = context.view.isTable ? exactTable(data, context.timeZone, context.annotations) : undefined;
  if (exact !== undefined) return renderExact(exact, 'start', tableOptions(panel, title, true, context));
  if (table !== undefined && (hasMoreRows(table) || context.view.pages?.isChanged)) return renderPages(table, panel, title, false, context);
  if (table !== undefined) return renderTable(table, tableOptions(panel, title, false, context));
  if (heatmap !== undefined) return renderHeatmap(heatmap, title);
  if (series !== undefined) return renderSeries(series, seriesOptions(panel, title, series, context));
  const onExpand = (): void => {
    context.view.isExpanded = !context.view.isExpanded;
    context.onView();
  };
  return renderBars(bars ?? { rows: [], unit: panel.unit, total: null }, {
    ...context,
    opens: panel.opens,
    thresholds: panel.thresholds,
    rowsMax: Math.max(4, Math.floor((panel.height * UNIT_PX) / BAR_PX) - 1),
    isExpanded: context.view.isExpanded === true,
    onExpand,
    onAll: () => showAll(context),
    focusKey: panel.id,
  });
}

/** What is over time comes the newest first. */
const renderExact = (exact: TableData, newestFirst: string, options: TableOptions): HTMLElement => renderTable(exact, { ...options, newestFirst });

function isNothing({ stat, bars, series, table, heatmap, cumulative, budgets }: PanelData): boolean {
  if (stat !== undefined || cumulative !== undefined) return false;
  return [bars?.rows, series?.series, table?.rows, heatmap?.rows, budgets?.bars].every((rows) => (rows?.length ?? 0) === 0);
}

function tableOptions(panel: Panel, title: string, isExact: boolean, { view, onView, ...context }: CardContext): TableOptions {
  return {
    ...context,
    title,
    isExact,
    ...(panel.thresholds !== undefined && { thresholds: { limits: panel.thresholds, unit: panel.unit } }),
    sorting: view.sorting,
    onSort: (sorting) => {
      view.sorting = sorting;
      onView();
    },
    focusKey: panel.id,
  };
}

/** A budget takes as much room as two bars. */
const budgetOptions = (panel: Panel, { view, onView, ...context }: CardContext): BudgetBarsOptions => ({
  ...context,
  rowsMax: Math.max(3, Math.floor((panel.height * UNIT_PX) / (2 * BAR_PX)) - 1),
  isExpanded: view.isExpanded === true,
  onExpand: () => {
    view.isExpanded = view.isExpanded !== true;
    onView();
  },
  focusKey: panel.id,
});

function renderPages(first: TableData | undefined, panel: Panel, title: string, isExact: boolean, context: CardContext): HTMLElement {
  const { view, path, picked } = context;
  view.pages ??= new PagedTable();
  return view.pages.show(first, { ...tableOptions(panel, title, isExact, context), path, picked });
}

function showAll({ view, onView }: CardContext): void {
  view.isAll = true;
  onView();
}

const cumulativeOptions = (panel: Panel, title: string, context: CardContext): CumulativeOptions => ({
  ...context,
  title,
  height: panel.height * UNIT_PX - 40,
  focusKey: panel.id,
});

/** The rest of thousands would leave those with a name no height; it is in the legend, and drawn when the reader wants it. */
const REST_SHARE_MAX = 0.7;
const largeRest = ({ series }: SeriesData): ReadonlySet<string> =>
  new Set(series.filter(({ rest, share }) => rest !== undefined && share !== null && share > REST_SHARE_MAX).map(({ label }) => label));

function seriesOptions(panel: Panel, title: string, data: SeriesData, { view, onView, ...context }: CardContext): Parameters<typeof renderSeries>[1] {
  return {
    ...context,
    title,
    isStacked: panel.visualization === 'timeseries',
    thresholds: panel.thresholds,
    height: panel.height * UNIT_PX - 40,
    hidden: largeRest(data).symmetricDifference(view.toggled),
    onToggle: (label) => {
      if (!view.toggled.delete(label)) view.toggled.add(label);
      onView();
    },
    onAll: () => showAll({ ...context, view, onView }),
    focusKey: panel.id,
  };
}
