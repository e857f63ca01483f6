/** A forecast of a roll-out as its answer. */
import type { Filter } from '../../catalog/values.ts';
import { showValue } from '../../catalog/values.ts';
import type { Config } from '../../config/config.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { formatUsd, type PicoUsd, parseUsd } from '../../core/money.ts';
import { renderRange } from '../compared-range.ts';
import { shareOf } from '../totals.ts';
import { type RolloutAnswer, WEEKDAYS } from './answer.ts';
import { FUTURES } from './bootstrap.ts';
import type { Band, Plan, Rollout } from './forecast.ts';
import type { Measured, Spread } from './measured.ts';
import { type ModelDays, modelDays } from './mix.ts';
import type { Pilot } from './pilot.ts';
import type { RolloutMonth } from './schedule.ts';

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
const monthName = ({ first }: RolloutMonth): string => first.toPlainYearMonth().toString();
const bandOf = ({ p50, p90 }: Band) => ({ p50_usd: formatUsd(p50), p90_usd: formatUsd(p90) });
const spreadOf = ({ mean, p50, p90, p99 }: Spread) => ({
  ...{ mean_usd: formatUsd(mean), p50_usd: formatUsd(p50), p90_usd: formatUsd(p90), p99_usd: formatUsd(p99) },
});

export function renderPilot(
  pilot: Pilot,
  measured: Measured | undefined,
  { where, calendar }: { readonly where: readonly Filter[]; readonly calendar: CalendarOptions },
): RolloutAnswer['pilot'] {
  const { days, users, unattributed } = pilot;
  const [first, last] = [days[0], days.at(-1)];
  const activeDays = measured?.activeUserDays ?? 0;
  return {
    filters: where.flatMap(({ dimension, values }) => values.map((value) => `${dimension}:${showValue(dimension, value)}`)),
    range: first === undefined || last === undefined ? null : renderRange({ fromMs: first.fromMs, toMs: last.toMs }, calendar),
    days: days.length,
    users: users.length,
    cost_usd: formatUsd(measured?.cost ?? 0n),
    unattributed_usd: formatUsd(unattributed),
    active_user_days: activeDays,
    active_share: rounded(measured?.activeShare ?? 0),
    per_active_day: measured === undefined ? null : spreadOf(measured.perActiveDay),
    per_user_30_days: measured === undefined ? null : spreadOf(measured.perUser),
    largest_user_share: measured?.largestShare ?? null,
    largest_tenth_share: measured?.largestTenthShare ?? null,
    weekdays: (measured?.weekdays ?? []).flatMap(({ share, activeShare }, index) => {
      const weekday = WEEKDAYS[index];
      return weekday === undefined ? [] : { weekday, share, active_share: rounded(activeShare) };
    }),
    models: modelDays(pilot).map((model) => ({
      ...{ model: showValue('model', model.name), share: shareOf(BigInt(model.userDays), BigInt(activeDays)) ?? 0 },
      ...modelOf(model),
    })),
  };
}

const modelOf = ({ userDays, users, cost }: ModelDays) => ({
  ...{ user_days: userDays, users, per_user_day_usd: userDays === 0 ? null : formatUsd(cost / BigInt(userDays)) },
});

export const renderMix = ({ mix }: Rollout, plan: Plan): RolloutAnswer['mix'] =>
  mix === undefined
    ? null
    : {
        factor: rounded(mix.factor),
        models: mix.days.map((days, index) => ({ name: days.name, percent: plan.mix[index]?.percent ?? 0, ...modelOf(days) })),
      };

export function renderForecast({ schedule, forecast }: Rollout): Pick<RolloutAnswer, 'months' | 'total' | 'recommended' | 'futures' | 'p90_read_at'> {
  if (forecast === undefined) return { months: [], total: null, recommended: null, futures: 0, p90_read_at: null };
  const months = schedule.months.flatMap((month, index) => {
    const band = forecast.months[index];
    const { first, last, days, workingDays, users } = month;
    const when = { month: monthName(month), from: first.toString(), to: last.toString(), days, working_days: workingDays, users };
    return band === undefined ? [] : { ...when, ...bandOf(band) };
  });
  const amount = formatUsd(forecast.amount);
  return {
    months,
    total: bandOf(forecast.total),
    recommended: {
      ...{ amount_usd: amount, month: months[forecast.largest]?.month ?? '' },
      command: `ledgerline budget set rollout --amount ${amount} --period month`,
    },
    futures: FUTURES,
    p90_read_at: rounded(forecast.readAt),
  };
}

/** Exact: the configuration has it as a number. */
const usdOf = (amount: number): PicoUsd => parseUsd(String(amount)) ?? 0n;

/** For the month of the recommendation, without one for the last of the months, when everybody has begun. */
export function renderPublished(
  { schedule, forecast, measured }: Rollout,
  { users }: Plan,
  benchmarks: Config['benchmarks'],
): RolloutAnswer['published'] {
  const month = schedule.months[forecast?.largest ?? schedule.months.length - 1];
  if (month === undefined) return [];
  const each = (days: number): bigint => BigInt(Math.round(days * users * 1e6));
  const activeDays = measured && activeDaysIn(month, measured);
  return benchmarks.map(({ edition, average_usd }) => ({
    edition,
    average_usd: formatUsd(usdOf(average_usd)),
    month: monthName(month),
    working_days: month.workingDays,
    every_working_day_usd: formatUsd(usdOf(average_usd) * BigInt(users * month.workingDays)),
    measured_days_usd: activeDays === undefined ? null : formatUsd((usdOf(average_usd) * each(activeDays)) / 1_000_000n),
  }));
}

/** Of one user, as the pilot's weekdays have them. */
function activeDaysIn({ first, days }: RolloutMonth, { weekdays }: Measured): number {
  const shares = Array.from({ length: days }, (_, day) => weekdays[first.add({ days: day }).dayOfWeek - 1]?.activeShare ?? 0);
  return shares.reduce((sum, share) => sum + share, 0);
}
