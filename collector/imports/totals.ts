/** Totals of statement lines. */
import { STATEMENT_AMOUNTS, type StatementAmount } from './statement-line.ts';
import type { StatementTotals } from './statements.ts';

const totalsOf = (of: (name: StatementAmount) => bigint | undefined): StatementTotals => ({
  ...{ billed: of('billed'), list: of('list'), estimated: of('estimated') },
  ...{ tokens: of('tokens'), requests: of('requests') },
});

export const NOTHING: StatementTotals = totalsOf(() => undefined);

/** What neither knows stays unknown. */
export function addedTotals(one: StatementTotals, other: StatementTotals): StatementTotals {
  return totalsOf((name) => (one[name] === undefined && other[name] === undefined ? undefined : (one[name] ?? 0n) + (other[name] ?? 0n)));
}

/** The amounts in which they differ. */
export const changedAmounts = (one: StatementTotals, other: StatementTotals): readonly StatementAmount[] =>
  STATEMENT_AMOUNTS.filter((name) => one[name] !== other[name]);
