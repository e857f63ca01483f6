/** What the month will cost, and what a person's day costs beside what others have published. */
import { forecastMonths } from '../../budgets/evaluate.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import type { Filter } from '../../catalog/values.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { toFloatUsd } from '../../core/money.ts';
import { periodAround } from '../../core/time-range.ts';
import { FORECASTS } from './budgets.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, nearestRank } from './gauge.ts';
import { selectionsOf } from './selections.ts';
import { costsByUser, readUserCosts, type UserCost } from './user-costs.ts';

const AGE_MS = 15 * MINUTE_MS;
/** As many values as the ledger keeps apart of people, or of teams in organizations. */
const ROWS_MAX = 10_000_000;

interface Scope {
  readonly labels: readonly string[];
  readonly where: readonly Filter[];
}

/** Everything that the reader chose, and the organizations and teams in it, of what spent anything in this month or the last. */
async function scopesOf({ reader, calendar, nowMs, where }: GaugeContext): Promise<Scope[]> {
  const { rows } = await reader.query({
    measures: ['cost'],
    by: ['organization', 'team'],
    fromMs: periodAround('month', nowMs, calendar, -1).fromMs,
    toMs: periodAround('month', nowMs, calendar).toMs,
    grain: 'total',
    timeZone: calendar.timeZone,
    where,
    rowsMax: ROWS_MAX,
  });
  const own = (dimension: 'organization' | 'team', value: string | undefined): Filter[] =>
    value === undefined ? [] : [{ dimension, values: [value] }];
  return selectionsOf(rows.map(({ key: [organization = '', team = ''] }) => ({ organization, team }))).map(({ labels, items: [first] }) => {
    const chosen = [
      ...own('organization', labels[0] === '' ? undefined : first?.organization),
      ...own('team', labels[1] === '' ? undefined : first?.team),
    ];
    const beside = where.filter(({ dimension }) => !chosen.some((filter) => filter.dimension === dimension));
    return { labels, where: [...beside, ...chosen] };
  });
}

async function forecasts(context: GaugeContext): Promise<GaugeSample[]> {
  const scopes = await scopesOf(context);
  const bands = await forecastMonths(
    context,
    scopes.map(({ where }) => where),
  );
  return scopes.flatMap(({ labels }, index) => {
    const band = bands[index];
    if (band?.kind !== 'band') return [];
    return [
      { labels: [...labels, '0.5'], value: toFloatUsd(band.p50) },
      { labels: [...labels, '0.9'], value: toFloatUsd(band.p90) },
    ];
  });
}

/** Over the days of this month on which a known person cost anything; who cost nothing on a day is not averaged in. */
async function costPerUserDay(context: GaugeContext): Promise<GaugeSample[]> {
  const { calendar, nowMs } = context;
  const days: UserCost[][] = [];
  // Day by day, since the ledger adds up one day much faster than it tells many apart.
  const { fromMs } = periodAround('month', nowMs, calendar);
  for (let day = periodAround('day', fromMs, calendar); day.fromMs <= nowMs; day = periodAround('day', day.toMs, calendar)) {
    days.push(await readUserCosts(context, day));
  }
  return selectionsOf(days.flatMap((day, index) => day.map((cost) => ({ ...cost, index })))).flatMap(({ labels, items }) => {
    const costs = [...costsByUser(items, ({ index, user }) => `${index} ${user}`).values()];
    if (costs.length === 0) return [];
    const total = costs.reduce((sum, cost) => sum + cost, 0n);
    const p90 = nearestRank(Float64Array.from(costs, toFloatUsd).sort(), 0.9) ?? 0;
    return [
      { labels: [...labels, 'average'], value: toFloatUsd(total / BigInt(costs.length)) },
      { labels: [...labels, 'p90'], value: p90 },
    ];
  });
}

export const COST_READINGS = {
  forecast: {
    ...FORECASTS,
    read: forecasts,
  },
  cost_per_active_user_day: {
    maxAgeMs: AGE_MS,
    read: costPerUserDay,
  },
  benchmark_cost_per_user_day: {
    maxAgeMs: 0,
    // What others pay is the same whatever the board is narrowed to.
    read: async ({ config }) =>
      config.benchmarks.flatMap(({ edition, average_usd, p90_usd }) => [
        { labels: [edition, 'average'], value: average_usd },
        { labels: [edition, 'p90'], value: p90_usd },
      ]),
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
