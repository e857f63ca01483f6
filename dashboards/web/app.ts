/** The page: asks for what its address names, draws it, and asks again while someone is looking. */
import type { BoardAnswer } from '../../collector/http/boards.ts';
import { newViewState, renderBoard } from './board.ts';
import { ApiFailure, ask } from './client.ts';
import { byId } from './dom.ts';
import { age } from './format.ts';
import { renderFailure, renderSkeleton } from './notices.ts';
import { renderSession, renderSessionList, type SessionAnswer, type SessionListAnswer } from './sessions.ts';
import { readSelection, type Selection, toSearch } from './state.ts';

const REFRESH_MS = 30_000;
const OLD_MS = 3_600_000;

interface Place {
  readonly name: 'overview' | 'sessions';
  readonly title: string;
  readonly path: string;
  readonly draw: (answer: unknown) => HTMLElement;
}

const main = byId('main');
const view = newViewState();
let selection = readSelection(location.search);
let asking: AbortController | undefined;
let drawn = '';
let redraw: () => void = () => {};
let asOf: string | null | undefined;
let clockAheadMs = 0;

/** The address decides what is asked. The casts name what our own server answers at that path. */
function currentPlace(): Place {
  const [, first, id] = location.pathname.split('/');
  if (first === 'sessions' && id !== undefined && id !== '') {
    return { name: 'sessions', title: 'Session', path: `/api/v1/sessions/${id}`, draw: (answer) => renderSession(answer as SessionAnswer) };
  }
  if (first === 'sessions')
    return { name: 'sessions', title: 'Sessions', path: '/api/v1/sessions', draw: (answer) => renderSessionList(answer as SessionListAnswer) };
  const draw = (answer: unknown): HTMLElement => renderBoard(answer as BoardAnswer, { selection, view, onSelect: select, onView: () => redraw() });
  return { name: 'overview', title: 'Overview', path: `/api/v1/boards/overview${toSearch(selection)}`, draw };
}

function select(next: Selection): void {
  selection = next;
  history.pushState(null, '', `${location.pathname}${toSearch(next)}`);
  void load();
}

async function load(): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const place = currentPlace();
  main.setAttribute('aria-busy', 'true');
  byId('progress').hidden = false;
  try {
    const { text, answer, clockAheadMs: ahead } = await ask<{ as_of: string | null }>(place.path, signal);
    asOf = answer.as_of;
    clockAheadMs = ahead;
    showAge();
    redraw = () => replaceMain(place.draw(answer));
    // Figures that did not change are not drawn again: nothing flickers under the reader's eyes.
    if (withoutClock(text) !== drawn) redraw();
    drawn = withoutClock(text);
  } catch (failure) {
    if (signal.aborted) return;
    drawn = '';
    const known = failure instanceof ApiFailure ? failure : new ApiFailure(0, 'The page could not be drawn.', String(failure));
    showFailure(known);
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
  const notice = renderFailure(failure, { onRetry: () => void load(), onReset: () => select({ span: {}, where: [] }) });
  main.querySelector('[role="alert"]')?.remove();
  if (isAway && main.querySelector('.skeleton') === null) main.prepend(notice);
  else main.replaceChildren(notice);
}

const withoutClock = (text: string): string => `${location.href} ${text.replace(/"now":"[^"]*"/, '')}`;

/** Swaps the content and puts the keyboard's focus back where it was. */
function replaceMain(content: HTMLElement): void {
  const key = document.activeElement?.getAttribute('data-focus');
  main.replaceChildren(content);
  if (key === null || key === undefined) return;
  for (const candidate of main.querySelectorAll<HTMLElement>('[data-focus]')) {
    if (candidate.dataset.focus === key) candidate.focus({ preventScroll: true });
  }
}

function showAge(): void {
  if (asOf === undefined) return;
  const node = byId('age');
  const ageMs = asOf === null ? undefined : Date.now() - clockAheadMs - Date.parse(asOf);
  node.classList.toggle('is-old', ageMs === undefined || ageMs > OLD_MS);
  node.textContent = ageMs === undefined ? 'no data yet' : `data ${age(ageMs)} old`;
  node.title = asOf === null ? '' : `The ledger last booked something on ${new Date(asOf).toLocaleString()}.`;
}

function markPlace(): void {
  const { name, title } = currentPlace();
  document.title = `${title} · Ledgerline`;
  for (const link of document.querySelectorAll<HTMLElement>('[data-place]')) {
    if (link.dataset.place === name) link.setAttribute('aria-current', 'page');
  }
}

const refresh = (): void => {
  if (document.visibilityState === 'visible' && main.getAttribute('aria-busy') !== 'true') void load();
};

addEventListener('popstate', () => {
  selection = readSelection(location.search);
  void load();
});
document.addEventListener('themechange', () => redraw());
document.addEventListener('visibilitychange', refresh);
setInterval(refresh, REFRESH_MS);
setInterval(showAge, 1000);
markPlace();
main.replaceChildren(renderSkeleton());
void load();
