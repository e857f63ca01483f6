/** A table with more rows than one wants to scroll: found, sorted and paged by the server, over all rows and not those that are here. */
import type { PanelAnswer } from '../../collector/query/boards/answer.ts';
import type { TableData } from '../../collector/query/boards/panel-data.ts';
import { ApiFailure, ask } from './client.ts';
import { element } from './dom.ts';
import { keepingFocus } from './focus.ts';
import { countText } from './row-words.ts';
import { type Selection, toSearch } from './state.ts';
import { renderTable, type Sorting, type TableOptions } from './table.ts';

const SIZES = [25, 50, 100] as const;
const [FIRST_SIZE] = SIZES;
const TYPING_MS = 250;

export interface PagedOptions extends Omit<TableOptions, 'sorting' | 'onSort'> {
  /** Address of the panel. */
  readonly path: string;
  /** What the reader picked. */
  readonly picked: Selection;
}

interface Shown {
  readonly table: TableData;
  /** Cursor of the next page; undefined where the board gave the rows, which has none. */
  readonly next: string | null | undefined;
}

/** Does the server have more rows than came with the board? */
export const hasMoreRows = ({ rows, page }: TableData): boolean =>
  page !== undefined && page.first + rows.length - 1 < page.count && !endsWithRest(rows);

const endsWithRest = (rows: TableData['rows']): boolean => rows.at(-1)?.rest !== undefined;

export class PagedTable {
  readonly #tools: HTMLElement;
  readonly #search: HTMLInputElement;
  readonly #status = element('p', { class: 'table-count', role: 'status' });
  readonly #body = element('div', { class: 'table-body' });
  readonly #pages = element('nav', { class: 'table-pages' });
  readonly #element: HTMLElement;
  #options: PagedOptions | undefined;
  #shown: Shown | undefined;
  #asking: AbortController | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #sorting: Sorting | undefined;
  #size: number = FIRST_SIZE;
  /** Of the pages up to this one; none on the first. */
  #cursors: readonly string[] = [];

  constructor() {
    this.#search = element('input', { type: 'search', class: 'menu-search', maxlength: 200, placeholder: 'Search', input: () => this.#onType() });
    const submit = (event: Event): void => {
      event.preventDefault();
      this.#begin();
    };
    this.#tools = element('form', { class: 'table-tools', role: 'search', submit }, this.#search, this.#status);
    this.#element = element('div', { class: 'paged-table' }, this.#tools, this.#body, this.#pages);
  }

  /** Has the reader changed what is shown? */
  get isChanged(): boolean {
    return this.#search.value.trim() !== '' || this.#sorting !== undefined || this.#size !== FIRST_SIZE || this.#cursors.length > 0;
  }

  /** `first`: the rows that came with the board; undefined where they have to be asked for. */
  show(first: TableData | undefined, options: PagedOptions): HTMLElement {
    const isOther = this.#options !== undefined && addressOf(this.#options) !== addressOf(options);
    this.#options = options;
    this.#search.setAttribute('aria-label', `Search: ${options.title}`);
    this.#search.dataset.focus = `${options.focusKey}:search`;
    if (isOther) [this.#cursors, this.#shown] = [[], undefined];
    // Later pages stay what they were, so that whoever reads on misses none.
    if (first !== undefined && !this.isChanged) this.#shown = { table: first, next: undefined };
    else if (this.#cursors.length === 0) void this.#ask();
    this.#draw();
    return this.#element;
  }

  #onType(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#begin(), TYPING_MS);
  }

  /** From the first page, in another order or of other rows. */
  #begin(): void {
    this.#toTop();
    clearTimeout(this.#typing);
    this.#cursors = [];
    void this.#ask();
  }

  /** What is here stays until the answer is. */
  async #ask(): Promise<void> {
    const { path, picked } = this.#options ?? {};
    if (path === undefined || picked === undefined) return;
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#element.setAttribute('aria-busy', 'true');
    try {
      const { answer } = await ask<PanelAnswer>(`${path}${toSearch(picked, this.#parameters())}`, signal);
      this.#shown = answer.data.table === undefined ? undefined : { table: answer.data.table, next: answer.next };
      this.#draw();
    } catch (failure) {
      if (signal.aborted) return;
      this.#onFailure(failure);
    } finally {
      if (!signal.aborted) this.#element.setAttribute('aria-busy', 'false');
    }
  }

