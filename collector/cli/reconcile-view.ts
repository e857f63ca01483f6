/** A reconciliation on a terminal: the way from reported to billed cost, what to do about each step, and where it is worst. */
import { displayUsd, parseUsd } from '../core/money.ts';
import { CAUSE_NAMES, CAUSES } from '../query/reconcile/causes.ts';
import type { ReconciliationAnswer } from '../query/reconcile.ts';
import { signedUsd } from './change-columns.ts';
import { bar } from './chart.ts';
import { ageNote } from './reading-command.ts';
import { type Column, printable, table } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Row, Section, Value, View, ViewColumn } from './view.ts';

interface ViewContext {
  readonly nowMs: number;
  readonly terminal: Terminal;
  /** Rows of each table. */
  readonly limit: number;
}

const BAR = 20;

export function reconcileView(answer: ReconciliationAnswer, { nowMs, terminal, limit }: ViewContext): View {
  const { completeness, missing, findings } = answer;
  return {
    headline: headline(answer),
    sections: [
      { columns: [], rows: [], lines: waterfall(answer, terminal) },
      { title: 'Why', columns: [], rows: [], lines: reasons(answer) },
      ...(missing.length === 0 ? [] : [{ title: 'Not known yet', columns: [], rows: [], lines: missing.map(missingLine) }]),
      rowsSection(answer, limit),
      ...(completeness.users.length === 0 ? [] : [usersSection(answer, limit)]),
      ...(completeness.workspaces.every(({ recorded_cost_usd }) => recorded_cost_usd === null) ? [] : [workspacesSection(answer, limit)]),
      ...adjustmentSections(answer),
      ...(answer.imports.length === 0 ? [] : [importsSection(answer)]),
    ],
    notes: [
      ...findings.map(({ message, remedy }) => printable(`${message} ${remedy}`.trim())),
      ageNote(answer, nowMs, 'Days begin in UTC, as providers bill.'),
    ],
  };
}

const usd = (text: Value): string => (typeof text === 'string' && text !== '' ? displayUsd(parseUsd(text) ?? 0n) : 'unknown');
const percent = (share: number | null): string => (share === null ? '' : `${(share * 100).toFixed(1)} %`);

function headline({ range, reported_usd, list_usd, billed_usd, remainder_usd, remainder_ratio }: ReconciliationAnswer): string {
  const known = `${range.words}: reported ${usd(reported_usd)}, list ${usd(list_usd)}`;
  if (billed_usd === null) return `${known}; what is billed is not known.`;
  const rest = Number(remainder_usd) === 0 ? 'every difference has a cause' : `${usd(remainder_usd)} (${percent(remainder_ratio)}) without a cause`;
  return `${known}, billed ${usd(billed_usd)}; ${rest}.`;
}

const WATERFALL: readonly Column[] = [
  { title: '', align: 'left', cut: 'end' },
  { title: 'amount', align: 'right', cut: 'never' },
  { title: '', align: 'left', cut: 'never', priority: 1 },
];

/** Sums with a bar from the left, steps with one where they add or take off. */
function waterfall(answer: ReconciliationAnswer, terminal: Terminal): string[] {
  const { reported_usd, list_usd, billed_usd, remainder_usd, steps } = answer;
  const scale = Math.max(1e-12, ...[reported_usd, list_usd, billed_usd ?? '0'].map(Number));
  const sum = (title: string, amount: string | null): string[] => [title, usd(amount), amount === null ? '' : bar(Number(amount) / scale, BAR)];
  let at = Number(reported_usd);
  const step = (title: string, amount: string): string[] => {
    const to = at + Number(amount);
    const [low, high] = [Math.min(at, to), Math.max(at, to)];
    at = to;
    const start = Math.max(0, Math.min(BAR - 1, Math.round((low / scale) * BAR)));
    return [`  ${title}`, signedUsd(amount), `${' '.repeat(start)}${bar((high - low) / scale, BAR)}`];
  };
  const stepsOf = (span: string): string[][] => steps.filter((one) => one.span === span).map(({ title, amount_usd }) => step(title, amount_usd));
  const rows = [sum('Reported by clients', reported_usd), ...stepsOf('reported_list'), sum('At list price', list_usd)];
  at = Number(list_usd);
  const billed = billed_usd === null ? [] : [...stepsOf('list_billed'), step('Remainder', remainder_usd ?? '0.00')];
  return table(terminal, WATERFALL, [...rows, ...billed, sum('Billed', billed_usd)]);
}

function reasons({ steps, billed_usd, remainder_usd, list_uncertain_usd, imported_usd }: ReconciliationAnswer): string[] {
  const lines = steps.map(({ title, sentence, remedy }) => `- ${`${title}: ${sentence} ${remedy}`.trim()}`);
  if (steps.length === 0) lines.push('- What clients report is list cost.');
  if (billed_usd !== null && Number(remainder_usd) !== 0)
    lines.push('- Remainder: no cause explains it. Compare the days and models below with the invoice, and with credits and taxes on it.');
  if (Number(list_uncertain_usd) > 0)
    lines.push(`- Cache writes of unknown lifetime are at their five-minute price: list cost may be up to ${usd(list_uncertain_usd)} more.`);
  if (Number(imported_usd) > 0) lines.push(`- ${usd(imported_usd)} of the reported cost comes from imports, and not from telemetry.`);
  return lines;
}

