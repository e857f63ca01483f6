/** The page: asks for what its address names, draws it, and asks again while someone is looking. */
import { HOUR_MS } from '../../collector/core/duration.ts';
import type { Asked, BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { SessionAnswer, SessionListAnswer } from '../../collector/query/sessions.ts';
import { BoardMemory, BoardView } from './board.ts';
import { ApiFailure, ask } from './client.ts';
import { byId } from './dom.ts';
import { downloadCsv } from './download.ts';
import { keepingFocus } from './focus.ts';
import { age } from './format.ts';
import { renderFailure, renderSkeleton } from './notices.ts';
import { boardPath, type Place, placeOf } from './place.ts';
import { readListPage, renderSession, renderSessionList, sessionListPath } from './sessions.ts';
import { EVERYTHING, readSelection, type Selection, toSearch } from './state.ts';
import { createToolbar } from './toolbar.ts';
import { showWho } from './who.ts';

const REFRESH_MS = 30_000;
const OLD_MS = HOUR_MS;
/** What the server answers, and not this page. */
const OTHER_PAGES = /^\/(?:api|auth)\//;
/** On the browser's own timeline: how long the reader waited (test/dashboards/web/first-board.ts). */
const DRAWN_MARK = 'ledgerline-drawn';

const main = byId('main');
const memories = new Map<string, BoardMemory>();
let selection = readSelection(location.search);
let asking: AbortController | undefined;
/** Address and text of what stands there; the same answer again is not drawn again. */
let drawn = '';
let view: { readonly address: string; readonly board: BoardView } | undefined;
let asked: Asked | undefined;
let asOf: string | null | undefined;
let clockAheadMs = 0;

const updateToolbar = createToolbar(byId('toolbar'), { selection: () => selection, asked: () => asked, onSelect: select });

interface Question {
  readonly path: string;
  /** The cast in each names what our own server answers at that path. */
  readonly draw: (answer: unknown) => void;
}

function questionOf(place: Place): Question {
  if (place.kind === 'session')
    return { path: `/api/v1/sessions/${encodeURIComponent(place.id)}`, draw: (answer) => show(renderSession(answer as SessionAnswer, selection)) };
  if (place.kind === 'sessions') {
    const page = readListPage(location.search);
    const draw = (answer: unknown): void => show(renderSessionList(answer as SessionListAnswer, { selection, page, onSearch: go }));
    return { path: sessionListPath(selection, page), draw };
  }
  return { path: `/api/v1/boards/${encodeURIComponent(place.id)}${toSearch(selection)}`, draw: (answer) => drawBoard(answer as BoardAnswer) };
}

function drawBoard(answer: BoardAnswer): void {
  asked = answer.asked;
  updateToolbar();
  if (view?.address === location.href && view.board.element.isConnected && view.board.refresh(answer)) {
    main.querySelector('[role="alert"]')?.remove();
    return;
  }
  const memory = memories.get(answer.board.id) ?? new BoardMemory();
  memories.set(answer.board.id, memory);
  const board = new BoardView(answer, { selection, memory, onSelect: select, onExport: (id, panel) => void exportPanel(id, panel) });
  show(board.element);
  view = { address: location.href, board };
}

function show(content: HTMLElement): void {
  keepingFocus(main, () => main.replaceChildren(content), main);
}

function select(next: Selection): void {
  go(`${location.pathname}${toSearch(next)}`);
}

function go(address: string): void {
  history.pushState(null, '', address);
  arrive();
}

/** The address changed: another board begins at its top, the same one with another selection stays where it was. */
function arrive(): void {
  const before = main.dataset.path;
  selection = readSelection(location.search);
  markPlace();
  updateToolbar();
  void load().then(() => {
    if (before === undefined || before === location.pathname || main.dataset.path !== location.pathname) return;
    scrollTo(0, 0);
    main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  });
}

async function load(): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { path, draw } = questionOf(placeOf(location.pathname));
  main.setAttribute('aria-busy', 'true');
  byId('progress').hidden = false;
  try {
    const { text, answer, clockAheadMs: ahead } = await ask<{ as_of: string | null }>(path, signal);
    asOf = answer.as_of;
    clockAheadMs = ahead;
    showAge();
    // Figures that did not change are not drawn again: nothing flickers under the reader's eyes.
    if (withoutClock(text) !== drawn) draw(answer);
    drawn = withoutClock(text);
    performance.mark(DRAWN_MARK);
    main.dataset.path = location.pathname;
    announce();
    void showWho(signal);
  } catch (failure) {
    if (signal.aborted) return;
    drawn = '';
    showFailure(failure instanceof ApiFailure ? failure : new ApiFailure(0, 'The page could not be drawn.', String(failure)));
  } finally {
    if (!signal.aborted) {
      main.setAttribute('aria-busy', 'false');
      byId('progress').hidden = true;
    }
  }
}

