/** Any board, from its declaration: each panel by its visualisation, in the declared grid. */
import type { BoardAnswer } from '../../collector/http/boards.ts';
import type { PanelData } from '../../collector/http/panel-data.ts';
import type { Panel } from '../panel.ts';
import { renderBars } from './bars.ts';
import { renderControls, renderFilters } from './controls.ts';
import { renderCoverage } from './coverage.ts';
import { element, svg, withProperties } from './dom.ts';
import { renderNoMatch, renderWelcome } from './notices.ts';
import { Palette } from './palette.ts';
import { renderSeries } from './series.ts';
import { renderStat } from './stat.ts';
import { hasFilter, type Selection, toggleFilter } from './state.ts';
import { renderTable } from './table.ts';

/** What the reader unfolded, hid or turned into a table; it outlives a refresh, not a reload. */
export interface ViewState {
  readonly unfolded: Set<string>;
  readonly tables: Set<string>;
  readonly hidden: Map<string, Set<string>>;
}

export const newViewState = (): ViewState => ({ unfolded: new Set(), tables: new Set(), hidden: new Map() });

export interface BoardContext {
  readonly selection: Selection;
  readonly view: ViewState;
  readonly onSelect: (selection: Selection) => void;
  /** The view state changed: draw again what is already here. */
  readonly onView: () => void;
}

export function renderBoard(answer: BoardAnswer, context: BoardContext): HTMLElement {
  if (answer.is_empty) return renderWelcome(answer.receiver);
  const { selection, onSelect } = context;
  const palette = claimColours(answer);
  const isNothing = Number(answer.coverage.cost_usd) === 0 && (selection.where.length > 0 || Object.keys(selection.span).length > 0);
  return element(
    'div',
    { class: 'board' },
    element(
      'div',
      { class: 'board-head' },
      element('div', {}, element('h1', {}, answer.board.title), element('p', { class: 'board-about' }, answer.board.description)),
      renderControls(selection, answer.asked, onSelect),
    ),
    renderFilters(selection, onSelect),
    isNothing && renderNoMatch(() => onSelect({ span: {}, where: [] })),
    ...answer.board.rows.map(({ title, panels }) =>
      element(
        'section',
        { class: 'row', 'aria-label': title },
        element('h2', { class: 'row-title' }, title),
        element('div', { class: 'grid' }, ...panels.map((panel) => renderPanel(panel, answer, palette, context))),
      ),
    ),
    renderCoverage(answer),
  );
}

function claimColours({ panels }: BoardAnswer): Palette {
  const palette = new Palette();
  for (const { series } of Object.values(panels)) {
    for (const line of series?.series ?? []) if (line.filter !== undefined && !line.absent) palette.claim(line.filter.dimension, line.filter.value);
  }
  return palette;
}

function renderPanel(panel: Panel, answer: BoardAnswer, palette: Palette, context: BoardContext): HTMLElement {
  const data = answer.panels[panel.id];
  const card = element('article', { class: `card is-${panel.visualisation}`, 'aria-labelledby': `title-${panel.id}`, 'data-panel': panel.id });
  card.append(renderHead(panel, data, context));
  if (data !== undefined) card.append(renderBody(panel, data, answer, palette, context));
  return withProperties(card, { '--columns': String(panel.width) });
}

function renderHead(panel: Panel, data: PanelData | undefined, { view, onView }: BoardContext): HTMLElement {
  const about = element('div', { id: `about-${panel.id}`, class: 'about', popover: true }, panel.description);
  const info = element('button', {
    type: 'button',
    class: 'icon-button is-small',
    'aria-label': `About: ${panel.title}`,
    popovertarget: `about-${panel.id}`,
    'data-focus': `${panel.id}:about`,
  });
  info.append(icon('M12 17v-6M12 8h.01M12 3a9 9 0 1 0 .01 0z'));
  const isTable = view.tables.has(panel.id);
  const table = element('button', {
    type: 'button',
    class: 'icon-button is-small',
    'aria-label': `Exact figures as a table: ${panel.title}`,
    'aria-pressed': String(isTable),
    'data-focus': `${panel.id}:table`,
    title: isTable ? 'Back to the drawing' : 'Exact figures as a table',
    click: () => {
      if (!view.tables.delete(panel.id)) view.tables.add(panel.id);
      onView();
    },
  });
  table.append(icon('M4 5h16v14H4zM4 10h16M10 10v9'));
  return element(
    'header',
    { class: 'card-head' },
    element('h3', { id: `title-${panel.id}` }, data?.title ?? panel.title),
    info,
    about,
    data?.stat === undefined && panel.visualisation !== 'table' && table,
  );
}

function icon(path: string): SVGSVGElement {
  return svg('svg', { width: 16, height: 16, viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: path }));
}

function renderBody(panel: Panel, data: PanelData, answer: BoardAnswer, palette: Palette, context: BoardContext): HTMLElement {
  const { selection, view, onSelect, onView } = context;
  if (data.stat !== undefined) return renderStat(panel, data.stat);
  if (data.bars?.rows.length === 0 || data.series?.series.length === 0)
    return element('p', { class: 'nothing' }, 'Nothing was booked in this stretch.');
  if (panel.visualisation === 'table' || view.tables.has(panel.id)) return renderTable(data, panel.unit, answer.asked.time_zone);
  if (data.series !== undefined) {
    const hidden = view.hidden.get(panel.id) ?? new Set<string>();
    return renderSeries(data.series, {
      unit: panel.unit,
      title: data.title,
      timeZone: answer.asked.time_zone,
      palette,
      hidden,
      focusKey: panel.id,
      onToggle: (label) => {
        if (!hidden.delete(label)) hidden.add(label);
        view.hidden.set(panel.id, hidden);
        onView();
      },
      onPick: (from, to) => onSelect({ ...selection, span: { from: toIso(from), ...(to !== undefined && { to: toIso(to) }) } }),
    });
  }
  return renderBars(data.bars ?? { rows: [], total: 0 }, {
    unit: panel.unit,
    palette,
    isUnfolded: view.unfolded.has(panel.id),
    isFiltered: (filter) => hasFilter(selection, filter),
    onFilter: (filter) => onSelect(toggleFilter(selection, filter)),
    onUnfold: () => {
      if (!view.unfolded.delete(panel.id)) view.unfolded.add(panel.id);
      onView();
    },
    focusKey: panel.id,
  });
}

const toIso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
