/** Percentiles of use by the minute: of everybody together, of each team, and of a user who is active. Pure. */
import { showValue } from '../../catalog/values.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { nearestRank } from '../gauges/gauge.ts';
import { byName } from '../totals.ts';
import type { Usage, UsageMinute } from './usage.ts';

export const RATES = ['tokens', 'input_tokens', 'output_tokens', 'requests', 'users'] as const;
export type RateName = (typeof RATES)[number];

/** Nearest rank; null without a minute. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly peak: number;
}

export interface Rate extends Spread {
  readonly rate: RateName;
  /** Start of the busiest minute, epoch milliseconds; the first of several. */
  readonly peakMs: number;
  /** Over working minutes, of which those without use are zero. */
  readonly working: Omit<Spread, 'peak'>;
}

export interface Team {
  readonly organization: string;
  readonly team: string;
  /** Undefined where users are not known apart. */
  readonly users: number | undefined;
  readonly minutes: number;
  readonly tokens: Spread;
  readonly requests: Spread;
  readonly usersPeak: number | undefined;
}

export interface Measured {
  /** Minutes in which a request was sent. */
  readonly minutes: number;
  /** All minutes of the clock hours (UTC) in which one was. */
  readonly workingMinutes: number;
  /** Users who sent one; undefined where they are not known apart. */
  readonly users: number | undefined;
  readonly requests: number;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly rates: ReadonlyMap<RateName, Rate>;
  /** Of one user in a minute in which that user sent a request, by tokens and requests. */
  readonly perUser: { readonly userMinutes: number; readonly tokens: Spread; readonly requests: Spread } | undefined;
  /** By the 99th percentile of tokens, the largest first. */
  readonly teams: readonly Team[];
}

interface Sum {
  requests: number;
  tokens: number;
  input_tokens: number;
  output_tokens: number;
  readonly names: Set<string>;
}

/** Undefined where nothing was asked for. */
export function measure({ minutes, isApart, fromMs, toMs }: Usage): Measured | undefined {
  if (minutes.length === 0) return undefined;
  const sums = byMinute(minutes);
  const starts = [...sums.keys()].sort((a, b) => a - b);
  const workingMinutes = workingMinutesOf(starts, fromMs, toMs);
  const known = isApart ? RATES : (['tokens', 'requests'] as const);
  const users = usersOf(minutes);
  return {
    minutes: starts.length,
    workingMinutes,
    users: isApart ? users.size : undefined,
    requests: total(minutes, 'requests'),
    inputTokens: isApart ? total(minutes, 'inputTokens') : undefined,
    outputTokens: isApart ? total(minutes, 'outputTokens') : undefined,
    rates: new Map(known.map((rate) => [rate, rateOf(rate, sums, workingMinutes)])),
    perUser: isApart ? perUser(minutes) : undefined,
    teams: teamsOf(minutes, isApart),
  };
}

const total = (minutes: readonly UsageMinute[], of: 'requests' | 'inputTokens' | 'outputTokens'): number =>
  minutes.reduce((sum, minute) => sum + (minute[of] ?? 0), 0);

/** Users by name: who works in two teams is one. Records without a user are nobody in particular. */
const usersOf = (minutes: readonly UsageMinute[]): Set<string> => new Set(minutes.flatMap(({ user = '' }) => (user === '' ? [] : [user])));

function byMinute(minutes: readonly UsageMinute[]): Map<number, Sum> {
  const sums = new Map<number, Sum>();
  for (const { startMs, requests, tokens, user = '', inputTokens = 0, outputTokens = 0 } of minutes) {
    const sum = sums.getOrInsertComputed(startMs, () => ({ requests: 0, tokens: 0, input_tokens: 0, output_tokens: 0, names: new Set<string>() }));
    sum.requests += requests;
    sum.tokens += tokens;
    sum.input_tokens += inputTokens;
    sum.output_tokens += outputTokens;
    if (user !== '') sum.names.add(user);
  }
  return sums;
}

const amountOf = (sum: Sum, rate: RateName): number => (rate === 'users' ? sum.names.size : sum[rate]);

function rateOf(rate: RateName, sums: ReadonlyMap<number, Sum>, workingMinutes: number): Rate {
  const amounts = [...sums].map(([startMs, sum]) => ({ startMs, amount: amountOf(sum, rate) }));
  const spread = spreadOf(amounts.map(({ amount }) => amount));
  const { p50, p95, p99 } = spreadOf([
    ...amounts.map(({ amount }) => amount),
    ...Array.from({ length: Math.max(0, workingMinutes - amounts.length) }, () => 0),
  ]);
  const busiest = amounts.filter(({ amount }) => amount === spread.peak).map(({ startMs }) => startMs);
  return { rate, ...spread, peakMs: busiest.reduce((first, startMs) => Math.min(first, startMs)), working: { p50, p95, p99 } };
}

/** Of at least one amount. */
function spreadOf(amounts: readonly number[]): Spread {
  const ascending = Float64Array.from(amounts).sort();
  const at = (share: number): number => nearestRank(ascending, share) ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), peak: at(1) };
}

/** Of the first and the last hour what is in the time range. */
function workingMinutesOf(starts: readonly number[], fromMs: number, toMs: number): number {
  const [first, end] = [Math.ceil(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)];
  const hours = new Set(starts.map((startMs) => Math.floor(startMs / HOUR_MS)));
  const perHour = HOUR_MS / MINUTE_MS;
  return [...hours].reduce((sum, hour) => sum + Math.min(end, (hour + 1) * perHour) - Math.max(first, hour * perHour), 0);
}

function perUser(minutes: readonly UsageMinute[]): Measured['perUser'] {
  const sums = new Map<string, { requests: number; tokens: number }>();
  for (const { startMs, user = '', requests, tokens } of minutes) {
    if (user === '') continue;
    const sum = sums.getOrInsertComputed(`${startMs} ${user}`, () => ({ requests: 0, tokens: 0 }));
    sum.requests += requests;
    sum.tokens += tokens;
  }
  if (sums.size === 0) return undefined;
  const all = [...sums.values()];
  return { userMinutes: sums.size, tokens: spreadOf(all.map(({ tokens }) => tokens)), requests: spreadOf(all.map(({ requests }) => requests)) };
}

function teamsOf(minutes: readonly UsageMinute[], isApart: boolean): Team[] {
  const groups = Map.groupBy(minutes, ({ organization, team }) => JSON.stringify([organization, team]));
  return [...groups.values()]
    .map((own): Team => {
      const sums = [...byMinute(own).values()];
      const [{ organization = '', team = '' } = {}] = own;
      return {
        organization: showValue('organization', organization),
        team: showValue('team', team),
        users: isApart ? usersOf(own).size : undefined,
        minutes: sums.length,
        tokens: spreadOf(sums.map(({ tokens }) => tokens)),
        requests: spreadOf(sums.map(({ requests }) => requests)),
        usersPeak: isApart ? Math.max(...sums.map(({ names }) => names.size)) : undefined,
      };
    })
    .sort((a, b) => b.tokens.p99 - a.tokens.p99 || byName(`${a.organization}\0${a.team}`, `${b.organization}\0${b.team}`));
}
