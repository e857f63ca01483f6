/** Budgets as a terminal shows them. */

import { displayUsd, parseUsd } from '../core/money.ts';
import type { AuditAnswer, BudgetAnswer, ContributorAnswer, ForecastAnswer, PastAnswer, StatusAnswer } from '../query/budget-answers.ts';
import type { Amount } from '../query/render.ts';
import { type Column, printable, table, withThousands } from './table.ts';
import { paint, type Terminal } from './terminal.ts';

type Unit = StatusAnswer['unit'];

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

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
export function stateOf({ active, stopped, used_ratio, thresholds }: StatusAnswer): State {
  if (!active) return 'not active';
  if (stopped) return 'stopped';
  if (used_ratio === null || used_ratio >= 1) return 'over';
  const reached = thresholds.filter((threshold) => threshold.reached).map(({ severity }) => severity);
  return (['critical', 'warning', 'info'] as const).find((severity) => reached.includes(severity)) ?? 'ok';
}

const COLORS = { stopped: 'red', over: 'red', critical: 'red', warning: 'yellow', info: 'cyan', ok: 'green', 'not active': 'dim' } as const;

const forecastText = (unit: Unit, forecast: ForecastAnswer): string => ('reason' in forecast ? '–' : `${amount(unit, forecast.p50)}`);

const breachText = (forecast: ForecastAnswer, zone: string): string =>
  'reason' in forecast || forecast.breach === null ? '' : dayOf(forecast.breach, zone);

/** The most severe first, then by share. */
export function statusTable(statuses: readonly StatusAnswer[], terminal: Terminal, linesMax = Number.POSITIVE_INFINITY): string[] {
  const order = Object.keys(COLORS);
  const sorted = statuses.toSorted(
    (a, b) =>
      order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)) ||
      (b.used_ratio ?? Number.POSITIVE_INFINITY) - (a.used_ratio ?? Number.POSITIVE_INFINITY),
  );
  const columns = [
    left('budget'),
    left('state'),
    right('spent'),
    right('of'),
    right('used'),
    right('left'),
    right('forecast'),
    left('used up'),
    left('until'),
  ];
  const rows = sorted
    .slice(0, linesMax)
    .map((status) => [
      printable(status.key),
      stateOf(status),
      amount(status.unit, status.spent),
      amount(status.unit, status.limit),
      share(status.used_ratio),
      amount(status.unit, status.remaining),
      forecastText(status.unit, status.forecast),
      breachText(status.forecast, status.time_zone),
      lastDayOf(status.period_end, status.time_zone),
    ]);
  const [head = '', rule = '', ...lines] = table(terminal, columns, rows);
  const [next] = sorted.slice(linesMax);
  const more = next === undefined ? [] : [`and ${withThousands(sorted.length - linesMax)} more, at worst ${stateOf(next)}; --json shows all`];
  return [head, rule, ...lines.map((line, index) => paintState(line, sorted[index], terminal)), ...more];
}

function paintState(line: string, status: StatusAnswer | undefined, terminal: Terminal): string {
  if (status === undefined) return line;
  const state = stateOf(status);
  const from = line.indexOf(` ${state} `, printable(status.key).length) + 1;
  return from === 0 ? line : line.slice(0, from) + paint(terminal, COLORS[state], state) + line.slice(from + state.length);
}

export function listTable(statuses: readonly StatusAnswer[], terminal: Terminal, linesMax: number): string[] {
  const columns = [left('budget'), left('scope'), left('period'), right('amount'), left('warns at'), left('part of')];
  const rows = statuses
    .slice(0, linesMax)
    .map((status) => [
      printable(status.key),
      printable(status.scope),
      isOnce(status) ? `${dayOf(status.period_start, status.time_zone)} to ${lastDayOf(status.period_end, status.time_zone)}` : status.period,
      amount(status.unit, status.base),
      status.thresholds.map(({ at, on }) => `${Math.round(at * 1000) / 10} %${on === 'forecast' ? ' forecast' : ''}`).join(', ') +
        (status.hard_limit ? ', stops' : ''),
      printable(status.parent ?? ''),
    ]);
  const more = statuses.length > linesMax ? [`and ${withThousands(statuses.length - linesMax)} more; --json shows all`] : [];
  return [...table(terminal, columns, rows), ...more];
}

/** A screen or two; of more members the most severe. */
export const LINES_MAX = 60;

const label = (text: string): string => text.padEnd(15);