  #parameters(): Record<string, string> {
    const search = this.#search.value.trim();
    const cursor = this.#cursors.at(-1);
    return {
      ...{ rows: 'all', limit: String(this.#size) },
      ...(search !== '' && { search }),
      ...(this.#sorting !== undefined && { sort: this.#sorting.column, order: this.#sorting.isDescending ? 'desc' : 'asc' }),
      ...(cursor !== undefined && { cursor }),
    };
  }

  #onFailure(failure: unknown): void {
    // A page of yesterday: what there is today begins at the first.
    if (failure instanceof ApiFailure && failure.status === 400 && this.#cursors.length > 0) this.#begin();
    else this.#status.textContent = failure instanceof ApiFailure ? `${failure.message} ${failure.hint}` : String(failure);
  }

  async #onNext(): Promise<void> {
    // The board's rows have no cursor: the first page is asked for, and then the one after it.
    if (this.#shown?.next === undefined) await this.#ask();
    const next = this.#shown?.next;
    if (typeof next !== 'string') return;
    // Pressed twice, the page after this one is already on its way.
    if (next !== this.#cursors.at(-1)) this.#cursors = [...this.#cursors, next];
    this.#toTop();
    await this.#ask();
  }

  #onPrevious(): void {
    this.#cursors = this.#cursors.slice(0, -1);
    this.#toTop();
    void this.#ask();
  }

  #toTop(): void {
    this.#body.querySelector('.table-scroll')?.scrollTo({ top: 0, behavior: 'instant' });
  }

  #draw(): void {
    keepingFocus(this.#element, () => this.#replace(), this.#element);
  }

  #replace(): void {
    const options = this.#options;
    if (options === undefined) return;
    if (this.#shown === undefined) {
      this.#status.textContent = 'Loading …';
      return;
    }
    const { table } = this.#shown;
    const onSort = (sorting: Sorting): void => {
      this.#sorting = sorting;
      this.#begin();
    };
    const search = this.#search.value.trim();
    this.#status.textContent = countText(table);
    const nothing = element('p', { class: 'nothing' }, search === '' ? 'No rows.' : `No row has "${search}" in its name.`);
    this.#body.replaceChildren(
      table.rows.length === 0 ? nothing : renderTable(table, { ...options, sorting: this.#sorting, onSort, isArranged: true }),
    );
    this.#pages.setAttribute('aria-label', `Pages: ${options.title}`);
    this.#pages.replaceChildren(...this.#renderPages(table, options));
  }

  #renderPages(table: TableData, { focusKey, title }: PagedOptions): readonly HTMLElement[] {
    const button = (name: string, key: string, isOff: boolean, click: () => void): HTMLElement =>
      element(
        'button',
        { type: 'button', class: 'button', 'aria-disabled': String(isOff), 'data-focus': `${focusKey}:${key}`, click: () => isOff || click() },
        name,
      );
    const size = element('select', { 'aria-label': `Rows to a page: ${title}`, 'data-focus': `${focusKey}:size` });
    size.append(...SIZES.map((count) => element('option', { value: count, selected: count === this.#size }, `${count} rows`)));
    size.addEventListener('change', () => {
      this.#size = Number(size.value);
      this.#begin();
    });
    return [
      button('Previous', 'previous', this.#cursors.length === 0, () => this.#onPrevious()),
      button('Next', 'next', !hasMoreRows(table), () => void this.#onNext()),
      size,
    ];
  }
}

const addressOf = ({ path, picked }: PagedOptions): string => `${path}${toSearch(picked)}`;
