/** What the provider bills beside what is reported, below the board Reconciliation: no series has it, and it is by days in UTC. */

import type { ApiRequestsAnswer } from '../../collector/query/api-requests.ts';
import type { SeriesData, TableData } from '../../collector/query/boards/panel-data.ts';
import type { PlansAnswer } from '../../collector/query/plans.ts';
import type { ReconciliationAnswer } from '../../collector/query/reconcile.ts';
import type { BoardMemory } from './board-memory.ts';
import { ApiFailure, ask } from './client.ts';
import { element, withCode, withProperties } from './dom.ts';
import { keepingFocus } from './focus.ts';
import { percent, shortAmount } from './format.ts';
import { Palette } from './palette.ts';
import { pickedDays } from './picked-range.ts';
import { adjustmentsTable, completenessTable, countedTable, daysOf, importsTable, placesTable, plansTable } from './reconcile-tables.ts';
import { renderSeries } from './series.ts';
import { sortableIn } from './sortable.ts';
import { type Selection, timeOrThisMonth, toSearch, withTimeRange } from './state.ts';
import { renderWaterfall, type WaterfallRow } from './waterfall.ts';

/** Boards that have it. */
export const RECONCILED_BOARDS: readonly string[] = ['reconciliation'];

const TITLE = 'Reported, list and billed';
const USERS_SHOWN = 25;
const CHART_HEIGHT = 260;

interface Shown {
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly memory: BoardMemory;
}

/** Like the board, about the running month unless the reader picks another time range. The zone is not the reader's to pick. */
const searchOf = ({ timeRange: { tz: _, ...timeRange } }: Selection): string => toSearch({ timeRange: timeOrThisMonth({ timeRange }), where: [] });

/** Asks for it, and puts it in the place of what stood there. Why it cannot be had stands there where nothing else does, and is what resolves. */
export async function showReconciliation(board: HTMLElement, shown: Shown, signal: AbortSignal): Promise<ApiFailure | undefined> {
  const search = searchOf(shown.selection);
  try {
    const [reconciled, plans, counted] = await Promise.all([
      ask<ReconciliationAnswer>(`/api/v1/reconcile${search}`, signal),
      ask<PlansAnswer>(`/api/v1/plans${search}`, signal),
      askCounted(search, signal),
    ]);
    if (!signal.aborted) put(board, render(reconciled.answer, { plans: plans.answer, counted }, shown));
    return undefined;
  } catch (failure) {
    if (signal.aborted) return undefined;
    if (!(failure instanceof ApiFailure)) throw failure;
    if (board.querySelector('.reconciled') === null) put(board, renderMissing(failure));
    return failure;
  }
}

const renderMissing = ({ message, hint }: ApiFailure): HTMLElement =>
  element(
    'section',
    { class: 'row reconciled', 'aria-label': TITLE },
    element('h2', { class: 'row-title' }, TITLE),
    element('p', { class: 'board-about', role: 'status' }, ...withCode(`${message} ${hint}`.trim())),
  );

function put(board: HTMLElement, section: HTMLElement): void {
  const before = board.querySelector('.reconciled');
  // How far to trust figures stands last, on every board.
  const coverage = board.querySelector('.coverage');
  if (before !== null) keepingFocus(board, () => before.replaceWith(section), board);
  else if (coverage === null) board.append(section);
  else coverage.before(section);
}

/** Undefined where the API exports nothing. */
async function askCounted(search: string, signal: AbortSignal): Promise<ApiRequestsAnswer | undefined> {
  const asked = await ask<ApiRequestsAnswer>(`/api/v1/api-requests${search}`, signal).catch(() => undefined);
  return asked === undefined || asked.answer.days === 0 ? undefined : asked.answer;
}

interface Beside {
  readonly plans: PlansAnswer;
  readonly counted: ApiRequestsAnswer | undefined;
}

