/** The filter of one dimension: its values with what each cost in the time range, to search and tick. */
import { ApiFailure } from './client.ts';
import { element } from './dom.ts';
import { type Choice, type Choices, readChoices } from './filter-choices.ts';
import { wordsOf } from './format.ts';
import { createMenu, type Menu } from './menu.ts';
import { splitNames } from './names.ts';
import { placeText } from './row-words.ts';
import { hasFilter, type Selection, toggleFilter, valuesOf, without } from './state.ts';

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

const TYPING_MS = 200;

function renderFilter(dimension: string, context: FilterContext, close: () => void): readonly HTMLElement[] {
  const list = element('ul', { class: 'choices', 'aria-label': `Values of ${wordsOf(dimension)}` });
  const note = element('p', { class: 'menu-note', role: 'status' }, 'Loading …');
  const more = element('button', { type: 'button', class: 'link-button', hidden: true }, 'Show more');
  const search = element('input', {
    type: 'search',
    class: 'menu-search',
    maxlength: 200,
    placeholder: 'Search',
    'aria-label': 'Search',
    autofocus: true,
  });
  const choices = new ChoiceList(dimension, context, { list, note, more, search });
  let typing: ReturnType<typeof setTimeout> | undefined;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => void choices.begin(), TYPING_MS);
  });
  more.addEventListener('click', () => void choices.goOn());
  void choices.begin();
  const body = element('div', { class: 'menu-body', keydown: (event) => event instanceof KeyboardEvent && moveFocus(event) }, search, list, more);
  return [body, note, renderEnd(dimension, context, close)];
}

/** The arrow keys go through what can be chosen, from the search on. */
function moveFocus(event: KeyboardEvent): void {
  const { currentTarget, target, key } = event;
  if (!(currentTarget instanceof HTMLElement && target instanceof HTMLElement) || (key !== 'ArrowDown' && key !== 'ArrowUp')) return;
  const stops = [...currentTarget.querySelectorAll<HTMLElement>('input, button:not([hidden])')];
  const next = stops[stops.indexOf(target) + (key === 'ArrowDown' ? 1 : -1)];
  event.preventDefault();
  next?.focus();
}

interface Places {
  readonly list: HTMLElement;
  readonly note: HTMLElement;
  readonly more: HTMLElement;
  readonly search: HTMLInputElement;
}

/** The names that the server has found, as far as they were asked for. */
class ChoiceList {
  readonly #dimension: string;
  readonly #context: FilterContext;
  readonly #places: Places;
  #asking: AbortController | undefined;
  #next: string | undefined;
  #shown = new Set<string>();

  constructor(dimension: string, context: FilterContext, places: Places) {
    this.#dimension = dimension;
    this.#context = context;
    this.#places = places;
  }

  /** What is here stays until the answer is. */
  begin(): Promise<void> {
    return this.#ask(undefined);
  }

  /** The next page. The focus goes on with its first name. */
  async goOn(): Promise<void> {
    const { list } = this.#places;
    const before = list.children.length;
    if (this.#next !== undefined) await this.#ask(this.#next);
    list.children[before]?.querySelector('input')?.focus();
  }

  async #ask(cursor: string | undefined): Promise<void> {
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const search = this.#places.search.value.trim();
    try {
      const choices = await readChoices({ dimension: this.#dimension, selection: this.#context.selection(), search }, cursor, signal);
      this.#draw(choices, cursor !== undefined, search);
    } catch (failure) {
      if (!signal.aborted) this.#say(failure instanceof ApiFailure ? `${failure.message} ${failure.hint}` : String(failure));
    }
  }

  #draw({ list: found, count, next }: Choices, isMore: boolean, search: string): void {
    const { list, more } = this.#places;
    if (!isMore) {
      this.#shown = new Set();
      list.replaceChildren();
    }
    // Who chose it sees it first; further down it is not said again.
    const unshown = found.filter(({ value }) => !this.#shown.has(value));
    for (const { value } of unshown) this.#shown.add(value);
    list.append(...unshown.map((choice) => renderChoice(this.#dimension, choice, this.#context)));
    splitNames(list);
    this.#next = next ?? undefined;
    more.hidden = next === null;
    this.#say(this.#noteFor(count, search));
  }

  #noteFor(count: number, search: string): string {
    if (this.#shown.size === 0) return search === '' ? 'No spend in this time range.' : 'No value contains this text.';
    const place = { first: 1, count: Math.max(count, this.#shown.size) };
    return placeText(place, this.#shown.size, wordsOf(this.#dimension), search);
  }

  #say(text: string): void {
    this.#places.note.textContent = text;
  }
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
