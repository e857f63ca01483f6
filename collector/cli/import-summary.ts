/** What an import did, for users and for programs. */
import { displayUsd, formatUsd } from '../core/money.ts';
import { visible } from '../core/visible.ts';
import { daysAfter } from '../imports/days.ts';
import { nameOf } from '../imports/findings.ts';
import type { ImportSummary } from '../imports/run.ts';
import { STATEMENT_AMOUNTS, type StatementAmount } from '../imports/statement-line.ts';
import type { StatementTotals } from '../imports/statements.ts';
import { changedAmounts } from '../imports/totals.ts';
import { withThousands } from './table.ts';

const REVISED_SHOWN = 40;
const MONEY: ReadonlySet<StatementAmount> = new Set(['billed', 'list', 'estimated']);

const shown = (name: StatementAmount, amount: bigint | undefined): string =>
  amount === undefined ? 'unknown' : MONEY.has(name) ? displayUsd(amount) : withThousands(amount);

export function summaryLines({ origin, range, isTrial, outcome, days, revised, failed, lines, totals, remarks }: ImportSummary): string[] {
  const counts = [
    [days.new, 'new'],
    [days.same, 'unchanged'],
    [days.revised, 'revised'],
    [days.outdated, 'left as another import brought them meanwhile'],
    [failed.length, 'not read'],
  ] as const;
  const read = counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  const amounts = STATEMENT_AMOUNTS.flatMap((name) => (totals[name] === undefined ? [] : [`${name} ${shown(name, totals[name])}`]));
  return [
    `${nameOf(origin)}, ${range.from} to ${daysAfter(range.to, -1)}: ${read.length === 0 ? 'no day was read' : `days: ${read.join(', ')}`}.`,
    `  ${withThousands(lines)} ${lines === 1 ? 'line' : 'lines'}${amounts.length === 0 ? '' : `; ${amounts.join(', ')}`}`,
    ...revised.slice(0, REVISED_SHOWN).map(({ day, before, after }) => `  ${day} revised: ${difference(before, after)}`),
    ...(revised.length > REVISED_SHOWN ? [`  … and ${revised.length - REVISED_SHOWN} more revised days`] : []),
    ...failed.map(({ day, error }) => `  ${day} not read, it is as it was: ${error.message}`),
    ...remarks.map((remark) => `  ${visible(remark)}`),
    ...(isTrial ? ['Nothing was stored: this was a dry run.'] : []),
    ...(outcome === 'stopped' ? ['Stopped. Whole days are stored; run it again to go on.'] : []),
  ];
}

function difference(before: StatementTotals, after: StatementTotals): string {
  const changed = changedAmounts(before, after).map((name) => `${name} ${shown(name, before[name])} → ${shown(name, after[name])}`);
  return changed.length === 0 ? 'its lines, not their sums' : changed.join(', ');
}

export const summaryJson = ({ origin, range, isTrial, outcome, days, revised, failed, lines, totals, remarks, error }: ImportSummary): object => ({
  ...{ source: origin.source, account: origin.account, from: range.from, to: daysAfter(range.to, -1), dry_run: isTrial, outcome },
  ...{ days: { ...days, failed: failed.length }, lines, totals: totalsJson(totals) },
  revised: revised.map(({ day, before, after }) => ({ day, before: totalsJson(before), after: totalsJson(after) })),
  failed: failed.map(({ day, error: why }) => ({ day, error: why.message })),
  remarks,
  ...(error !== undefined && { error: error.message }),
});

/** Money as decimal strings in USD; null where nothing is known. */
export const totalsJson = ({ billed, list, estimated, tokens, requests }: StatementTotals): object => ({
  ...{ billed_usd: usdOf(billed), list_usd: usdOf(list), estimated_usd: usdOf(estimated) },
  ...{ tokens: numberOf(tokens), requests: numberOf(requests) },
});

const usdOf = (amount: bigint | undefined): string | null => (amount === undefined ? null : formatUsd(amount));
const numberOf = (amount: bigint | undefined): number | null => (amount === undefined ? null : Number(amount));
