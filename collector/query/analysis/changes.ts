/** Who and what a change is made of: the largest contributors by name, the others as one, together the change. */
import { z } from 'zod';
import type { DimensionName } from '../../catalog/measures.ts';
import { showValue } from '../../catalog/values.ts';
import { formatUsd } from '../../core/money.ts';
import { usdSchema } from '../answer-schemas.ts';
import { byName, changeRatio, largestFirst, shareOf, total } from '../totals.ts';

/** One value of a dimension, as stored. */
export interface Part {
  readonly value: string;
  readonly now: bigint;
  readonly before: bigint;
}

export function partsOf(now: ReadonlyMap<string, bigint>, before: ReadonlyMap<string, bigint>): Part[] {
  return [...new Set([...now.keys(), ...before.keys()])].map((value) => ({ value, now: now.get(value) ?? 0n, before: before.get(value) ?? 0n }));
}

const amounts = {
  cost_usd: usdSchema,
  before_usd: usdSchema.describe('In the period before, up to the same time.'),
  change_usd: usdSchema,
  change_ratio: z.number().nullable().describe('Relative to the period before; null where it had nothing, or less.'),
};
const partSchema = z.object({ value: z.string().describe('As shown.'), ...amounts }).meta({ id: 'ChangePart' });

/** The rows and the others add up to the change. */
export const changesSchema = z
  .object({
    rows: z.array(partSchema).describe('The largest changes first, up or down.'),
    others: z
      .object({ count: z.number().int(), ...amounts })
      .nullable()
      .describe('All that have no row of their own.'),
  })
  .meta({ id: 'Changes' });
export type Changes = z.infer<typeof changesSchema>;

const size = ({ now, before }: Part): bigint => (now > before ? now - before : before - now);

const renderAmounts = (now: bigint, before: bigint) => ({
  cost_usd: formatUsd(now),
  before_usd: formatUsd(before),
  change_usd: formatUsd(now - before),
  change_ratio: changeRatio(now, before),
});

export function renderChanges(dimension: DimensionName, parts: readonly Part[], limit: number): Changes {
  const changed = parts.toSorted((a, b) => largestFirst(size(a), size(b)) || byName(a.value, b.value));
  const others = changed.slice(limit);
  const sumOf = (field: 'now' | 'before') => total(others.map((part) => part[field]));
  return {
    rows: changed.slice(0, limit).map(({ value, now, before }) => ({ value: showValue(dimension, value), ...renderAmounts(now, before) })),
    others: others.length === 0 ? null : { count: others.length, ...renderAmounts(sumOf('now'), sumOf('before')) },
  };
}

export const topSchema = z
  .array(
    z.object({
      value: z.string().describe('As shown.'),
      cost_usd: usdSchema,
      share: z.number().nullable().describe('Of the whole cost, 0 to 1.'),
    }),
  )
  .meta({ id: 'AnalysisTop' });
export type Top = z.infer<typeof topSchema>;

/** The most expensive first. */
export const renderTop = (dimension: DimensionName, parts: readonly Part[], whole: bigint, limit: number): Top =>
  parts
    .filter(({ now }) => now !== 0n)
    .toSorted((a, b) => largestFirst(a.now, b.now) || byName(a.value, b.value))
    .slice(0, limit)
    .map(({ value, now }) => ({ value: showValue(dimension, value), cost_usd: formatUsd(now), share: shareOf(now, whole) }));
