/** A reconciliation as the API says it. */
import { showValue } from '../../catalog/values.ts';
import { formatUsd } from '../../core/money.ts';
import { renderExact, renderInstant } from '../render.ts';
import { byName, largestFirst, shareOf } from '../totals.ts';
import type { ReconciliationAnswer, RowDimension } from './answer.ts';
import { CAUSES, type Cause } from './causes.ts';
import { NOT_MAPPED } from './cell.ts';
import type { Completeness } from './completeness.ts';
import type { Coverage } from './coverage.ts';
import type { ImportState } from './imports.ts';
import type { Adjustment } from './moved.ts';
import type { Reconciled } from './steps.ts';
import { type Sum, sumOfCells } from './total.ts';

const usdOrNull = (amount: bigint | undefined): string | null => (amount === undefined ? null : formatUsd(amount));
const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

export function renderAmounts({ amounts, remainder }: Sum) {
  return {
    reported_usd: formatUsd(amounts.reported),
    list_usd: formatUsd(amounts.list),
    contracted_usd: formatUsd(amounts.contracted),
    billed_usd: usdOrNull(amounts.billed),
    remainder_usd: usdOrNull(remainder),
    remainder_ratio: amounts.billed === undefined || remainder === undefined ? null : shareOf(remainder, amounts.billed),
  };
}

/** Without a statement there is no way from list to billed cost. */
const knownSteps = ({ amounts, steps }: Pick<Sum, 'amounts' | 'steps'>): (readonly [Cause, bigint])[] =>
  [...steps].filter(([cause]) => amounts.billed !== undefined || CAUSES[cause].span === 'reported_list');

export function renderSteps({ amounts, steps }: Sum): ReconciliationAnswer['steps'] {
  return knownSteps({ amounts, steps }).map(([cause, amount]) => {
    const { span, title, sentence, remedy } = CAUSES[cause];
    const start = span === 'reported_list' ? amounts.reported : amounts.list;
    return { cause, span, title, amount_usd: formatUsd(amount), ratio: shareOf(amount, start), sentence, remedy };
  });
}

const showWorkspace = (workspace: string): string => (workspace === NOT_MAPPED ? NOT_MAPPED : showValue('workspace', workspace));

const SHOWN: Readonly<Record<RowDimension, (cell: Reconciled) => string>> = {
  day: ({ place }) => place.day,
  workspace: ({ place }) => showWorkspace(place.workspace),
  model: ({ place }) => showValue('model', place.model),
  biller: ({ place }) => place.biller,
};

export function renderRows(cells: readonly Reconciled[], by: readonly RowDimension[]): ReconciliationAnswer['rows'] {
  const groups = Map.groupBy(cells, (cell) => JSON.stringify(by.map((dimension) => SHOWN[dimension](cell))));
  return [...groups]
    .map(([key, own]) => ({ key, own, sum: sumOfCells(own) }))
    .sort(
      (a, b) => largestFirst(remainderOf(a.sum), remainderOf(b.sum)) || largestFirst(distanceOf(a.sum), distanceOf(b.sum)) || byName(a.key, b.key),
    )
    .map(({ own: [first], sum }) => ({
      ...(first && Object.fromEntries(by.map((dimension) => [dimension, SHOWN[dimension](first)]))),
      ...renderAmounts(sum),
      is_counted: sum.isCounted,
      steps: Object.fromEntries(knownSteps(sum).map(([cause, amount]) => [cause, formatUsd(amount)])),
    }));
}

const remainderOf = ({ remainder }: Sum): bigint => magnitude(remainder ?? 0n);
const distanceOf = ({ amounts }: Sum): bigint => magnitude((amounts.billed ?? amounts.reported) - amounts.list);

export const absoluteRemainder = (cells: readonly Reconciled[]): string | null => {
  const known = cells.flatMap(({ remainder }) => (remainder === undefined ? [] : [magnitude(remainder)]));
  return known.length === 0 ? null : formatUsd(known.reduce((sum, amount) => sum + amount, 0n));
};

export const renderCompleteness = (all: readonly Completeness[], dimension: 'user' | 'workspace') =>
  all.map((one) => ({
    name: one.isKey ? one.name : one.name === NOT_MAPPED ? NOT_MAPPED : showValue(dimension, one.name),
    is_key: one.isKey,
    cost_usd: formatUsd(one.cost),
    tokens: renderExact('tokens', one.tokens),
    recorded_cost_usd: usdOrNull(one.recordedCost),
    recorded_tokens: one.recordedTokens === undefined ? null : renderExact('tokens', one.recordedTokens),
    cost_ratio: one.costRatio,
    token_ratio: one.tokenRatio,
    events: one.events,
    missing_events: one.missing,
    is_silent: one.isSilent,
  }));

export const renderSources = (coverage: readonly Coverage[]): ReconciliationAnswer['sources'] =>
  coverage.map(({ biller, billed, counted, missingBilled, missingCounted, provisional, accounts }) => ({
    biller,
    billed: Object.fromEntries(billed),
    counted: Object.fromEntries(counted),
    missing_billed_days: missingBilled,
    missing_counted_days: missingCounted,
    provisional_days: provisional,
    accounts: accounts.map((one) => ({
      account: one.account,
      missing_billed_days: one.missingBilled,
      missing_counted_days: one.missingCounted,
    })),
  }));

export const renderAdjustments = (all: readonly Adjustment[]): ReconciliationAnswer['adjustments'] =>
  all.map(({ month, workspace, model, reported, list, contracted, lastMs }) => ({
    ...{ month, workspace: showWorkspace(workspace), model: showValue('model', model), last_posted_at: renderInstant(lastMs) },
    ...{ reported_usd: formatUsd(reported), list_usd: formatUsd(list), contracted_usd: formatUsd(contracted) },
  }));

export const renderImports = (states: readonly ImportState[]): ReconciliationAnswer['imports'] =>
  states.map(({ source, account, days, completeDays, firstDay = null, lastDay = null, checkedMs, lastRun }) => ({
    ...{ source, account, days, complete_days: completeDays, first_day: firstDay, last_day: lastDay },
    checked_at: renderInstant(checkedMs),
    last_run: lastRun === undefined ? null : { ended_at: renderInstant(lastRun.endedMs), outcome: lastRun.outcome },
  }));
