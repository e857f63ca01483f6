/** The filter of one dimension: its known values with what each cost in the time range, to search and tick. */
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { ApiFailure, ask } from './client.ts';
import { element } from './dom.ts';
import { shortAmount, wordsOf } from './format.ts';
import { createMenu, type Menu } from './menu.ts';
import { splitNames } from './names.ts';
import { hasFilter, type Selection, toggleFilter, toSearch, valuesOf, without } from './state.ts';

/** More rows than a person reads; the search finds the others. */
const SHOWN_MAX = 200;

interface Choice {
  readonly value: string;
  readonly amount: string;
}

export interface FilterContext {
  readonly selection: () => Selection;
  readonly onSelect: (selection: Selection) => void;
}

export function createFilter(dimension: string, context: FilterContext): { readonly menu: Menu; readonly update: () => void } {
  const name = wordsOf(dimension);
  const menu = createMenu(`menu-${dimension}`, `Filter by ${name}`, (close) => renderFilter(dimension, context, close));
  const update = (): void => {
    const [first, ...others] = valuesOf(context.selection(), dimension);
    const shown = first === undefined ? [] : [element('span', { class: 'picker-value' }, first), others.length > 0 && `+${others.length}`];
    menu.button.replaceChildren(element('span', { class: 'picker-name' }, capital(name)), ...shown.filter((child) => child !== false));
    splitNames(menu.button);
    menu.button.classList.toggle('is-set', first !== undefined);
  };
  return { menu, update };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function renderFilter(dimension: string, context: FilterContext, close: () => void): readonly HTMLElement[] {
  const list = element('ul', { class: 'choices', 'aria-label': `Values of ${wordsOf(dimension)}` });
  const note = element('p', { class: 'menu-note', role: 'status' }, 'Loading …');
  const search = element('input', { type: 'search', class: 'menu-search', placeholder: 'Search', 'aria-label': 'Search', autofocus: true });
  let choices: readonly Choice[] = [];
  const draw = (): void => {
    const wanted = search.value.trim().toLowerCase();
    const found = choices.filter(({ value }) => value.toLowerCase().includes(wanted));
    list.replaceChildren(...found.slice(0, SHOWN_MAX).map((choice) => renderChoice(dimension, choice, context)));
    splitNames(list);
    note.textContent = noteFor(found.length, wanted);
    note.hidden = note.textContent === '';
  };
  search.addEventListener('input', draw);
  loadChoices(dimension, context.selection()).then(
    (loaded) => {
      choices = loaded;
      draw();
    },
    (failure: unknown) => {
      note.textContent = failure instanceof ApiFailure ? `${failure.message} ${failure.hint}` : String(failure);
    },
  );
  return [search, list, note, renderEnd(dimension, context, close)];
}

function noteFor(found: number, wanted: string): string {
  if (found === 0) return wanted === '' ? 'No spend in this time range.' : 'No value contains this text.';
  return found > SHOWN_MAX ? `Showing ${SHOWN_MAX} of ${found}. Search to find the others.` : '';
}

/** Everything with cost under the other filters, and what is chosen although it has none. */
async function loadChoices(dimension: string, selection: Selection): Promise<readonly Choice[]> {
  const path = `/api/v1/spend${toSearch(without(selection, dimension), selection.timeRange.period || selection.timeRange.from ? { by: dimension } : { by: dimension, period: 'this_month' })}`;
  const { answer } = await ask<SpendAnswer>(path, new AbortController().signal);
  const rows = answer.rows.map((row) => ({ value: String(row[dimension]), amount: shortAmount(row.cost_usd ?? null, 'usd') }));
  const known = new Set(rows.map(({ value }) => value));
  const missing = valuesOf(selection, dimension).filter((value) => !known.has(value));
  return [...missing.map((value) => ({ value, amount: '' })), ...rows];
}

function renderChoice(dimension: string, { value, amount }: Choice, { selection, onSelect }: FilterContext): HTMLElement {
  const filter = { dimension, value };
  const box = element('input', { type: 'checkbox', checked: hasFilter(selection(), filter) });
  box.addEventListener('change', () => onSelect(toggleFilter(selection(), filter)));
  const name = element('span', { class: 'choice-name', title: value }, value);
  return element('li', {}, element('label', { class: 'choice' }, box, name, element('span', { class: 'choice-amount' }, amount)));
}

function renderEnd(dimension: string, { selection, onSelect }: FilterContext, close: () => void): HTMLElement {
  const clear = (): void => {
    close();
    if (valuesOf(selection(), dimension).length > 0) onSelect(without(selection(), dimension));
  };
  return element(
    'div',
    { class: 'menu-end' },
    element('button', { type: 'button', class: 'link-button', click: clear }, 'All'),
    element('button', { type: 'button', class: 'link-button', click: close }, 'Done'),
  );
}
