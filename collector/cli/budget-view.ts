/** Budgets as a terminal shows them, and as rows for CSV and --fields. */
import { displayUsd, parseUsd } from '../core/money.ts';
import type { AuditAnswer, BudgetAnswer, BudgetAuditAnswer, ContributorAnswer, ForecastAnswer, StatusAnswer } from '../query/budget-answers.ts';
import type { Amount } from '../query/render.ts';
import { printable, withThousands } from './table.ts';
import { paint, type Terminal } from './terminal.ts';
import type { Row, Section, Value, View, ViewColumn } from './view.ts';
import { wrapTo } from './width.ts';

type Unit = StatusAnswer['unit'];

const amount = (unit: Unit, value: Amount): string => (unit === 'usd' ? displayUsd(parseUsd(String(value)) ?? 0n) : `${withThousands(value)} tok`);
const share = (ratio: number | null): string => (ratio === null ? '∞' : `${(Math.floor(ratio * 1000) / 10).toFixed(1)} %`);

/** The day of an instant in the zone of the budget. */
const dayOf = (instant: string | null, zone: string): string =>
  instant === null ? '' : Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
/** The last day that belongs to it: an end is excluded. */
const lastDayOf = (instant: string | null, zone: string): string =>
  instant === null ? '' : dayOf(Temporal.Instant.from(instant).subtract({ milliseconds: 1 }).toString(), zone);

/** Its period is called by its days, of which the last does not belong to it. */
const isOnce = ({ period }: StatusAnswer): boolean => /^\d/.test(period);

type State = 'stopped' | 'over' | 'critical' | 'warning' | 'info' | 'ok' | 'not active';

/** The most severe thing to say about it. */
function stateOf({ active, stopped, used_ratio, thresholds }: Omit<StatusAnswer, 'forecast'>): State {
  if (!active) return 'not active';
  if (stopped) return 'stopped';
  if (used_ratio === null || used_ratio >= 1) return 'over';
  const reached = thresholds.filter((threshold) => threshold.reached).map(({ severity }) => severity);
  return (['critical', 'warning', 'info'] as const).find((severity) => reached.includes(severity)) ?? 'ok';
}

const COLORS = { stopped: 'red', over: 'red', critical: 'red', warning: 'yellow', info: 'cyan', ok: 'green', 'not active': 'dim' } as const;
const isState = (text: string): text is State => Object.hasOwn(COLORS, text);

/** Every row has a unit and a time zone; they say how the others are shown. */
const unitOf = ({ unit }: Row): Unit => (unit === 'tokens' ? 'tokens' : 'usd');
const amountOf = (value: Value, row: Row): string => (typeof value === 'string' || typeof value === 'number' ? amount(unitOf(row), value) : '–');
const shareOf = (value: Value): string => share(typeof value === 'number' ? value : null);
const zoneOf = ({ time_zone }: Row): string => String(time_zone);
const instantOf = (value: Value): string | null => (typeof value === 'string' ? value : null);
const firstDay = (value: Value, row: Row): string => dayOf(instantOf(value), zoneOf(row));
const lastDay = (value: Value, row: Row): string => lastDayOf(instantOf(value), zoneOf(row));

/** Keys of members end alike: name/member@example.com. */
const KEY = 22;

const UNIT: readonly ViewColumn[] = [
  { field: 'unit', isData: true },
  { field: 'time_zone', isData: true },
];
const usedColumns = (limit: Partial<ViewColumn> = {}): readonly ViewColumn[] => [
  { field: 'spent', align: 'right', show: amountOf },
  { field: 'limit', title: 'of', align: 'right', show: amountOf, ...limit },
  { field: 'used_ratio', title: 'used', align: 'right', show: shareOf },
];

const STATUS_COLUMNS: readonly ViewColumn[] = [
  { field: 'key', title: 'budget', cut: 'middle', comfortable: KEY },
  { field: 'state', cut: 'never', style: (cell) => (isState(cell) ? COLORS[cell] : 'dim') },
  ...usedColumns({ priority: 1 }),
  { field: 'remaining', title: 'left', align: 'right', show: amountOf },
  { field: 'forecast', align: 'right', priority: 2, show: amountOf },
  { field: 'breach', title: 'used up', cut: 'never', priority: 3, show: firstDay },
  { field: 'period_end', title: 'until', cut: 'never', priority: 4, show: lastDay },
  ...UNIT,
];

const statusRow = ({ forecast, ...status }: StatusAnswer): Row => ({
  ...{ key: status.key, state: stateOf(status), spent: status.spent, limit: status.limit, used_ratio: status.used_ratio },
  remaining: status.remaining,
  ...('reason' in forecast ? { forecast: null, breach: null } : { forecast: forecast.p50, breach: forecast.breach }),
  ...{ period_end: status.period_end, unit: status.unit, time_zone: status.time_zone },
});