function render(answer: ReconciliationAnswer, { plans, counted }: Beside, shown: Shown): HTMLElement {
  const { completeness, imports } = answer;
  const hasWorkspaces = completeness.workspaces.some(({ recorded_cost_usd }) => recorded_cost_usd !== null);
  const note = shown.selection.where.length > 0 && ' Not filtered: a bill is of the whole organization.';
  return element(
    'section',
    { class: 'row reconciled', 'aria-label': TITLE },
    element('h2', { class: 'row-title' }, TITLE),
    element('p', { class: 'board-about' }, aboutAll(answer), note),
    ...[...answer.missing.map(missingWords), ...answer.findings.map(({ message, remedy }) => `${message} ${remedy}`.trim())].map((text) =>
      element('p', { class: 'board-about' }, ...withCode(text)),
    ),
    element(
      'div',
      { class: 'grid' },
      card('waterfall', 'From reported to billed', 24, renderWaterfall(waterfallOf(answer))),
      card('costs-per-day', 'Reported, list and billed per day, UTC', 24, perDay(answer, shown)),
      card('places', 'By workspace and model', 24, sortable('places', placesTable(answer.rows), shown)),
      card(
        'users',
        usersTitle(answer),
        hasWorkspaces ? 14 : 24,
        sortable('users', completenessTable(completeness.users, 'user', USERS_SHOWN), shown),
      ),
      ...(hasWorkspaces
        ? [
            card(
              'workspaces',
              'Completeness by workspace',
              10,
              sortable('workspaces', completenessTable(completeness.workspaces, 'workspace', USERS_SHOWN), shown),
            ),
          ]
        : []),
      card(
        'plans',
        'Seats of plans',
        14,
        plans.plans.length === 0 ? words('No plan is configured, and no session belongs to one.') : sortable('plans', plansTable(plans.plans), shown),
        words(besidePlans(plans)),
      ),
      ...(counted === undefined
        ? []
        : [card('counted', 'What the API counted', 24, words(countedWords(counted)), sortable('counted', countedTable(counted), shown))]),
      card('closed', 'Closed months and their adjustments', 24, words(closedWords(answer)), ...closedTables(answer, shown)),
      card('imports', 'Imports', 10, imports.length === 0 ? words('Nothing was imported.') : sortable('imports', importsTable(imports), shown)),
    ),
  );
}

function card(id: string, title: string, columns: number, ...body: readonly HTMLElement[]): HTMLElement {
  const attributes = { class: 'card', 'aria-labelledby': `title-reconciled-${id}`, 'data-panel': `reconciled-${id}` };
  const head = element('header', { class: 'card-head' }, element('h3', { id: `title-reconciled-${id}` }, title));
  return withProperties(element('article', attributes, head, ...body), { '--columns': String(columns) });
}

const words = (text: string): HTMLElement => element('p', { class: 'board-about' }, text);
const usd = (amount: string | null): string => (amount === null ? 'not known' : shortAmount(amount, 'usd'));

function aboutAll({ range, reported_usd, list_usd, billed_usd, remainder_usd, remainder_ratio }: ReconciliationAnswer): string {
  const known = `${range.words}, days in UTC: reported ${usd(reported_usd)}, list ${usd(list_usd)}, billed ${usd(billed_usd)}.`;
  if (billed_usd === null) return known;
  if (Number(remainder_usd) === 0) return `${known} Every difference has a cause.`;
  return `${known} ${usd(remainder_usd)} of it (${percent(Math.abs(remainder_ratio ?? 0))}) has no cause.`;
}

const missingWords = ({ message, command }: ReconciliationAnswer['missing'][number]): string =>
  command === '' ? message : `${message} Run \`${command}\`.`;

function waterfallOf({ reported_usd, list_usd, billed_usd, remainder_usd, steps }: ReconciliationAnswer): readonly WaterfallRow[] {
  const stepsOf = (span: string): WaterfallRow[] =>
    steps
      .filter((step) => step.span === span)
      .map(({ title, amount_usd, sentence, remedy }) => ({ title, amount: amount_usd, isSum: false, why: `${sentence} ${remedy}`.trim() }));
  return [
    { title: 'Reported by clients', amount: reported_usd, isSum: true },
    ...stepsOf('reported_list'),
    { title: 'At list price', amount: list_usd, isSum: true },
    ...(billed_usd === null
      ? []
      : [...stepsOf('list_billed'), { title: 'Remainder', amount: remainder_usd, isSum: false, why: 'What no cause explains.' }]),
    { title: 'Billed', amount: billed_usd, isSum: true },
  ];
}

