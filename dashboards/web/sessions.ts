/** The newest sessions, and one session as the client's own /cost command shows it, with what the ledger adds. */
import type { TableColumn, TableData } from '../../collector/query/boards/panel-data.ts';
import type { Amount } from '../../collector/query/render.ts';
import type { SessionAnswer, SessionListAnswer } from '../../collector/query/sessions.ts';
import type { ViewState } from './card.ts';
import { element } from './dom.ts';
import { duration, exactAmount, instant, toNumber, wordsOf } from './format.ts';
import { renderHint } from './notices.ts';
import { boardAddress } from './place.ts';
import { placeText } from './row-words.ts';
import { sortableIn } from './sortable.ts';
import { type Selection, timeOrThisMonth, toSearch } from './state.ts';
import { renderTable } from './table.ts';

const LIST_COLUMNS: readonly TableColumn[] = [
  { key: 'last_seen', title: 'Last seen', unit: 'timestamp' },
  { key: 'cost', title: 'Cost', unit: 'usd' },
  { key: 'user', title: 'User', unit: 'label' },
  { key: 'team', title: 'Team', unit: 'label' },
  { key: 'workspace', title: 'Workspace', unit: 'label' },
  { key: 'duration', title: 'Duration', unit: 'ms' },
];

const MODEL_COLUMNS: readonly TableColumn[] = [
  { key: 'model', title: 'Model', unit: 'label' },
  { key: 'requests', title: 'Requests', unit: 'count' },
  { key: 'input', title: 'Input', unit: 'tokens' },
  { key: 'output', title: 'Output', unit: 'tokens' },
  { key: 'cache_read', title: 'Cache read', unit: 'tokens' },
  { key: 'cache_creation', title: 'Cache write', unit: 'tokens' },
  { key: 'cost', title: 'Cost', unit: 'usd' },
];

/** What one session has only one of. */
const LIST_FILTERS = ['organization', 'team', 'user', 'workspace', 'repository'];
const LIST_LIMIT = '200';

/** By what the ledger keeps sessions in order, with the column of each. */
const ORDERS = { last_seen: 'last_seen', duration: 'duration', cost: 'cost' } as const;
type Order = keyof typeof ORDERS;
const isOrder = (word: string): word is Order => Object.hasOwn(ORDERS, word);

/** What the address of the list says beside the selection. */
export interface ListPage {
  /** Largest first; without it the newest. */
  readonly order?: Order;
  readonly search?: string;
  readonly cursor?: string;
}

export function readListPage(search: string): ListPage {
  const parameters = new URLSearchParams(search);
  const [wanted, cursor] = [parameters.get('search') ?? '', parameters.get('cursor') ?? ''];
  const order = parameters.get('order') ?? '';
  return { ...(isOrder(order) && { order }), ...(wanted !== '' && { search: wanted }), ...(cursor !== '' && { cursor }) };
}

const listAddress = (selection: Selection, page: ListPage): string => `/sessions${toSearch(selection, { ...page })}`;

/** Like a board, the list is about the running month unless the reader picks another time range. */
export function sessionListPath(selection: Selection, page: ListPage): string {
  const known = selection.where.filter(({ dimension }) => LIST_FILTERS.includes(dimension));
  return `/api/v1/sessions${toSearch({ timeRange: timeOrThisMonth(selection), where: known }, { ...page, limit: LIST_LIMIT })}`;
}

const FIRST = { last_seen: 'newest', duration: 'longest', cost: 'most expensive' } as const satisfies Record<Order, string>;

/** Of all pages, as many to each as there may be. */
function allPath(selection: Selection, { cursor: _, ...page }: ListPage): string {
  const [path = '', search = ''] = sessionListPath(selection, page).split('?');
  const parameters = new URLSearchParams(search);
  parameters.set('limit', '500');
  parameters.set('format', 'csv');
  return `${path}?${parameters}`;
}