/** A screen or two; of more members the most severe. */
export const LINES_MAX = 60;

const more = (count: number, linesMax: number, words = ''): readonly string[] =>
  count > linesMax ? [`and ${withThousands(count - linesMax)} more${words}; --json shows all`] : [];

/** The most severe first, then by share. */
export function statusSection(statuses: readonly StatusAnswer[], linesMax: number, empty = ''): Pick<View, 'notes'> & { readonly section: Section } {
  const order = Object.keys(COLORS);
  const sorted = statuses.toSorted(
    (a, b) =>
      order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)) ||
      (b.used_ratio ?? Number.POSITIVE_INFINITY) - (a.used_ratio ?? Number.POSITIVE_INFINITY),
  );
  const [next] = sorted.slice(linesMax);
  return {
    section: { columns: STATUS_COLUMNS, rows: sorted.slice(0, linesMax).map(statusRow), empty },
    notes: next === undefined ? [] : more(sorted.length, linesMax, `, at worst ${stateOf(next)}`),
  };
}

const FORECAST_COLUMNS: readonly ViewColumn[] = [
  { field: 'key', title: 'budget', cut: 'middle', comfortable: KEY },
  { field: 'limit', title: 'of', align: 'right', show: amountOf },
  { field: 'spent', align: 'right', priority: 2, show: amountOf },
  { field: 'p50', title: 'median', align: 'right', show: amountOf },
  { field: 'p90', title: '90th percentile', align: 'right', show: amountOf },
  { field: 'breach', title: 'used up', cut: 'never', show: firstDay },
  { field: 'period_end', title: 'until', cut: 'never', priority: 1, show: lastDay },
  { field: 'reason', title: 'why not', priority: 3 },
  ...UNIT,
];

const forecastRow = ({ key, limit, spent, forecast, period_end, unit, time_zone }: StatusAnswer): Row => ({
  ...{ key, limit, spent, period_end, unit, time_zone },
  ...('reason' in forecast
    ? { p50: null, p90: null, breach: null, reason: forecast.reason }
    : { p50: forecast.p50, p90: forecast.p90, breach: forecast.breach, reason: null }),
});

/** In the order of the answer. */
export const forecastSection = (
  statuses: readonly StatusAnswer[],
  linesMax: number,
  empty: string,
): { readonly section: Section; readonly notes: readonly string[] } => ({
  section: { columns: FORECAST_COLUMNS, rows: statuses.slice(0, linesMax).map(forecastRow), empty },
  notes: more(statuses.length, linesMax),
});

const LIST_COLUMNS: readonly ViewColumn[] = [
  { field: 'key', title: 'budget', cut: 'middle', comfortable: KEY },
  { field: 'scope' },
  { field: 'period', cut: 'never' },
  { field: 'base', title: 'amount', align: 'right', show: amountOf },
  { field: 'warns_at', title: 'warns at', priority: 2 },
  { field: 'parent', title: 'part of', priority: 1 },
  ...UNIT,
];

export function listView(statuses: readonly StatusAnswer[], linesMax: number, empty: string): View {
  const rows = statuses.slice(0, linesMax).map((status) => ({
    ...{ key: status.key, scope: status.scope, base: status.base, parent: status.parent, unit: status.unit, time_zone: status.time_zone },
    period: isOnce(status) ? `${dayOf(status.period_start, status.time_zone)} to ${lastDayOf(status.period_end, status.time_zone)}` : status.period,
    warns_at:
      status.thresholds.map(({ at, on }) => `${Math.round(at * 1000) / 10} %${on === 'forecast' ? ' forecast' : ''}`).join(', ') +
      (status.hard_limit ? ', stops' : ''),
  }));
  return { sections: [{ columns: LIST_COLUMNS, rows, empty }], notes: more(statuses.length, linesMax) };
}

const LABEL = 15;

/** With a label before it, and what does not fit below it. */
const labelled = ({ columns }: Terminal, label: string, text: string): string[] =>
  wrapTo(columns && columns - LABEL, text).map((line, index) => (index === 0 ? label : '').padEnd(LABEL) + line);

/** One budget in words, its members and who spends most. */
export function budgetView(budget: BudgetAnswer, terminal: Terminal): View {
  const { unit, time_zone: zone, members } = budget;
  const raises = budget.raises.map(
    (raise) =>
      `${printable(raise.key)}: ${amount(unit, raise.amount)} from ${dayOf(raise.from, zone)} to ${lastDayOf(raise.until, zone)} by ${printable(raise.who)}: ${printable(raise.why)}`,
  );
  const { section, notes = [] } = statusSection(members, LINES_MAX);
  return {
    headline: `${printable(budget.key)}: ${printable(budget.scope)}`,
    sections: [
      { columns: [], rows: [], lines: detailLines(budget, terminal) },
      ...(members.length === 0 ? [] : [{ title: 'Members', ...section }]),
      ...(budget.contributors.length === 0 ? [] : [contributorSection(budget.contributors, unit)]),
      ...lineSection('Raises', raises),
    ],
    notes,
  };
}

