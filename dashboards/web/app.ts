/** The page: asks for what its address names, draws it, and asks again while someone is looking. */
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { SessionAnswer, SessionListAnswer } from '../../collector/query/sessions.ts';
import { ADVISED_BOARDS, showAdvice } from './advice.ts';
import { BoardView } from './board.ts';
import { BoardMemory } from './board-memory.ts';
import { ApiFailure, ask } from './client.ts';
import { COVERED_BOARDS, showCovered } from './covered.ts';
import { isFilling, pageTitle } from './demo.ts';
import { byId, element } from './dom.ts';
import { downloadCsv, downloadJson } from './download.ts';
import { keepingFocus } from './focus.ts';
import { clockTime, type Read, showAge, showFreshness } from './freshness.ts';
import { showFullNames, splitNames } from './names.ts';
import { renderFailure, renderSkeleton } from './notices.ts';
import { boardPath, isOurs, type Place, placeOf } from './place.ts';
import type { Covered } from './range.ts';
import { RECONCILED_BOARDS, showReconciliation } from './reconcile.ts';
import { type ListPage, readListPage, renderSession, renderSessionList, sessionListPath } from './sessions.ts';
import { EVERYTHING, readSelection, type Selection, toSearch } from './state.ts';
import { storedToken } from './token.ts';
import { createToolbar } from './toolbar.ts';
import { showWho } from './who.ts';

const REFRESH_MS = 30_000;
/** Of a mouse: it opens a menu, and follows nothing. */
const SECONDARY_BUTTON = 2;
/** The collector is away, or the demo's history is being sent. */
const SOON_MS = 5_000;
/** What asking again does not change: the address or the token is wrong. */
const FINAL = [400, 401, 403, 404];
/** On the browser's own timeline: how long the reader waited (test/bench/first-board.ts). */
const DRAWN_MARK = 'ledgerline-drawn';

const main = byId('main');
const memories = new Map<string, BoardMemory>();
let selection = readSelection(location.search);
let asking: AbortController | undefined;
/** Address and text of what stands there; the same answer again is not drawn again. */
let drawn = '';
let view: { readonly address: string; readonly board: BoardView } | undefined;
let asked: Covered | undefined;
/** The path of what stands in main, drawn or on its way. */
let standing: string | undefined;
/** Of the answer that stands there. */
let read: Read | undefined;
let readAddress = '';
let failed: ApiFailure | undefined;
let soon: ReturnType<typeof setTimeout> | undefined;

const updateToolbar = createToolbar(byId('toolbar'), { selection: () => selection, asked: () => asked, onSelect: select });

interface Question {
  readonly path: string;
  /** The cast in each names what our own server answers at that path. */
  readonly draw: (answer: unknown) => void;
}

function questionOf(place: Place): Question {
  if (place.kind === 'session')
    return { path: `/api/v1/sessions/${encodeURIComponent(place.id)}`, draw: (answer) => drawSession(answer as SessionAnswer) };
  if (place.kind === 'sessions') {
    const page = readListPage(location.search);
    return { path: sessionListPath(selection, page), draw: (answer) => drawSessions(answer as SessionListAnswer, page) };
  }
  return { path: `/api/v1/boards/${encodeURIComponent(place.id)}${toSearch(selection)}`, draw: (answer) => drawBoard(answer as BoardAnswer) };
}

function drawSession(answer: SessionAnswer): void {
  show(renderSession(answer, selection, memoryOf(location.pathname).view('models')));
}

function drawSessions(answer: SessionListAnswer, page: ListPage): void {
  const { from, to, time_zone } = answer;
  asked = { from, to, time_zone, now: new Date().toISOString() };
  updateToolbar();
  show(renderSessionList(answer, { selection, page, onSearch: go, onExport: (path) => void exportCsv(path) }));
}

function memoryOf(place: string): BoardMemory {
  const memory = memories.get(place) ?? new BoardMemory();
  memories.set(place, memory);
  return memory;
}

function drawBoard(answer: BoardAnswer): void {
  asked = answer.asked;
  updateToolbar();
  const memory = memoryOf(answer.board.id);
  if (view?.address === location.href && view.board.element.isConnected && view.board.refresh(answer)) {
    advise(answer, view.board.element, memory);
    return;
  }
  const board = new BoardView(answer, { selection, memory, onSelect: select, onExport: (path) => void exportCsv(path) });
  show(board.element);
  view = { address: location.href, board };
  advise(answer, board.element, memory);
}

