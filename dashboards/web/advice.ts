/** What would have saved money, below the board about one user. It reads single requests, so it comes after the board. */

import type { AdviceAnswer } from '../../collector/query/advice.ts';
import type { TableColumn, TableData } from '../../collector/query/boards/panel-data.ts';
import type { BoardMemory } from './board-memory.ts';
import { ask } from './client.ts';
import { element } from './dom.ts';
import { keepingFocus } from './focus.ts';
import { shortAmount } from './format.ts';
import { sortableIn } from './sortable.ts';
import { type Selection, timeOrThisMonth, toSearch } from './state.ts';

/** Boards that have it. */
export const ADVISED_BOARDS: readonly string[] = ['developer'];

const TITLE = 'What would have saved money';
/** What one session has only one of. */
const FILTERS = ['organization', 'team', 'user', 'workspace', 'repository'];

const COLUMNS: readonly TableColumn[] = [
  { key: 'session', title: 'Session', unit: 'label' },
  { key: 'saved', title: 'Would have saved', unit: 'usd' },
  { key: 'what', title: 'Advice', unit: 'label' },
  { key: 'user', title: 'User', unit: 'label' },
  { key: 'evidence', title: 'What happened', unit: 'label' },
];

/** Like the board, about the running month unless the reader picks another time range. */
function advicePath(selection: Selection): string {
  const known = selection.where.filter(({ dimension }) => FILTERS.includes(dimension));
  return `/api/v1/advice${toSearch({ timeRange: timeOrThisMonth(selection), where: known })}`;
}

interface Shown {
  readonly selection: Selection;
  readonly memory: BoardMemory;
}

/** Asks for it, and puts it in the place of what stood there. Where it cannot be had the board stands without it. */
export async function showAdvice(board: HTMLElement, shown: Shown, signal: AbortSignal): Promise<void> {
  const answered = await ask<AdviceAnswer>(advicePath(shown.selection), signal).catch(() => undefined);
  if (answered === undefined || signal.aborted) return;
  const section = renderAdvice(answered.answer, shown);
  const before = board.querySelector('.advice');
  if (before !== null) return keepingFocus(board, () => before.replaceWith(section), board);
  // How far to trust figures stands last, on every board.
  const coverage = board.querySelector('.coverage');
  if (coverage === null) board.append(section);
  else coverage.before(section);
}

function renderAdvice(answer: AdviceAnswer, shown: Shown): HTMLElement {
  const { advice, saved_usd, looked_into } = answer;
  const rest = shown.selection.where.filter(({ dimension }) => !FILTERS.includes(dimension)).map(({ dimension }) => dimension);
  return element(
    'section',
    { class: 'row advice', 'aria-label': TITLE },
    element('h2', { class: 'row-title' }, TITLE),
    element('p', { class: 'board-about' }, aboutAll(answer), rest.length > 0 && ` Not filtered by ${[...new Set(rest)].join(', ')}.`),
    advice.length > 0 && renderEvidence(answer, shown),
    ...advice.map((item) =>
      element(
        'p',
        { class: 'board-about' },
        element('strong', {}, `${item.title}: ${amountWords(item.saved_usd)}. `),
        `${item.advice} How it was computed: ${item.how}`,
        ...item.unknown.map(({ requests, reason }) => ` Without ${requests} requests: ${reason}`),
      ),
    ),
    looked_into.note !== null && saved_usd !== null && element('p', { class: 'board-about' }, looked_into.note),
  );
}

const amountWords = (saved: string | null): string => (saved === null ? 'amount not known' : shortAmount(saved, 'usd'));

function aboutAll({ advice, saved_usd, cost_usd }: AdviceAnswer): string {
  if (advice.length === 0) return 'Nothing was found that would have cost less.';
  if (saved_usd === null) return 'How much is not known; the reasons stand below.';
  return `At most ${shortAmount(saved_usd, 'usd')} of ${shortAmount(cost_usd, 'usd')}. Advice overlaps: what several claim of one request counts once here.`;
}

function renderEvidence({ advice, time_zone }: AdviceAnswer, { selection, memory }: Shown): HTMLElement {
  const rows = advice.flatMap(({ title, evidence }) =>
    evidence.map(({ full_id, saved_usd, user, text }) => ({
      cells: [full_id, saved_usd, title, user, text],
      ...{ filters: [], session: full_id, absent: false, opens: 'sessions' },
    })),
  );
  const data: TableData = { columns: COLUMNS, rows, totals: [] };
  return sortableIn(element('div', { class: 'card' }), data, {
    ...{ board: 'developer', selection, title: TITLE, timeZone: time_zone, isExact: false, focusKey: 'advice' },
    ...{ view: memory.view('advice'), first: { column: 'saved', isDescending: true } },
  });
}