function aboutList(isAll: boolean, { where }: Selection, order: Order): string {
  const unused = [...new Set(where.map(({ dimension }) => dimension).filter((dimension) => !LIST_FILTERS.includes(dimension)))];
  const shown = isAll ? 'All sessions last seen in the time range' : `Sessions last seen in the time range, ${LIST_LIMIT} to a page`;
  const rest = unused.length === 0 ? '' : ` Not filtered by ${unused.map(wordsOf).join(', ')}: a session can have several.`;
  return `${shown}, ${FIRST[order]} first.${rest}`;
}

interface ListOptions {
  readonly selection: Selection;
  readonly page: ListPage;
  readonly onSearch: (address: string) => void;
  /** All of what is listed, as a file: the address of its first page. */
  readonly onExport: (path: string) => void;
}

const SEARCH_ID = 'session-search';

/** What is typed stays when the list is drawn anew meanwhile. */
function renderSearch({ selection, page, onSearch, onExport }: ListOptions): HTMLElement {
  const before = document.activeElement;
  const typed = before instanceof HTMLInputElement && before.id === SEARCH_ID ? before.value : (page.search ?? '');
  const input = element('input', { id: SEARCH_ID, type: 'search', name: 'search', value: typed, maxlength: 200, 'data-focus': SEARCH_ID });
  const submit = (event: Event): void => {
    event.preventDefault();
    const search = input.value.trim();
    onSearch(listAddress(selection, { ...(page.order !== undefined && { order: page.order }), ...(search !== '' && { search }) }));
  };
  return element(
    'form',
    { class: 'list-search', role: 'search', submit },
    element('label', { for: SEARCH_ID }, 'Find by id, user, team, workspace or repository'),
    input,
    element('button', { type: 'submit', class: 'button' }, 'Search'),
    element(
      'button',
      { type: 'button', class: 'button', 'data-focus': 'sessions:csv', click: () => onExport(allPath(selection, page)) },
      'Download all as CSV',
    ),
  );
}

/** Nothing where all are on one page. */
function renderPages(next: string | null, { selection, page }: ListOptions): HTMLElement | null {
  const { cursor, ...first } = page;
  if (next === null && cursor === undefined) return null;
  return element(
    'nav',
    { class: 'list-pages', 'aria-label': 'Pages' },
    cursor !== undefined && element('a', { class: 'button', href: listAddress(selection, first) }, 'First page'),
    next !== null && element('a', { class: 'button', href: listAddress(selection, { ...first, cursor: next }), rel: 'next' }, 'Next page'),
  );
}

export function renderSessionList({ sessions, next, page: place, hints, time_zone }: SessionListAnswer, options: ListOptions): HTMLElement {
  const { selection, page } = options;
  const rows = sessions.map((session) => ({
    cells: [Date.parse(session.last_seen) / 1000, session.cost_usd, session.user, session.team, session.workspace, session.wall_duration_ms],
    filters: [],
    session: session.full_id,
    absent: false,
    opens: 'sessions',
  }));
  return element(
    'div',
    { class: 'board is-list' },
    element('h1', { tabindex: -1 }, 'All sessions'),
    element('p', { class: 'board-about' }, aboutList(next === null && page.cursor === undefined, selection, page.order ?? 'last_seen')),
    renderSearch(options),
    ...hints.map(renderHint),
    element('p', { class: 'table-count', role: 'status' }, placeText(place, rows.length, 'session', page.search ?? '')),
    rows.length === 0
      ? element('p', { class: 'notice' }, page.search === undefined ? NO_SESSIONS : `No session in this time range is found for "${page.search}".`)
      : renderListed({ columns: LIST_COLUMNS, rows, totals: [] }, time_zone, options),
    renderPages(next, options),
  );
}