/** Only where something was spent: below a welcome it would be about nothing. */
function advise({ board: { id }, is_empty }: BoardAnswer, board: HTMLElement, memory: BoardMemory): void {
  if (is_empty || asking === undefined) return;
  if (ADVISED_BOARDS.includes(id)) void showAdvice(board, { selection, memory }, asking.signal);
  if (COVERED_BOARDS.includes(id)) void showCovered(board, selection, asking.signal);
  if (RECONCILED_BOARDS.includes(id)) void showReconciliation(board, { selection, onSelect: select, memory }, asking.signal).then(askAnew);
}

/** What failed beside a board is asked for again with it, also where the board is as it was. */
function askAnew(failure: ApiFailure | undefined): void {
  if (failure !== undefined && !FINAL.includes(failure.status)) drawn = '';
}

function show(content: HTMLElement): void {
  keepingFocus(main, () => main.replaceChildren(splitNames(content)), main);
}

function select(next: Selection): void {
  go(`${location.pathname}${toSearch(next)}`);
}

function go(address: string): void {
  history.pushState(null, '', address);
  arrive();
}

/**
 * The address changed. Another board begins at its top and under its own name at once; what stood there is gone. The same one with another
 * selection stays where it was, dimmed, until its figures come.
 */
function arrive(): void {
  const next = readSelection(location.search);
  // What was covered before says nothing of another time range.
  if (JSON.stringify(next.timeRange) !== JSON.stringify(selection.timeRange)) asked = undefined;
  selection = next;
  markPlace();
  updateToolbar();
  const isFirst = standing === undefined;
  const isMoved = standing !== location.pathname;
  if (isMoved) leave();
  if (isMoved && !isFirst) {
    scrollTo(0, 0);
    focusTitle();
  }
  void load().then(() => {
    // Only while nobody went elsewhere meanwhile: the title that had the focus was drawn anew.
    if (isMoved && !isFirst && document.activeElement === document.body) focusTitle();
  });
}

const focusTitle = (): void => main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });

function leave(): void {
  standing = location.pathname;
  drawn = '';
  view = undefined;
  read = undefined;
  failed = undefined;
  delete main.dataset.path;
  main.replaceChildren(renderSkeleton(titleOf(placeOf(location.pathname))));
  freshen();
}

const freshen = (): void => {
  showAge(read);
  showFreshness(main, read, failed !== undefined);
};

async function load(): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { path, draw } = questionOf(placeOf(location.pathname));
  clearTimeout(soon);
  setBusy(true);
  try {
    const { text, answer, clockAheadMs } = await ask<Answered>(path, signal);
    // An answer that was asked for ahead is not called back, and may come after the reader has left.
    if (signal.aborted) return;
    takeRead(answer, clockAheadMs);
    // Figures that did not change are not drawn again: nothing flickers under the reader's eyes.
    if (withoutClock(text) !== drawn) draw(answer);
    drawn = withoutClock(text);
    freshen();
    performance.mark(DRAWN_MARK);
    main.dataset.path = location.pathname;
    announce();
    void showWho(signal).then((me) => me !== undefined && isFilling(me.demo) && again());
  } catch (failure) {
    if (signal.aborted) return;
    showFailure(failure instanceof ApiFailure ? failure : new ApiFailure(0, 'The page could not be drawn.', String(failure)));
  } finally {
    if (!signal.aborted) setBusy(false);
  }
}

/** What every answer says, and what only boards do. */
interface Answered {
  readonly as_of: string | null;
  readonly asked?: Covered;
}

function takeRead({ as_of: asOf, asked: covered }: Answered, clockAheadMs: number): void {
  const nowMs = Date.now();
  const serverMs = Date.parse(covered?.now ?? '');
  failed = undefined;
  removeFailure();
  readAddress = location.href;
  read = {
    atMs: nowMs,
    asOf,
    clockAheadMs: Number.isNaN(serverMs) ? clockAheadMs : nowMs - serverMs,
    isOfPresent: covered !== undefined && (covered.to === null || Date.parse(covered.to) > serverMs),
  };
}

function setBusy(isBusy: boolean): void {
  main.setAttribute('aria-busy', String(isBusy));
  main.classList.toggle('is-changing', isBusy && readAddress !== location.href);
  byId('progress').hidden = !isBusy;
}

