/** A plan for a gateway, what came of it and what was set before, as people read them. */

import { displayUsd } from '../core/money.ts';
import type { StepOutcome } from '../gateway/apply.ts';
import type { Remark } from '../gateway/desired.ts';
import { picoOfCents, type SpendLimit } from '../gateway/limits.ts';
import type { Plan, PlanAction, PlanStep } from '../gateway/plan.ts';
import type { LimitRecord } from '../gateway/records.ts';
import { type Column, printable, table } from './table.ts';
import type { Style, Terminal } from './terminal.ts';
import { wrapTo } from './width.ts';

const SIGNS: Readonly<Record<PlanAction, string>> = { create: '+', change: '~', remove: '-', adopt: '*', keep: '=', foreign: '!', leftover: '?' };
const STYLES: Readonly<Record<string, Style>> = { '+': 'green', '~': 'yellow', '-': 'red', '!': 'red', '?': 'yellow' };
const SCOPES: Readonly<Record<string, string>> = { user: 'user', rbac_group: 'group' };

const NOTE = 30;

/** "$1,200.00 shared, $150.00 each" of a group with a pool. */
export function amountText({ cents, pool, scope }: SpendLimit): string {
  const each = moneyText(cents);
  if (pool !== undefined) return `${moneyText(pool.cents)} shared, ${each} each`;
  return scope.type === 'rbac_group' ? `${each} each` : each;
}

const moneyText = (cents: bigint | null): string => (cents === null ? 'no limit' : displayUsd(picoOfCents(cents)));

export const scopeWords = ({ scope: { type, id } }: SpendLimit): string => printable(`${SCOPES[type] ?? type} ${id}`.trim());

const COLUMNS: readonly Column[] = [
  { title: '', align: 'left', cut: 'never', style: (cell) => STYLES[cell.trim()] ?? 'dim' },
  { title: 'limit of', align: 'left', cut: 'middle' },
  { title: 'period', align: 'left', cut: 'never' },
  { title: 'amount', align: 'left', cut: 'never' },
  { title: 'budget', align: 'left', cut: 'middle', priority: 1 },
];

/** The table, and below it what there is to know about single limits. */
export function planLines({ steps, untouched, conflictRule }: Plan, remarks: readonly Remark[], terminal: Terminal): string[] {
  const shown = steps.flatMap((step) => rowsOf(step));
  const hasPool = steps.some(({ wanted }) => wanted?.pool !== undefined);
  return [
    ...(shown.length === 0 ? ['No budget here is a limit at a gateway.'] : table(terminal, COLUMNS, shown)),
    ...section(
      '',
      steps.filter(({ note }) => note !== '').map((step) => `${nameOf(step)}: ${step.note}`),
      terminal,
    ),
    ...(hasPool ? ['', ...wrapped(ruleText(conflictRule), terminal)] : []),
    ...section(
      'Not pushed, or not as it is here:',
      remarks.map(({ budget, reason }) => `${printable(budget)}: ${printable(reason)}`),
      terminal,
    ),
    '',
    ...wrapped(summary(steps, untouched), terminal),
  ];
}

const nameOf = ({ wanted, current }: PlanStep): string => {
  const limit = wanted ?? current;
  return limit === undefined ? '' : `${scopeWords(limit)}, ${printable(limit.period)}`;
};

/** A change takes two rows: what is there, and what is to be. */
function rowsOf({ action, wanted, current }: PlanStep): string[][] {
  const limit = wanted ?? current;
  if (limit === undefined) return [];
  const budgets = (wanted?.budgets ?? []).map(printable).join(', ');
  const row = (amount: string): string[] => [SIGNS[action], scopeWords(limit), printable(limit.period), amount, budgets];
  const isOther = (action === 'change' || action === 'foreign') && wanted !== undefined && current !== undefined;
  return isOther ? [row(amountText(current)), ['', '', '', `→ ${amountText(wanted)}`, '']] : [row(amountText(limit))];
}