/** Sorted by the ledger: over all sessions, and not those of the page. */
function renderListed(data: TableData, timeZone: string, { selection, page, onSearch }: ListOptions): HTMLElement {
  const { cursor: _, order = 'last_seen', ...found } = page;
  const table = renderTable(data, {
    ...{ board: 'sessions', selection, title: 'All sessions', timeZone, isExact: false, focusKey: 'sessions', isArranged: true as const },
    sortable: Object.keys(ORDERS),
    sorting: { column: order, isDescending: true },
    onSort: ({ column }) => isOrder(column) && onSearch(listAddress(selection, { ...found, order: column })),
  });
  return element('div', { class: 'card' }, table);
}

const NO_SESSIONS = 'No sessions in this time range. Select a longer one above.';

export function renderSession(session: SessionAnswer, selection: Selection, view: ViewState): HTMLElement {
  const timeZone = selection.timeRange.tz ?? session.time_zone;
  const count = (value: Amount): string => exactAmount(value, 'count');
  const time = (ms: Amount): string => duration(toNumber(ms));
  const facts: readonly (readonly [string, string])[] = [
    ['API duration', time(session.api_duration_ms)],
    ['Wall duration', time(session.wall_duration_ms)],
    ['Active time', `${time(session.active_time_ms.user)} user, ${time(session.active_time_ms.cli)} CLI`],
    ['Code changes', `${count(session.lines_added)} lines added, ${count(session.lines_removed)} removed`],
    ['Commits, pull requests', `${count(session.commits)}, ${count(session.pull_requests)}`],
    ['API requests', `${count(session.requests)} successful, ${count(session.errors)} failed`],
    ['Tokens', count(session.tokens.total)],
    ['From events', exactAmount(session.cost_usd_events, 'usd')],
    ['From metrics', exactAmount(session.cost_usd_metrics, 'usd')],
    ['User', session.user],
    ...session.shares.map(({ user, team, cost_usd }) => [`Of it, ${user} (${team})`, exactAmount(cost_usd, 'usd')] as const),
    ...session.also.map(
      ({ user, team, cost_usd, full_id }) => [`Same id, ${user} (${team})`, `${exactAmount(cost_usd, 'usd')}, ${full_id}`] as const,
    ),
    ['Team', session.team],
    ['Workspace', session.workspace],
    ['Repository', session.repository],
    ['Client', `${session.client_version}, ${session.terminal}`],
    ['First seen', `${instant(session.first_seen, timeZone)}, ${timeZone}`],
    ['Last seen', `${instant(session.last_seen, timeZone)}, ${timeZone}`],
  ];
  const models = session.by_model.map(({ model, requests, tokens, cost_usd }) => ({
    cells: [model, requests, tokens.input, tokens.output, tokens.cache_read, tokens.cache_creation, cost_usd],
    filters: [{ dimension: 'model', value: model } as const],
    absent: false,
    opens: 'models',
  }));
  const person = boardAddress('developer', selection, [{ dimension: 'user', value: session.user }]);
  return element(
    'div',
    { class: 'board' },
    element('h1', { class: 'session-id', tabindex: -1 }, 'Session ', element('code', {}, session.session_id)),
    element('p', { class: 'stat-value session-cost' }, exactAmount(session.cost_usd, 'usd')),
    element(
      'p',
      { class: 'board-about' },
      `User: ${session.user}. `,
      element('a', { href: person }, 'All activity'),
      ', ',
      element('a', { href: boardAddress('sessions', selection) }, 'all sessions'),
      '.',
    ),
    sortableIn(
      element('div', { class: 'card' }),
      { columns: MODEL_COLUMNS, rows: models, totals: [] },
      { board: 'sessions', selection, title: 'Cost by model', timeZone, isExact: true, focusKey: 'sessions', view },
    ),
    element(
      'dl',
      { class: 'facts is-session' },
      ...facts.map(([name, value]) => element('div', { class: 'fact' }, element('dt', {}, name), element('dd', {}, value))),
    ),
  );
}