/** What was drawn stays, marked as old, when the collector is only away; what cannot be asked or seen replaces it. */
function showFailure(failure: ApiFailure): void {
  const isAway = failure.status === 0 || failure.status >= 500;
  const notice = renderFailure(failure, { onRetry: () => void load(), onReset: () => select(EVERYTHING) });
  main.querySelector('[role="alert"]')?.remove();
  if (isAway && main.querySelector('.skeleton') === null) main.prepend(notice);
  else main.replaceChildren(notice);
}

async function exportPanel(board: string, panel: string): Promise<void> {
  const path = `/api/v1/boards/${encodeURIComponent(board)}/panels/${encodeURIComponent(panel)}.csv${toSearch(selection)}`;
  try {
    await downloadCsv(path, `ledgerline-${board}-${panel}.csv`);
  } catch (failure) {
    if (failure instanceof ApiFailure) showFailure(failure);
    else throw failure;
  }
}

const withoutClock = (text: string): string => `${location.href} ${text.replaceAll(/"now":"[^"]*"|"age_seconds":\d+/g, '')}`;

/** Says once what a reader who sees the page sees: that another board or selection stands there now. */
function announce(): void {
  const node = byId('announcement');
  const text = `${document.title}, ${location.search === '' ? 'unfiltered, this month' : 'with the selected filters and time range'}`;
  if (node.dataset.address !== location.href) node.textContent = text;
  node.dataset.address = location.href;
}

function showAge(): void {
  if (asOf === undefined) return;
  const node = byId('age');
  const ageMs = asOf === null ? undefined : Date.now() - clockAheadMs - Date.parse(asOf);
  node.classList.toggle('is-old', ageMs === undefined || ageMs > OLD_MS);
  node.textContent = ageMs === undefined ? 'no data yet' : `data ${age(ageMs)} old`;
  node.title = asOf === null ? '' : `The newest record was booked on ${new Date(asOf).toLocaleString()}.`;
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
    else {
      link.setAttribute('aria-current', 'page');
      document.title = `${place.kind === 'session' ? 'Session' : link.textContent} · Ledgerline`;
    }
  }
}

/** Links between our own pages are followed without loading the page again. */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || link.hasAttribute('download') || link.hash !== '' || OTHER_PAGES.test(link.pathname)) return;
  event.preventDefault();
  const menu = byId('boards');
  if (menu.matches(':popover-open')) menu.hidePopover();
  go(`${link.pathname}${link.search}`);
}

const refresh = (): void => {
  if (document.visibilityState === 'visible' && main.getAttribute('aria-busy') !== 'true') void load();
};

addEventListener('popstate', arrive);
document.addEventListener('click', followLink);
document.addEventListener('themechange', () => view?.board.redraw());
document.addEventListener('visibilitychange', refresh);
setInterval(refresh, REFRESH_MS);
setInterval(showAge, 1000);
main.replaceChildren(renderSkeleton());
arrive();