const missingLine = ({ message, command }: ReconciliationAnswer['missing'][number]): string =>
  `- ${message}${command === '' ? '' : ` Run \`${command}\`.`}`;

const amountColumns: readonly ViewColumn[] = [
  { field: 'reported_usd', title: 'reported', priority: 3 },
  { field: 'list_usd', title: 'list' },
  { field: 'contracted_usd', title: 'contracted', priority: 4 },
  { field: 'billed_usd', title: 'billed', align: 'right', show: usd },
  { field: 'remainder_usd', title: 'remainder', align: 'right', show: (value) => (value === null ? 'unknown' : signedUsd(value)) },
];

function rowsSection({ rows, by }: ReconciliationAnswer, limit: number): Section {
  const shown = rows.slice(0, limit);
  return {
    title: shown.length < rows.length ? `The ${shown.length} with the largest remainder, of ${rows.length}` : 'Where',
    columns: [
      ...by.map((field) => ({ field, show: (value: Value) => printable(String(value ?? '')), ...(field === 'day' && { cut: 'never' as const }) })),
      ...amountColumns,
      { field: 'largest_cause', title: 'largest cause', priority: 2 },
      ...CAUSE_NAMES.map((cause): ViewColumn => ({ field: `${cause}_usd`, isData: true })),
    ],
    rows: shown.map(({ steps, is_counted: _, ...row }): Row => ({ ...row, largest_cause: largestCause(steps), ...causeFields(steps) })),
    empty: 'Nothing was reported, and nothing billed.',
  };
}

type Steps = ReconciliationAnswer['rows'][number]['steps'];

const causeFields = (steps: Steps): Row => Object.fromEntries(CAUSE_NAMES.map((cause) => [`${cause}_usd`, steps[cause] ?? '0.00']));

function largestCause(steps: Steps): string {
  const [largest] = CAUSE_NAMES.filter((cause) => steps[cause] !== undefined).sort((a, b) => Math.abs(Number(steps[b])) - Math.abs(Number(steps[a])));
  return largest === undefined ? '' : CAUSES[largest].title;
}

type Completeness = ReconciliationAnswer['completeness']['users'][number];

const completenessColumns = (title: string): ViewColumn[] => [
  { field: 'name', title },
  { field: 'cost_usd', title: 'telemetry' },
  { field: 'recorded_cost_usd', title: 'provider', align: 'right', show: usd },
  { field: 'cost_ratio', title: 'complete', align: 'right', show: ratio },
  { field: 'token_ratio', title: 'tokens', align: 'right', priority: 2, show: ratio },
];

const ratio = (value: Value): string => (typeof value === 'number' ? percent(value) : 'unknown');

function usersSection({ completeness: { users, user_sources, silent_users } }: ReconciliationAnswer, limit: number): Section {
  const silent = silent_users === 0 ? '' : `; ${silent_users === 1 ? '1 is' : `${silent_users} are`} known to the provider alone`;
  return {
    title:
      user_sources.length === 0 ? 'Telemetry by user: no import says what the provider counted' : `Completeness by user, the worst first${silent}`,
    columns: [...completenessColumns('user'), { field: 'missing_events', priority: 1 }],
    rows: users.slice(0, limit).map(named),
  };
}

const named = ({ name, is_key, ...rest }: Completeness): Row => ({ ...rest, name: is_key ? `key ${printable(name)}` : printable(name) });

const workspacesSection = ({ completeness: { workspaces } }: ReconciliationAnswer, limit: number): Section => ({
  title: 'Completeness by workspace, the worst first',
  columns: completenessColumns('workspace'),
  rows: workspaces.slice(0, limit).map(named),
});

/** Closed months, and what came for them since. */
function adjustmentSections({ closed_months, adjustments, later_adjustments }: ReconciliationAnswer): Section[] {
  const closed = closed_months.map(
    ({ month, closed_at }) => `- ${month} was closed at ${closed_at.slice(0, 16).replace('T', ' ')} UTC: its figures do not move.`,
  );
  const section = (title: string, rows: ReconciliationAnswer['adjustments']): Section[] =>
    rows.length === 0 ? [] : [{ title, columns: ADJUSTMENTS, rows }];
  return [
    ...(closed.length === 0 ? [] : [{ title: 'Closed', columns: [], rows: [], lines: closed }]),
    ...section('Adjustments of closed months, in the figures above', adjustments),
    ...section('Adjustments posted later, in none of the figures above', later_adjustments),
  ];
}

const ADJUSTMENTS: readonly ViewColumn[] = [
  { field: 'month', title: 'of month', cut: 'never' },
  { field: 'workspace', show: (value) => printable(String(value)) },
  { field: 'model', show: (value) => printable(String(value)) },
  { field: 'reported_usd', title: 'reported', align: 'right', show: signedUsd },
  { field: 'list_usd', title: 'list', align: 'right', show: signedUsd },
];

const importsSection = ({ imports }: ReconciliationAnswer): Section => ({
  title: 'Imports',
  columns: [
    { field: 'source' },
    { field: 'account', priority: 3 },
    { field: 'days' },
    { field: 'complete_days', title: 'final', priority: 1 },
    { field: 'first_day', title: 'from', priority: 2, cut: 'never' },
    { field: 'last_day', title: 'to', cut: 'never' },
    {
      field: 'checked_at',
      title: 'asked at (UTC)',
      priority: 1,
      show: (at) =>
        String(at ?? '')
          .slice(0, 16)
          .replace('T', ' '),
    },
  ],
  rows: imports.map(({ last_run: _, ...row }) => row),
});
