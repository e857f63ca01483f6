/** The figures of a plan as its answer has them. */
import { PUBLISHED_RATES, publishedRate } from '../../catalog/published-rates.ts';
import { renderInstant } from '../render.ts';
import type { LimitsPlanAnswer } from './answer.ts';
import { lineThrough, reachedAt, type Week } from './growth.ts';
import type { Headroom } from './headroom.ts';
import type { Measured, Spread } from './measured.ts';
import { type PerMinute, trainingNeed } from './recommend.ts';
import type { Usage } from './usage.ts';

const TEAMS_MAX = 50;

const round = (value: number, decimals: number): number => Number(value.toFixed(decimals));
const bare = ({ p50, p95, p99, peak }: Spread): Spread => ({ p50, p95, p99, peak });
export const perMinuteOf = ({ tokens, requests }: PerMinute) => ({ tokens_per_minute: tokens, requests_per_minute: requests });

export function renderPublished(users: number): LimitsPlanAnswer['published'] {
  const row = publishedRate(users);
  if (row === undefined) return null;
  const bounds = ([low, high]: readonly [low: number, high: number], times: number) => ({ low: round(low * times, 2), high: round(high * times, 2) });
  const rates = (times: number) => ({ tokens_per_minute: bounds(row.tokens, times), requests_per_minute: bounds(row.requests, times) });
  return { source: PUBLISHED_RATES.source, read_on: PUBLISHED_RATES.readOn, size: row.size, per_user: rates(1), total: rates(users) };
}

export function renderMeasured(measured: Measured | undefined, usage: Usage): LimitsPlanAnswer['measured'] {
  if (measured === undefined) return null;
  const { perUser, teams } = measured;
  return {
    from: renderInstant(usage.fromMs),
    to: renderInstant(usage.toMs),
    days: usage.days,
    source: usage.isApart ? 'records' : 'minutes',
    users: measured.users ?? null,
    minutes_with_use: measured.minutes,
    working_minutes: measured.workingMinutes,
    requests: measured.requests,
    input_tokens: measured.inputTokens ?? null,
    output_tokens: measured.outputTokens ?? null,
    rates: [...measured.rates.values()].map(({ rate, peakMs, working, ...spread }) => ({
      ...{ rate, ...bare(spread), peak_at: renderInstant(peakMs), working },
    })),
    per_user: perUser === undefined ? null : { user_minutes: perUser.userMinutes, tokens: bare(perUser.tokens), requests: bare(perUser.requests) },
    teams: teams.slice(0, TEAMS_MAX).map(({ organization, team, users, minutes, tokens, requests, usersPeak }) => ({
      ...{ organization, team, users: users ?? null, minutes_with_use: minutes },
      ...{ tokens: bare(tokens), requests: bare(requests), users_peak: usersPeak ?? null },
    })),
    has_more_teams: teams.length > TEAMS_MAX,
  };
}

/** Why there are no, or not all, measured figures. */
export function measuredReason(measured: Measured | undefined, usage: Usage): string | null {
  if (!usage.isApart)
    return 'There are too many records to read by user: input, output and users are not known apart. Narrow it, for example with where=team:platform.';
  if (measured === undefined) return `No request was sent in the last ${usage.days} days.`;
  return usage.days === 1 ? 'There are too many records to read of a week, so the figures are of the last 24 hours.' : null;
}

export const renderHeadroom = (headroom: readonly Headroom[]): LimitsPlanAnswer['headroom'] =>
  headroom.map(({ limit, perMinute, rate, usersSupported }) => ({
    limit,
    per_minute: perMinute,
    p99: rate?.p99 ?? null,
    peak: rate?.peak ?? null,
    p99_ratio: rate === undefined ? null : round(rate.p99 / perMinute, 4),
    peak_ratio: rate === undefined ? null : round(rate.peak / perMinute, 4),
    remaining: rate === undefined ? null : perMinute - rate.p99,
    users_supported: usersSupported ?? null,
  }));

export function renderTraining(
  users: number | undefined,
  measured: Measured | undefined,
  headroom: readonly Headroom[],
): LimitsPlanAnswer['training'] {
  const need = users === undefined ? undefined : trainingNeed(users, measured);
  if (users === undefined || need === undefined) return null;
  const everyday = { tokens: measured?.rates.get('tokens')?.p95 ?? 0, requests: measured?.rates.get('requests')?.p95 ?? 0 };
  const all = { tokens_per_minute: need.tokens + everyday.tokens, requests_per_minute: need.requests + everyday.requests };
  return {
    users,
    ...perMinuteOf(need),
    basis: need.basis,
    with_everyday: measured === undefined ? null : all,
    fits: headroom.flatMap(({ limit, perMinute }) =>
      limit === 'tokens_per_minute' || limit === 'requests_per_minute' ? [{ limit, is_enough: all[limit] <= perMinute }] : [],
    ),
    words: [...need.words],
  };
}

export function renderGrowth(weeks: readonly Week[], headroom: readonly Headroom[], nowMs: number): LimitsPlanAnswer['growth'] {
  const perWeek = (amounts: readonly number[]): number | null => {
    const line = lineThrough(amounts);
    return line === undefined ? null : round(line.perWeek, 2);
  };
  const tokensOf = ({ inputTokens, outputTokens }: Week): number => inputTokens + outputTokens;
  return {
    weeks: weeks.map((week) => ({ start: renderInstant(week.startMs), users: week.users, tokens: tokensOf(week), requests: week.requests })),
    users_per_week: perWeek(weeks.map(({ users }) => users)),
    tokens_per_week: perWeek(weeks.map(tokensOf)),
    reached: headroom.map(({ limit, perMinute, rate }) => {
      const reached = reachedAt(weeks, { limit, perMinute, p99: rate?.p99 }, nowMs);
      if ('reason' in reached) return { limit, at: null, weeks: null, reason: reached.reason };
      return { limit, at: renderInstant(Math.round(reached.atMs)), weeks: round(reached.weeks, 1), reason: null };
    }),
  };
}
