/** Reconciled cells added up. */
import type { Cause } from './causes.ts';
import { CAUSE_NAMES } from './causes.ts';
import type { Amounts, Reconciled } from './steps.ts';

export interface Sum {
  readonly amounts: Amounts;
  /** In the order of the waterfall. */
  readonly steps: ReadonlyMap<Cause, bigint>;
  readonly remainder: bigint | undefined;
  readonly isCounted: boolean;
}

/** What is billed is known where any of it is: the rest is the cause not_imported. */
export function sumOfCells(cells: readonly Reconciled[]): Sum {
  const steps = new Map<Cause, bigint>();
  const amounts = { reported: 0n, events: 0n, list: 0n, contracted: 0n, uncertain: 0n, covered: 0n };
  let billed: bigint | undefined;
  let remainder: bigint | undefined;
  for (const cell of cells) {
    for (const name of Object.keys(amounts) as (keyof typeof amounts)[]) amounts[name] += cell.amounts[name];
    for (const [cause, amount] of cell.steps) steps.set(cause, (steps.get(cause) ?? 0n) + amount);
    if (cell.amounts.billed !== undefined) billed = (billed ?? 0n) + cell.amounts.billed;
    if (cell.remainder !== undefined) remainder = (remainder ?? 0n) + cell.remainder;
  }
  return {
    amounts: { ...amounts, billed },
    steps: new Map(CAUSE_NAMES.flatMap((cause) => (steps.get(cause) ? [[cause, steps.get(cause) ?? 0n] as const] : []))),
    remainder,
    isCounted: cells.some(({ isCounted }) => isCounted),
  };
}
