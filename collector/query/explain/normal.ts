/** What is normal: the median of the days before. */

import { median as medianOfMoney } from '../../alerts/anomalies/robust-statistics.ts';
import type { PicoUsd } from '../../core/money.ts';
import type { Day, Facts } from './facts.ts';
import { over, type Slice } from './slice.ts';

/** The middle one, of an even number the mean of the two; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}

/** Of those days that have the figure. */
export const normalOf = (days: readonly Day[], figure: (all: Slice) => number | undefined): number | undefined =>
  median(days.flatMap(({ all }) => figure(all) ?? []));

/** The same of one model. */
export const normalOfModel = (days: readonly Day[], model: string, figure: (slice: Slice) => number | undefined): number | undefined =>
  median(
    days.flatMap(({ models }) => {
      const slice = models.get(model);
      return slice === undefined ? [] : (figure(slice) ?? []);
    }),
  );

/** What it would have cost on usual days; of a session, what sessions cost. Undefined without such days. */
export function normalCost({ days, length }: Pick<Facts, 'days' | 'length'>): PicoUsd | undefined {
  if (days.length === 0) return undefined;
  if (length === undefined) {
    const cost = normalSession(days);
    return cost === undefined ? undefined : BigInt(Math.round(cost));
  }
  const day = medianOfMoney(days.map(({ all }) => all.sum('cost')));
  return (day * BigInt(Math.round(length * 1e6))) / 1_000_000n;
}

/** What a session costs on usual days, in pico-dollars. */
export const normalSession = (days: readonly Day[]): number | undefined => normalOf(days, (all) => over(all.count('cost'), all.count('sessions')));