function detailLines(budget: BudgetAnswer, terminal: Terminal): string[] {
  const { unit, time_zone: zone } = budget;
  const of = (value: Amount): string => amount(unit, value);
  const parts = [
    ...(isZero(budget.rolled_over) ? [] : [`${of(budget.rolled_over)} rolled over`]),
    ...(isZero(budget.raised) ? [] : [`${of(budget.raised)} raised`]),
  ];
  const whole = parts.length === 0 ? '' : ` (${of(budget.base)}, ${parts.join(', ')})`;
  const state = stateOf(budget);
  const thresholds = budget.thresholds.map(
    ({ at, on, severity, reached }) => `${Math.round(at * 1000) / 10} % ${on} ${severity}${reached ? ' (reached)' : ''}`,
  );
  const { allocation } = budget;
  const details: readonly (readonly [string, string])[] = [
    ['Period', `${isOnce(budget) ? 'once' : budget.period}: ${dayOf(budget.period_start, zone)} to ${lastDayOf(budget.period_end, zone)} (${zone})`],
    ['Amount', `${of(budget.limit)}${whole}`],
    ['Spent', `${of(budget.spent)}, ${share(budget.used_ratio)}; ${of(budget.remaining)} left`],
    ['State', `${state}${budget.hard_limit ? '; work is stopped when the budget is used up' : ''}`],
    ['Forecast', forecastLine(budget)],
    ...(allocation === null
      ? []
      : [['Set aside', `${of(allocation.allocated)} for members; ${of(allocation.rest_spent)} of the other ${of(allocation.rest)} spent`] as const]),
    ['Thresholds', thresholds.join(', ')],
    ['From', budget.origin === 'file' ? 'the configuration' : 'the API or this command'],
  ];
  return details.flatMap(([label, text]) =>
    labelled(terminal, label, text).map((line, index) =>
      label === 'State' && index === 0 ? line.replace(state, () => paint(terminal, COLORS[state], state)) : line,
    ),
  );
}

const isZero = (value: Amount): boolean => Number(value) === 0;

function forecastLine({ forecast, unit, time_zone: zone }: BudgetAnswer): string {
  if ('reason' in forecast) return `none. ${forecast.reason}`;
  const breach = breachOf(forecast, zone);
  return `${amount(unit, forecast.p50)} at the end (median), ${amount(unit, forecast.p90)} (90th percentile)${breach} (from ${forecast.history_days} days)`;
}

const breachOf = (forecast: Exclude<ForecastAnswer, { reason: string }>, zone: string): string =>
  forecast.breach === null ? '' : `; runs out on ${dayOf(forecast.breach, zone)}`;

const lineSection = (title: string, lines: readonly string[]): Section[] => (lines.length === 0 ? [] : [{ title, columns: [], rows: [], lines }]);

const contributorSection = (contributors: readonly ContributorAnswer[], unit: Unit): Section => ({
  title: 'Largest',
  columns: [
    { field: 'dimension', title: 'by' },
    { field: 'value', title: 'contributor', cut: 'middle' },
    { field: 'spent', align: 'right', show: amountOf },
    { field: 'share', align: 'right', show: shareOf },
    {
      field: 'previous',
      title: 'same part of previous period',
      align: 'right',
      priority: 1,
      show: (value, row) => (value === null ? '' : amountOf(value, row)),
    },
  ],
  rows: contributors.map((contributor) => ({ ...contributor, unit })),
});

const HISTORY_COLUMNS: readonly ViewColumn[] = [
  { field: 'period_start', title: 'from', cut: 'never', show: firstDay },
  { field: 'period_end', title: 'to', cut: 'never', show: lastDay },
  ...usedColumns(),
  ...UNIT,
];

/** `answer` has no periods for a budget for every member, and for one that was removed. */
export function historyView(answer: BudgetAnswer | BudgetAuditAnswer, key: string): View {
  const has = 'key' in answer;
  return {
    ...(has && { headline: `${printable(answer.key)}: previous periods` }),
    sections: [
      {
        columns: HISTORY_COLUMNS,
        rows: has ? answer.history.map((past) => ({ ...past, unit: answer.unit, time_zone: answer.time_zone })) : [],
        empty: has ? 'There is no complete earlier period with spend.' : `${printable(key)} has no periods of its own.`,
      },
      ...lineSection('Changes', answer.audit.map(auditLine)),
    ],
  };
}

const auditLine = ({ at, who, what, after }: AuditAnswer): string =>
  `${at} ${printable(who)}: ${what.replace('_', ' ')}${after === null ? '' : ` ${printable(JSON.stringify(after))}`}`;