function again(): void {
  clearTimeout(soon);
  soon = setTimeout(refresh, SOON_MS);
}

/** What was drawn stays, dimmed and with its time, when the collector is only away; what cannot be asked or seen replaces it. */
function showFailure(failure: ApiFailure): void {
  const isAway = failure.status === 0 || failure.status >= 500;
  drawn = '';
  failed = failure;
  const notice = renderFailure(failure, { onRetry: () => void load(), onReset: () => select(EVERYTHING) });
  removeFailure();
  if (isAway && read !== undefined) {
    const of = readAddress === location.href ? 'The figures below' : 'The figures below are of the selection before; they';
    notice.firstElementChild?.append(` ${of} were read at ${clockTime(read.atMs)}.`);
    main.prepend(notice);
  } else {
    view = undefined;
    read = undefined;
    main.replaceChildren(element('h1', { tabindex: -1 }, titleOf(placeOf(location.pathname))), notice);
  }
  freshen();
  if (isAway) again();
}

const exportCsv = (path: string): Promise<void> => save(() => downloadCsv(path));

async function save(download: () => Promise<void>): Promise<void> {
  try {
    await download();
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure;
    removeFailure();
    const onRetry = (): void => {
      removeFailure();
      void save(download);
    };
    main.prepend(renderFailure(failure, { onRetry, onReset: () => select(EVERYTHING) }));
  }
}

/** What the page itself failed at stands above everything; what a welcome says was refused is a part of it, and stays. */
const removeFailure = (): void => main.querySelector(':scope > :is([role="alert"], .token-form)')?.remove();

const withoutClock = (text: string): string => `${location.href} ${text.replaceAll(/"now":"[^"]*"|"age_seconds":\d+/g, '')}`;

/** Says once what a reader who sees the page sees: that another board or selection stands there now. */
function announce(): void {
  const node = byId('announcement');
  const text = `${document.title}, ${location.search === '' ? 'unfiltered, this month' : 'with the selected filters and time range'}`;
  if (node.dataset.address !== location.href) node.textContent = text;
  node.dataset.address = location.href;
}

/** Marks the board that is shown and gives every link of the navigation the selection to carry along. */
function markPlace(): void {
  const place = placeOf(location.pathname);
  const own = place.kind === 'board' ? boardPath(place.id) : '/sessions';
  byId('toolbar').hidden = place.kind === 'session';
  for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-place]')) {
    const path = link.dataset.place ?? '/';
    link.href = `${path}${toSearch(selection)}`;
    if (path !== own || link.classList.contains('brand')) link.removeAttribute('aria-current');
    else link.setAttribute('aria-current', 'page');
  }
  document.title = pageTitle(titleOf(place));
}

/** As the navigation names it; what is not in it, by its address. */
function titleOf(place: Place): string {
  if (place.kind === 'session') return 'Session';
  const path = place.kind === 'board' ? boardPath(place.id) : '/sessions';
  const links = document.querySelectorAll<HTMLElement>('.boards [data-place]');
  return [...links].find((link) => link.dataset.place === path)?.textContent ?? (place.kind === 'board' ? place.id : path);
}

/**
 * Links between our own pages are followed without loading the page again; with a token, what a link to the API would open is saved, also
 * with the keys and buttons that open a new tab: it would be asked for without the token there.
 */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || event.defaultPrevented || event.button === SECONDARY_BUTTON) return;
  if (link.origin !== location.origin || link.hasAttribute('download') || link.hash !== '') return;
  const isOfApi = link.pathname.startsWith('/api/') && storedToken() !== undefined;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!isOfApi && !(isPlain && isOurs(link.pathname))) return;
  event.preventDefault();
  if (isOfApi) return void save(() => downloadJson(link.pathname));
  const menu = byId('boards');
  if (menu.matches(':popover-open')) menu.hidePopover();
  go(`${link.pathname}${link.search}`);
}

function refresh(): void {
  const isFinal = failed !== undefined && FINAL.includes(failed.status);
  if (document.visibilityState === 'visible' && main.getAttribute('aria-busy') !== 'true' && !isFinal) void load();
}

showFullNames();
addEventListener('popstate', arrive);
document.addEventListener('click', followLink);
document.addEventListener('auxclick', followLink);
document.addEventListener('themechange', () => view?.board.redraw());
document.addEventListener('visibilitychange', refresh);
setInterval(refresh, REFRESH_MS);
setInterval(freshen, 1000);
arrive();