const LINES = ['Reported', 'List', 'Billed'];

/** Three lines; where nothing is known of the bill the third has a gap. */
function perDay({ rows, reported_usd, list_usd, billed_usd }: ReconciliationAnswer, { selection, onSelect, memory }: Shown): HTMLElement {
  const days = daysOf(rows);
  const totals = [reported_usd, list_usd, billed_usd];
  const data: SeriesData = {
    ...{ unit: 'usd', grain: 'day', total: null },
    starts: days.map(({ day }) => Date.parse(day) / 1000),
    series: LINES.map((label, index) => ({
      ...{ label, filters: [], absent: false, share: null, total: totals[index] ?? null },
      values: days.map(({ values }) => values[index] ?? null),
    })),
  };
  const frame = element('div', {});
  const { toggled: hidden } = memory.view('reconciled-costs');
  const draw = (): void => {
    const series = renderSeries(data, {
      ...{
        title: 'Reported, list and billed per day',
        timeZone: 'UTC',
        palette: new Palette({ id: 'costs', title: '', series: data }),
        isStacked: false,
      },
      ...{ thresholds: undefined, annotations: [], nowSeconds: Date.now() / 1000, height: CHART_HEIGHT, hidden, focusKey: 'reconciled-costs' },
      onToggle(label) {
        if (!hidden.delete(label)) hidden.add(label);
        draw();
      },
      onAll: () => undefined,
      onPick: (from, next) => onSelect(withTimeRange(selection, pickedDays(from, next, data.starts, Date.now() / 1000))),
    });
    keepingFocus(frame, () => frame.replaceChildren(series), frame);
  };
  draw();
  return frame;
}

function countedWords({ total, completeness }: ApiRequestsAnswer): string {
  const lost = `${total.not_reported.requests.toLocaleString('en')} requests for ${usd(total.not_reported.cost_usd_list)} at list price were never reported`;
  return `Clients reported ${percent(completeness ?? 0)} of ${total.counted.requests.toLocaleString('en')} requests of which the API exports a span; ${lost}.`;
}

function usersTitle({ completeness: { users, silent_users } }: ReconciliationAnswer): string {
  const shown = users.length > USERS_SHOWN ? `, the worst ${USERS_SHOWN} of ${users.length}` : ', the worst first';
  return `Completeness by user${shown}${silent_users === 0 ? '' : `: ${silent_users} without telemetry`}`;
}

function closedWords({ closed_months }: ReconciliationAnswer): string {
  if (closed_months.length === 0) return 'No month of this time is closed.';
  return closed_months.map(({ month, closed_at }) => `${month} was closed on ${closed_at.slice(0, 10)}: its figures do not move.`).join(' ');
}

function closedTables({ adjustments, later_adjustments }: ReconciliationAnswer, shown: Shown): readonly HTMLElement[] {
  const parts = [
    ['adjustments', 'Posted in this time, of months that were closed before:', adjustments],
    ['later', 'Posted later, and in none of these figures:', later_adjustments],
  ] as const;
  return parts.flatMap(([id, text, rows]) => (rows.length === 0 ? [] : [words(text), sortable(id, adjustmentsTable(rows), shown)]));
}

function besidePlans({ overage_usd, metered, unknown }: PlansAnswer): string {
  const rest = Number(unknown.value_usd) === 0 ? '' : ` Of ${usd(unknown.value_usd)} it is not known how it is billed.`;
  return `Value is at list price, and notional: the seat is paid for. Usage credits beyond seats: ${usd(overage_usd)}. Metered use: ${usd(metered.value_usd)}.${rest}`;
}

const sortable = (id: string, data: TableData, { selection, memory }: Shown): HTMLElement =>
  sortableIn(element('div', {}), data, {
    ...{ board: 'reconciliation', selection, title: id, timeZone: 'UTC', isExact: false, focusKey: `reconciled-${id}` },
    view: memory.view(`reconciled-${id}`),
  });
