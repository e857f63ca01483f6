/** Any board, from its declaration: a card for each panel, in the declared grid. Later answers replace only the cards that changed. */

import type { Panel } from '../../collector/catalog/panel.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { BoardMemory } from './board-memory.ts';
import { type CardContext, renderCard } from './card.ts';
import { renderCoverage } from './coverage.ts';
import { element } from './dom.ts';
import { keepingFocus } from './focus.ts';
import { splitNames } from './names.ts';
import { renderHint, renderModelNote, renderNoMatch, renderWelcome } from './notices.ts';
import { Palette } from './palette.ts';
import { selectionOf } from './panel-range.ts';
import { pickedRange } from './picked-range.ts';
import { type Selection, toSearch, withTimeRange } from './state.ts';

export interface BoardContext {
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  /** The address of rows that are wanted as a file. */
  readonly onExport: (path: string) => void;
  /** Kept for each board, so that what was expanded stays so. */
  readonly memory: BoardMemory;
}

export class BoardView {
  readonly element: HTMLElement;
  readonly #context: BoardContext;
  readonly #cards = new Map<string, HTMLElement>();
  #answer: BoardAnswer;

  constructor(answer: BoardAnswer, context: BoardContext) {
    this.#answer = answer;
    this.#context = context;
    this.element = isWelcome(answer) ? renderWelcome(answer) : this.#render();
  }

  /** Takes over a later answer to the same question. False when it is another board by now, which must be drawn anew. */
  refresh(answer: BoardAnswer): boolean {
    const before = this.#answer;
    if (isWelcome(answer) || isWelcome(before) || !isSame(answer.board, before.board) || !isSame(answer.hints, before.hints)) return false;
    if (this.#isNothing(answer) !== this.#isNothing(before)) return false;
    this.#answer = answer;
    const marksChanged = !isSame(answer.annotations, before.annotations);
    for (const panel of this.#panels()) {
      if (marksChanged || !isSame(answer.panels[panel.id], before.panels[panel.id])) this.#redraw(panel);
    }
    const coverage = this.element.querySelector<HTMLElement>('.coverage');
    if (coverage !== null) keepingFocus(coverage, () => coverage.replaceWith(renderCoverage(answer, this.#context.memory)), this.element);
    return true;
  }

  /** Everything again from what is here, as after a change of colors. */
  redraw(): void {
    for (const panel of this.#panels()) this.#redraw(panel);
  }

  #panels(): readonly Panel[] {
    return this.#answer.board.rows.flatMap(({ panels }) => panels);
  }

  /** Does what the reader picked hide everything? */
  #isNothing({ coverage }: BoardAnswer): boolean {
    const { where, timeRange } = this.#context.selection;
    return Number(coverage.cost_usd) === 0 && (where.length > 0 || Object.keys(timeRange).length > 0);
  }

  #render(): HTMLElement {
    const { board, hints } = this.#answer;
    const { selection, onSelect } = this.#context;
    return element(
      'div',
      { class: 'board' },
      element('h1', { tabindex: -1 }, board.title),
      element('p', { class: 'board-about' }, board.description),
      ...hints.map(renderHint),
      this.#isNothing(this.#answer) && renderNoMatch(() => onSelect(withTimeRange({ ...selection, where: [] }, {}))),
      selection.where.some(({ dimension }) => dimension === 'model') && renderModelNote(),
      ...board.rows.map(({ title, now, panels }) =>
        element(
          'section',
          { class: now ? 'row is-now' : 'row', 'aria-label': title },
          element('h2', { class: isSaid(title, panels) ? 'visually-hidden' : 'row-title' }, ...(now ? nowTitle(title) : [title])),
          element('div', { class: 'grid' }, ...panels.map((panel) => this.#card(panel))),
        ),
      ),
      renderCoverage(this.#answer, this.#context.memory),
    );
  }

  #card(panel: Panel): HTMLElement {
    const card = splitNames(renderCard(panel, this.#answer.panels[panel.id], this.#cardContext(panel)));
    this.#cards.set(panel.id, card);
    return card;
  }

  #redraw(panel: Panel): void {
    const old = this.#cards.get(panel.id);
    if (old === undefined) return;
    const opened = old.querySelector(':popover-open')?.id;
    keepingFocus(old, () => old.replaceWith(this.#card(panel)), this.element);
    if (opened !== undefined) document.getElementById(opened)?.showPopover();
  }

  #cardContext(panel: Panel): CardContext {
    const { asked, board, annotations } = this.#answer;
    const { selection, memory, onSelect, onExport } = this.#context;
    const path = `/api/v1/boards/${encodeURIComponent(board.id)}/panels/${encodeURIComponent(panel.id)}`;
    return {
      board: board.id,
      selection: selectionOf(panel, selection),
      view: memory.view(panel.id),
      palette: new Palette(this.#answer.panels[panel.id]),
      timeZone: asked.time_zone,
      nowSeconds: Date.parse(asked.now ?? '') / 1000,
      annotations,
      onView: () => this.#redraw(panel),
      onPick: (from, next) => onSelect(withTimeRange(selection, pickedRange(from, next, asked))),
      onExport: (isAll) => onExport(`${path}.csv${toSearch(selection, isAll ? { rows: 'all' } : {})}`),
      path,
      picked: selection,
    };
  }
}

/** A row of one panel that is called the same. */
const isSaid = (title: string, panels: readonly Panel[]): boolean => panels.length === 1 && panels[0]?.title === title;

/** Rows about the present stand apart: their figures stay, whatever time range is picked. */
const nowTitle = (title: string): readonly (HTMLElement | string)[] => [
  element('span', { class: 'row-now', title: 'Does not follow the time range' }, 'Now'),
  title.replace(/^now: ./i, (prefix) => prefix.slice(-1).toUpperCase()),
];

/** Nothing has arrived yet. What the collector reports of itself is shown all the same: there one sees why. */
const isWelcome = ({ is_empty, board }: BoardAnswer): boolean =>
  is_empty && !board.rows.every(({ panels }) => panels.every(({ query }) => query.source === 'self'));

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
