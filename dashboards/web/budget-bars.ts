/** Budgets on a track from nothing to the whole amount: what is used, where its thresholds lie, and how much of the period has elapsed. */
import type { BudgetBar, BudgetBarsData } from '../../collector/query/boards/budget-bars-data.ts';
import type { TableData } from '../../collector/query/boards/panel-data.ts';
import { dayOf } from './cumulative-text.ts';
import { element, withProperties } from './dom.ts';
import { type ExpanderOptions, renderExpander } from './expander.ts';
import { percent, shortAmount, toNumber } from './format.ts';
import { boardAddress } from './place.ts';
import { type Selection, withTimeRange } from './state.ts';

export interface BudgetBarsOptions extends ExpanderOptions {
  readonly selection: Selection;
  readonly timeZone: string;
  readonly nowSeconds: number;
  readonly rowsMax: number;
}

const DAY_SECONDS = 86_400;

export function renderBudgetBars({ bars, others, others_used }: BudgetBarsData, options: BudgetBarsOptions): HTMLElement {
  const isExpandable = bars.length > options.rowsMax + 1;
  const shown = isExpandable && !options.isExpanded ? bars.slice(0, options.rowsMax) : bars;
  return element(
    'div',
    { class: 'budget-frame' },
    element('ul', { class: 'budget-bars' }, ...shown.map((bar) => renderBar(bar, options))),
    isExpandable && renderExpander(bars.length - options.rowsMax, options),
    others > 0 && element('p', { class: 'budget-others' }, othersText(others, others_used)),
  );
}

/** "1,975 others, all under 50 %": rounded up, so that it stays true. */
function othersText(others: number, used: number | null): string {
  const count = new Intl.NumberFormat('en').format(others);
  const one = others === 1;
  if (used === null) return `${count} ${one ? 'other' : 'others'}.`;
  const bound = Math.max(1, Math.ceil(used * 100 + 1e-9));
  return `${count} ${one ? 'other' : 'others, all'} at or under ${bound} %.`;
}

function renderBar(bar: BudgetBar, options: BudgetBarsOptions): HTMLElement {
  const { budget, spent, amount, unit, level, scope, period } = bar;
  const figures = `${shortAmount(spent, unit)} of ${shortAmount(amount, unit)}${unit === 'tokens' ? ' tokens' : ''}`;
  return element(
    'li',
    { class: `budget-bar${level === null ? '' : ` is-${level}`}` },
    element(
      'div',
      { class: 'budget-head' },
      element(
        'a',
        {
          href: addressOf(bar, options),
          class: 'budget-name',
          title: `${scope}, ${period}. Opens its spend.`,
          'data-focus': `${options.focusKey}:${budget}`,
        },
        budget,
      ),
      element('span', { class: 'budget-figures' }, figures),
    ),
    renderTrack(bar),
    element('p', { class: 'budget-words' }, wordsOf(bar, options)),
  );
}

/** Over 100 % the track is full, and the words say by how much. */
function renderTrack({ used, elapsed, thresholds, active }: BudgetBar): HTMLElement {
  const width = used === null ? 100 : Math.min(100, used * 100);
  const ticks = thresholds
    .filter(({ at }) => at > 0 && at < 1)
    .map(({ at }) => withProperties(element('i', { class: 'budget-tick', title: `Threshold ${percent(at)}` }), { left: `${at * 100}%` }));
  const pace =
    active &&
    withProperties(element('i', { class: 'budget-pace', title: `${percent(elapsed)} of the period has elapsed` }), { left: `${elapsed * 100}%` });
  return element('div', { class: 'budget-track' }, withProperties(element('b', {}), { width: `${width.toFixed(2)}%` }), ...ticks, pace);
}

/** "75 % used on day 20 of 30, 10 days left; runs out on 27 Nov". */
function wordsOf(bar: BudgetBar, { timeZone, nowSeconds }: BudgetBarsOptions): string {
  const { used, remaining, unit, starts, ends, runs_out, stopped, active, spent } = bar;
  const over = toNumber(remaining) < 0 ? `, over by ${shortAmount(String(remaining).replace('-', ''), unit)}` : '';
  const share = used === null ? 'No amount' : `${percent(used)} used`;
  if (!active) return `${share}${over}; ${nowSeconds < starts ? `begins on ${dayOf(starts, timeZone)}` : `ended on ${dayOf(ends - 1, timeZone)}`}`;
  const days = Math.max(1, Math.round((ends - starts) / DAY_SECONDS));
  const day = Math.min(days, Math.floor((nowSeconds - starts) / DAY_SECONDS) + 1);
  const left = days - day;
  const rest = left === 0 ? 'the last day' : `${left} ${left === 1 ? 'day' : 'days'} left`;
  const pace = days === 1 ? '' : ` on day ${day} of ${days}, ${rest}`;
  const outlook = stopped
    ? '; stopped'
    : runs_out !== null
      ? `; runs out on ${dayOf(runs_out, timeZone)}`
      : bar.median !== null && toNumber(spent) > 0
        ? `; forecast ${shortAmount(bar.median, unit)}`
        : '';
  return `${share}${over}${pace}${outlook}`;
}

const BOARDS: Readonly<Record<string, string>> = { user: 'developer', workspace: 'workspace', repository: 'workspace', team: 'team' };

/** The board about its scope, with its period as the time range: there the same amount stands first. */
function addressOf({ filters, starts, ends }: BudgetBar, { selection }: BudgetBarsOptions): string {
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const board = Object.keys(BOARDS).find((dimension) => filters.some((filter) => filter.dimension === dimension));
  const within = withTimeRange(selection, { from: iso(starts), to: iso(ends) });
  return boardAddress(BOARDS[board ?? ''] ?? 'overview', { ...within, where: [] }, filters);
}

/** Money and tokens are never in one column. */
export function budgetTable({ bars }: BudgetBarsData): TableData {
  const units = (['usd', 'tokens'] as const).filter((unit) => bars.some((bar) => bar.unit === unit));
  const amounts = (bar: BudgetBar): readonly (BudgetBar['amount'] | null)[] =>
    units.flatMap((unit) => (bar.unit === unit ? [bar.amount, bar.spent, bar.remaining, bar.median] : [null, null, null, null]));
  return {
    columns: [
      ...['Budget', 'Scope', 'Period'].map((title) => ({ key: title, title, unit: 'label' as const })),
      ...units.flatMap((unit) => ['Amount', 'Spent', 'Remaining', 'Forecast'].map((title) => ({ key: `${title} ${unit}`, title, unit }))),
      ...['Used', 'Elapsed'].map((title) => ({ key: title, title, unit: 'ratio' as const })),
      ...['Ends', 'Runs out'].map((title) => ({ key: title, title, unit: 'timestamp' as const })),
    ],
    rows: bars.map((bar) => ({
      ...{ filters: [], absent: false, opens: '' },
      cells: [bar.budget, bar.scope, bar.period, ...amounts(bar), bar.used, bar.elapsed, bar.ends, bar.runs_out],
    })),
    totals: [],
  };
}