export function budgetLines(budget: BudgetAnswer, terminal: Terminal): string[] {
  const { unit, time_zone: zone } = budget;
  const of = (value: Amount): string => amount(unit, value);
  const period = `${isOnce(budget) ? 'once' : budget.period}: ${dayOf(budget.period_start, zone)} to ${lastDayOf(budget.period_end, zone)} (${zone})`;
  const parts = [
    ...(isZero(budget.rolled_over) ? [] : [`${of(budget.rolled_over)} rolled over`]),
    ...(isZero(budget.raised) ? [] : [`${of(budget.raised)} raised`]),
  ];
  const whole = parts.length === 0 ? '' : ` (${of(budget.base)}, ${parts.join(', ')})`;
  return [
    paint(terminal, 'bold', `${printable(budget.key)}: ${printable(budget.scope)}`),
    '',
    `${label('Period')}${period}`,
    `${label('Amount')}${of(budget.limit)}${whole}`,
    `${label('Spent')}${of(budget.spent)}, ${share(budget.used_ratio)}; ${of(budget.remaining)} left`,
    `${label('State')}${paint(terminal, COLORS[stateOf(budget)], stateOf(budget))}${budget.hard_limit ? '; work is stopped when the budget is used up' : ''}`,
    `${label('Forecast')}${forecastLine(budget)}`,
    ...(budget.allocation === null
      ? []
      : [
          `${label('Set aside')}${of(budget.allocation.allocated)} for members; ${of(budget.allocation.rest_spent)} of the other ${of(budget.allocation.rest)} spent`,
        ]),
    `${label('Thresholds')}${budget.thresholds.map(({ at, on, severity, reached }) => `${Math.round(at * 1000) / 10} % ${on} ${severity}${reached ? ' (reached)' : ''}`).join(', ')}`,
    `${label('From')}${budget.origin === 'file' ? 'the configuration' : 'the API or this command'}`,
    ...section('Members', budget.members.length === 0 ? [] : statusTable(budget.members, terminal, LINES_MAX)),
    ...section('Largest', contributorTable(budget.contributors, unit, terminal)),
    ...section(
      'Raises',
      budget.raises.map(
        (raise) =>
          `${printable(raise.key)}: ${of(raise.amount)} from ${dayOf(raise.from, zone)} to ${lastDayOf(raise.until, zone)} by ${printable(raise.who)}: ${printable(raise.why)}`,
      ),
    ),
  ];
}

const isZero = (value: Amount): boolean => Number(value) === 0;

function forecastLine({ forecast, unit, time_zone: zone }: BudgetAnswer): string {
  if ('reason' in forecast) return `none. ${forecast.reason}`;
  const breach = forecast.breach === null ? '' : `; runs out on ${dayOf(forecast.breach, zone)}`;
  return `${amount(unit, forecast.p50)} at the end (median), ${amount(unit, forecast.p90)} (90th percentile)${breach} (from ${forecast.history_days} days)`;
}

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]);

function contributorTable(contributors: readonly ContributorAnswer[], unit: Unit, terminal: Terminal): string[] {
  if (contributors.length === 0) return [];
  const rows = contributors.map(({ dimension, value, spent, share: part, previous }) => [
    dimension,
    printable(value),
    amount(unit, spent),
    share(part),
    previous === null ? '' : amount(unit, previous),
  ]);
  return table(terminal, [left('by'), left('contributor'), right('spent'), right('share'), right('same part of previous period')], rows);
}

export function historyLines({ unit, time_zone: zone, history, audit, key }: BudgetAnswer, terminal: Terminal): string[] {
  const columns = [left('from'), left('to'), right('spent'), right('of'), right('used')];
  const rows = history.map((past: PastAnswer) => [
    dayOf(past.period_start, zone),
    lastDayOf(past.period_end, zone),
    amount(unit, past.spent),
    amount(unit, past.limit),
    share(past.used_ratio),
  ]);
  return [
    paint(terminal, 'bold', `${printable(key)}: previous periods`),
    '',
    ...(rows.length === 0 ? ['There is no complete earlier period with spend.'] : table(terminal, columns, rows)),
    ...auditLines(audit),
  ];
}

export const auditLines = (audit: readonly AuditAnswer[]): string[] =>
  section(
    'Changes',
    audit.map(
      ({ at, who, what, after }) =>
        `${at} ${printable(who)}: ${what.replace('_', ' ')}${after === null ? '' : ` ${printable(JSON.stringify(after))}`}`,
    ),
  );
