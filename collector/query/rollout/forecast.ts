/** From a pilot to the months of a roll-out: pure arithmetic. Figures are estimates. */
import type { Finding } from '../../core/finding.ts';
import { inTurns } from '../../core/turn.ts';
import { drawFutures, type Futures } from './bootstrap.ts';
import { findingsOf, type Verdict, verdictOf } from './enough.ts';
import { type Measured, measure, scaled } from './measured.ts';
import { type MixShare, type ModelDays, mixDays, mixFactor } from './mix.ts';
import type { Pilot } from './pilot.ts';
import { expandedNinetieth, nearestRank } from './quantile.ts';
import type { Ramp } from './ramp.ts';
import { type Schedule, scheduleOf } from './schedule.ts';

export interface Plan {
  readonly users: number;
  readonly start: Temporal.PlainDate;
  readonly ramp: Ramp;
  readonly mix: readonly MixShare[];
  /** Users of the pilot, as whoever asks says. */
  readonly headcount: number | undefined;
  readonly timeZone: string;
}

export interface Band {
  readonly p50: bigint;
  readonly p90: bigint;
}

export interface Forecast {
  readonly months: readonly Band[];
  readonly total: Band;
  /** The month with the highest p90. */
  readonly largest: number;
  readonly amount: bigint;
  readonly readAt: number;
}

export interface Rollout {
  readonly schedule: Schedule;
  readonly measured: Measured | undefined;
  readonly mix: { readonly factor: number; readonly days: readonly ModelDays[] } | undefined;
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
  /** Undefined where the pilot is too small. */
  readonly forecast: Forecast | undefined;
}

export async function forecastRollout(pilot: Pilot, plan: Plan): Promise<Rollout> {
  const { users, start, ramp, mix, timeZone } = plan;
  const schedule = scheduleOf(start, users, ramp);
  const measured = measure(pilot, timeZone);
  const days = mixDays(pilot, mix);
  const findings = findingsOf(pilot, measured, { mix: days, headcount: plan.headcount });
  const verdict = verdictOf(findings);
  const isKnown = measured !== undefined && days.every(({ userDays }) => userDays > 0);
  const factorOf = mix.length === 0 || !isKnown ? undefined : mixFactor(pilot, mix);
  const facts = { schedule, measured, findings, verdict, mix: factorOf && { factor: factorOf(pilot.users.keys()), days } };
  if (verdict === 'too_small') return { ...facts, forecast: undefined };
  const { matrix, unit } = scaled(pilot, users, timeZone);
  const futures = await inTurns(drawFutures(matrix, schedule, factorOf));
  return { ...facts, forecast: forecastOf(futures, unit, expandedNinetieth(matrix.users)) };
}

function forecastOf({ months: drawn, total }: Futures, unit: bigint, readAt: number): Forecast {
  const band = (amounts: Float64Array): Band => ({ p50: at(amounts, 0.5) * unit, p90: at(amounts, readAt) * unit });
  const months = drawn.map(band);
  const largest = months.reduce((most, { p90 }, month) => (p90 > (months[most]?.p90 ?? 0n) ? month : most), 0);
  return { months, total: band(total), largest, amount: roundedUp(months[largest]?.p90 ?? 0n), readAt };
}

const at = (amounts: Float64Array, share: number): bigint => BigInt(nearestRank(amounts, share) ?? 0);

const PICO = 1_000_000_000_000n;

/** To whole dollars with two digits that are not zero: $48,312.07 is $49,000, $1.20 is $2. */
export function roundedUp(amount: bigint): bigint {
  let step = PICO;
  while (amount > 100n * step) step *= 10n;
  return ((amount + step - 1n) / step) * step;
}