const ruleText = (rule: string | undefined): string =>
  rule === undefined
    ? 'The gateway does not say which pool pays for a user in several groups (pooled_conflict_rule).'
    : `Which pool pays for a user in several groups: ${printable(rule)} (pooled_conflict_rule of the gateway).`;

const WORDS: Readonly<Record<PlanAction, string>> = {
  ...{ create: 'to create', change: 'to change', remove: 'to remove', adopt: 'to adopt', keep: 'as it should be' },
  ...{ foreign: 'set otherwise by somebody else', leftover: 'no longer wanted' },
};

function summary(steps: readonly PlanStep[], untouched: number): string {
  const counts = Map.groupBy(steps, ({ action }) => action);
  const parts = (Object.keys(WORDS) as PlanAction[]).flatMap((action) => {
    const count = counts.get(action)?.length ?? 0;
    return count === 0 ? [] : [`${count} ${WORDS[action]}`];
  });
  const others = untouched === 0 ? [] : [`${untouched} of others left alone`];
  return `Limits: ${[...parts, ...others].join(', ') || 'none'}.`;
}

const DONE: Readonly<Record<string, string>> = { create: 'created', change: 'changed', remove: 'removed', adopt: 'adopted' };

/** One line for each step: done, failed and why, or not tried. */
export function outcomeLines(outcomes: readonly StepOutcome[], terminal: Terminal): string[] {
  return outcomes.flatMap(({ step, outcome, error }) => {
    const limit = step.wanted ?? step.current;
    const amount = limit === undefined || step.action === 'remove' ? '' : ` at ${amountText(limit)}`;
    const words = {
      done: `${DONE[step.action] ?? ''}  ${nameOf(step)}${amount}`,
      failed: `FAILED   ${nameOf(step)}: ${error?.message ?? ''}`,
      unknown: `UNKNOWN  ${nameOf(step)}: ${error?.message ?? ''} Whether it was set is not known; the next run finds out.`,
      open: `not tried  ${nameOf(step)}`,
    };
    return wrapped(words[outcome], terminal);
  });
}

const HISTORY: readonly Column[] = [
  { title: 'when (UTC)', align: 'left', cut: 'never' },
  { title: 'what', align: 'left', cut: 'never' },
  { title: 'limit of', align: 'left', cut: 'middle' },
  { title: 'period', align: 'left', cut: 'never', priority: 2 },
  { title: 'from', align: 'left', cut: 'never', priority: 1 },
  { title: 'to', align: 'left', cut: 'never' },
  { title: 'by', align: 'left', cut: 'end', priority: 3 },
  { title: 'gateway', align: 'left', cut: 'end', priority: 4, comfortable: NOTE },
];

/** The newest first. `ledger`: where records of what was set are kept, such as "this data folder". */
export function historyLines(records: readonly LimitRecord[], ledger: string, terminal: Terminal): string[] {
  if (records.length === 0) return [`Nothing has been set at a gateway from ${ledger}.`];
  const rows = records.toReversed().map(({ atMs, what, outcome, before, after, who, gateway }) => {
    const limit = after ?? before;
    return [
      new Date(atMs).toISOString().slice(0, 19).replace('T', ' '),
      outcome === 'done' ? what : `${what}: ${outcome}`,
      limit === undefined ? '' : scopeWords(limit),
      limit === undefined ? '' : printable(limit.period),
      before === undefined ? '–' : amountText(before),
      after === undefined ? '–' : amountText(after),
      printable(who),
      printable(gateway),
    ];
  });
  return table(terminal, HISTORY, rows);
}

function section(title: string, sentences: readonly string[], terminal: Terminal): string[] {
  if (sentences.length === 0) return [];
  return ['', ...(title === '' ? [] : [title]), ...sentences.flatMap((sentence) => bullet(sentence, terminal))];
}

const bullet = (text: string, { columns }: Terminal): string[] =>
  wrapTo(columns && columns - 2, text).map((line, index) => (index === 0 ? '- ' : '  ') + line);

export const wrapped = (text: string, { columns }: Terminal): string[] => wrapTo(columns, text);
