/** For every alert: series under which it is quiet, fires and is over again, with all that it then says. `promtool test rules` runs them. */

import { boardUrl, linkBases } from '../../../collector/catalog/alert-links.ts';
import { ALERT_BOARDS, ALERTS, type AlertName } from '../../../collector/catalog/alert-names.ts';
import { SELF_SERIES, SERIES } from '../../../collector/catalog/names.ts';

import { configSchema } from '../../../collector/config/config.ts';

export interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface AlertCase {
  readonly title: string;
  readonly alert: AlertName;
  /** Prometheus' notation for promtool, one value for each interval. */
  readonly series: Readonly<Record<string, string>>;
  readonly interval?: string;
  readonly quiet: string;
  readonly fires: { readonly at: string; readonly firing: readonly Firing[] };
  readonly resolved: string;
}

/** Of the repository's own configuration, which names no address: paths. */
export const NO_ADDRESS = linkBases(configSchema.parse({}));

export const links = (alert: AlertName, team?: string, board = ALERT_BOARDS[alert]) => ({
  dashboard_url: boardUrl(board.replace('ledgerline-', ''), team ?? '', NO_ADDRESS),
  runbook_url: `/runbooks/${alert}`,
});

const BUDGET = { budget: 'platform', scope: 'team=platform', team: 'platform', period: 'month' };
const labelText = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join()}}`;
const ofBudget = (series: string, more: Readonly<Record<string, string>> = {}): string => series + labelText({ ...BUDGET, ...more });
/** The collector commits half a minute before each minute of promtool's clock, which starts at the epoch. */
const AS_OF = '-30+60x200';
const AGE = { data_age: 'The newest record is 30s old.' };

const THRESHOLDS = [
  { on: 'actual', severity: 'info', at: '0.5' },
  { on: 'actual', severity: 'warning', at: '0.8' },
  { on: 'actual', severity: 'critical', at: '1' },
  { on: 'forecast', severity: 'warning', at: '1' },
] as const;

const OF_BUDGET = { budget: 'platform', scope: 'team=platform' };
function contributor(rank: string, value: string, usd: string, change: string | undefined, samples: number): Record<string, string> {
  const labels = labelText({ ...OF_BUDGET, rank, dimension: 'user', value });
  const always = (figure: string): string => Array.from({ length: samples }, () => figure).join(' ');
  return {
    [SERIES.budgetContributor + labels]: always(usd),
    ...(change !== undefined && { [SERIES.budgetContributorChange + labels]: always(change) }),
  };
}

/** A budget of 1,000 USD whose spend takes these values, one a minute; the forecast stands still. */
export function budget(
  spent: readonly number[],
  { forecast, stopped = false }: { forecast?: number; stopped?: boolean } = {},
): Record<string, string> {
  const each = (value: (usd: number) => number | string): string => spent.map(value).join(' ');
  return {
    [ofBudget(SERIES.budgetSpent)]: each((usd) => usd),
    [ofBudget(SERIES.budgetLimit)]: each(() => 1_000),
    [ofBudget(SERIES.budgetUsedRatio)]: each((usd) => usd / 1_000),
    // The period ends after one day of promtool's clock.
    [SERIES.budgetAlertTime + labelText({ ...OF_BUDGET, kind: 'period_end', time: 'Fri 2 Jan 1970, 01:00 (Europe/Berlin)' })]: each(() => 86_400),
    ...contributor('2', 'grace@example.com', '251.2', '+Inf', spent.length),
    ...contributor('1', 'ada@example.com', '1234567.89', '1.2', spent.length),
    ...contributor('3', 'linus@example.com', '98.1', undefined, spent.length),
    ...Object.fromEntries(THRESHOLDS.map((threshold) => [ofBudget(SERIES.budgetThreshold, threshold), each(() => threshold.at)])),
    ...(forecast !== undefined && {
      [ofBudget(SERIES.budgetForecastRatio)]: each((usd) => (usd === 0 ? 0.1 : forecast / 1_000)),
      [ofBudget(SERIES.budgetForecast, { quantile: '0.5' })]: each(() => forecast),
      [ofBudget(SERIES.budgetForecast, { quantile: '0.9' })]: each(() => forecast * 1.2),
      [SERIES.budgetAlertTime + labelText({ ...OF_BUDGET, kind: 'runs_out', time: 'Thu 1 Jan 1970' })]: each(() => 43_200),
    }),
    ...(stopped && { [ofBudget(SERIES.budgetStopped)]: each((usd) => Number(usd >= 1_000)) }),
    [SERIES.asOf]: AS_OF,
  };
}

const CONTRIBUTORS = {
  contributor_1: 'ada@example.com: $1,234,567.89, +120 %',
  contributor_2: 'grace@example.com: $251.20, new',
  contributor_3: 'linus@example.com: $98.10',
};
const figures = (spent: string, percent: string, forecast = 'There is no forecast yet.') => ({
  description: `Spent: $${spent} of $1,000.00 (${percent}). Scope: team platform. Period: month, ends Fri 2 Jan 1970, 01:00 (Europe/Berlin).`,
  forecast,
  ...CONTRIBUTORS,
  ...AGE,
});

const STOPPED = figures('1,000.00', '100 %');

/** What a threshold's alert says. */
export const threshold = (severity: string, at: string, spent: string, percent: string): Firing => ({
  labels: { ...BUDGET, on: 'actual', severity, at },
  annotations: {
    summary: `Budget platform: ${percent} used.`,
    ...figures(spent, percent),
    ...links(ALERTS.budgetThreshold, 'platform'),
  },
});

const budgetCases: readonly AlertCase[] = [
  {
    title: 'an info threshold',
    alert: ALERTS.budgetThreshold,
    series: budget([499.99, 500, ...Array.from({ length: 20 }, () => 5)]),
    quiet: '0m',
    fires: { at: '1m', firing: [threshold('info', '0.5', '500.00', '50 %')] },
    resolved: '13m',
  },
  {
    title: 'a warning threshold, not a cent before, beside the info one that Alertmanager hides',
    alert: ALERTS.budgetThreshold,
    series: budget([5, 800, ...Array.from({ length: 20 }, () => 5)]),
    quiet: '0m',
    fires: { at: '1m', firing: [threshold('info', '0.5', '800.00', '80 %'), threshold('warning', '0.8', '800.00', '80 %')] },
    resolved: '13m',
  },
  {
    title: 'a critical threshold when the whole amount is used',
    alert: ALERTS.budgetThreshold,
    series: budget([5, 1_234, ...Array.from({ length: 20 }, () => 5)]),
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        threshold('info', '0.5', '1,234.00', '123.4 %'),
        threshold('warning', '0.8', '1,234.00', '123.4 %'),
        threshold('critical', '1', '1,234.00', '123.4 %'),
      ],
    },
    resolved: '13m',
  },
  {
    title: 'a forecast beyond the amount',
    alert: ALERTS.budgetForecast,
    series: budget([0, 300, ...Array.from({ length: 20 }, () => 0)], { forecast: 1_100 }),
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        {
          labels: { ...BUDGET, on: 'forecast', severity: 'warning', at: '1' },
          annotations: {
            summary: 'Budget platform is forecast to reach 110 % of its amount.',
            ...figures('300.00', '30 %', 'Forecast: $1,100.00 (median), $1,320.00 (90th percentile), runs out on Thu 1 Jan 1970.'),
            ...links(ALERTS.budgetForecast, 'platform'),
          },
        },
      ],
    },
    resolved: '13m',
  },
  {
    title: 'a hard limit that stops nothing',
    alert: ALERTS.budgetStopped,
    series: Object.fromEntries(
      Object.entries(budget([999, 1_000, ...Array.from({ length: 20 }, () => 5)], { stopped: true })).map(([name, values]) => [
        name.replace('team=platform', 'model=opus'),
        values,
      ]),
    ),
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        {
          labels: { ...BUDGET, scope: 'model=opus', severity: 'critical' },
          annotations: {
            summary: 'Budget platform has reached its hard limit.',
            ...STOPPED,
            description: `${STOPPED.description.replace('team platform', 'model opus')} No work is refused: the guard goes by organization, team, user, workspace, repository and job.`,
            ...links(ALERTS.budgetStopped, 'platform'),
          },
        },
      ],
    },
    resolved: '13m',
  },
  {
    title: 'a hard limit that is reached',
    alert: ALERTS.budgetStopped,
    series: budget([999, 1_000, ...Array.from({ length: 20 }, () => 5)], { stopped: true }),
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        {
          labels: { ...BUDGET, severity: 'critical' },
          annotations: {
            summary: 'Budget platform has reached its hard limit.',
            ...STOPPED,
            description: `${STOPPED.description} Where the guard runs, work in this scope is refused.`,
            ...links(ALERTS.budgetStopped, 'platform'),
          },
        },
      ],
    },
    resolved: '13m',
  },
  {
    title: 'a session that costs too much',
    alert: ALERTS.sessionCost,
    series: { [ofBudget(SERIES.budgetSession, { session: 'abc', user: 'ada@example.com' })]: '_ 50.5 stale', [SERIES.asOf]: AS_OF },
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        {
          labels: { ...BUDGET, session: 'abc', user: 'ada@example.com', severity: 'warning' },
          annotations: {
            summary: 'A session of ada@example.com has cost $50.50.',
            description: `Session abc of ada@example.com has reached the session warning of budget platform (team platform).`,
            ...AGE,
            ...links(ALERTS.sessionCost, 'platform'),
          },
        },
      ],
    },
    resolved: '2m',
  },
];

interface AnomalyCase {
  readonly alert: AlertName;
  readonly kind: string;
  readonly scope: string;
  readonly severity: string;
  readonly team?: string;
  readonly summary: string;
  readonly meaning: string;
}

function anomalyCase({ alert, kind, scope, severity, team, summary, meaning }: AnomalyCase): AlertCase {
  const labels = { kind, scope, severity, ...(team !== undefined && { team }) };
  const figure = (name: string): string => SERIES.anomalyFigure + labelText({ kind, scope, figure: name });
  return {
    title: `an anomaly of the kind ${kind}`,
    alert,
    series: { [SERIES.anomaly + labelText(labels)]: '_ 1 1 stale', [figure('times')]: '3.5x5', [figure('spent_usd')]: '120x5', [SERIES.asOf]: AS_OF },
    quiet: '0m',
    fires: {
      at: '2m',
      firing: [{ labels, annotations: { summary, description: `${meaning} Figures: spent usd 120, times 3.5.`, ...AGE, ...links(alert, team) } }],
    },
    resolved: '3m',
  };
}

const anomalyCases: readonly AlertCase[] = [
  anomalyCase({
    alert: ALERTS.anomalySpend,
    kind: 'spend',
    scope: 'team=platform',
    severity: 'warning',
    team: 'platform',
    summary: 'Unusual spend: team platform.',
    meaning: 'Spend is far above what this scope usually spends on the same weekday and hour.',
  }),
  anomalyCase({
    alert: ALERTS.anomalySession,
    kind: 'runaway_session',
    scope: 'session=abc',
    severity: 'critical',
    team: 'platform',
    summary: 'Runaway session: session abc.',
    meaning: 'One session costs far more than usual and is still active.',
  }),
  anomalyCase({
    alert: ALERTS.anomalyModel,
    kind: 'new_model',
    scope: 'model=claude-opus-9',
    severity: 'info',
    summary: 'New model: model claude-opus-9.',
    meaning: 'A model is in use for the first time. Its price may differ from what the budget assumed.',
  }),
  anomalyCase({
    alert: ALERTS.anomalyCache,
    kind: 'cache_collapse',
    scope: 'team=platform',
    severity: 'warning',
    team: 'platform',
    summary: 'Cache hit ratio collapsed: team platform.',
    meaning: 'Far fewer input tokens than usual are read from the prompt cache, so the same work costs more.',
  }),
  anomalyCase({
    alert: ALERTS.anomalyTelemetry,
    kind: 'telemetry_stopped',
    scope: 'user=ada@example.com',
    severity: 'warning',
    summary: 'Telemetry stopped: user ada@example.com.',
    meaning: 'No telemetry from this scope at a time when it is usually active. Its current spend is unknown.',
  }),
];

const stopped = (age: string): Firing => ({
  labels: { severity: 'warning' },
  annotations: {
    summary: `No telemetry has arrived for ${age}.`,
    description: `The collector responds, but the ledger has booked nothing for ${age}. Spend since then is unknown, and budgets cannot warn.`,
    ...links(ALERTS.telemetryStopped),
  },
});

const share = (alert: AlertName, summary: string, description: string): Firing => ({
  labels: { severity: 'warning' },
  annotations: { summary, description, ...AGE, ...links(alert) },
});

/** Of teams, in USD since midnight. */
const spentToday = (team: string, values: string): Record<string, string> => ({
  [`ledgerline_team_cost_period_usd${labelText({ team, period: 'day' })}`]: values,
});

const trustCases: readonly AlertCase[] = [
  {
    title: 'tokens without a list price',
    alert: ALERTS.unpriced,
    interval: '10m',
    // A day of priced tokens, then a fifth of them without a price for two hours, then none for more than a day.
    series: {
      'ledgerline_model_tokens{model="claude-opus-5-5",token_class="input"}': '0+1000x500',
      'ledgerline_model_unpriced_tokens{model="other"}': `_x143 0+1000x12 12000x400`,
      [SERIES.asOf]: '-30+600x500',
    },
    quiet: '24h',
    fires: {
      at: '26h',
      firing: [
        share(
          ALERTS.unpriced,
          '8.3 % of the tokens have no list price.',
          'In the last day, 8.3 % of the tokens were from models without a list price. Their booked cost is what the client reported; comparisons with list cost leave them out.',
        ),
      ],
    },
    resolved: '60h',
  },
  {
    title: 'spend without a team',
    alert: ALERTS.unallocated,
    interval: '10m',
    series: { ...spentToday('platform', '75x100'), ...spentToday('unallocated', '5x2 25x10 5x100'), [SERIES.asOf]: '-30+600x500' },
    quiet: '50m',
    fires: {
      at: '70m',
      firing: [
        share(
          ALERTS.unallocated,
          "25 % of today's spend belongs to no team.",
          "25 % of today's spend belongs to no team, so no team budget counts it.",
        ),
      ],
    },
    resolved: '160m',
  },
  {
    title: 'cost that is held back',
    alert: ALERTS.unreconciled,
    interval: '10m',
    series: { [SERIES.unreconciledCost]: '0x5 12x200', [SERIES.asOf]: '-30+600x500' },
    quiet: '70m',
    fires: {
      at: '90m',
      firing: [
        share(
          ALERTS.unreconciled,
          'Cost is held back.',
          'In all, $12.00 was reported without a session that it could be matched with, and some of it in the last day. It is not in the booked cost, since other sessions may report it too.',
        ),
      ],
    },
    resolved: '26h',
  },
  {
    title: 'cost that is set aside',
    alert: ALERTS.setAside,
    interval: '10m',
    series: { [SERIES.setAsideCost]: '0x5 12x200', [SERIES.asOf]: '-30+600x500' },
    quiet: '70m',
    fires: {
      at: '90m',
      firing: [
        share(
          ALERTS.setAside,
          'Cost is set aside.',
          'In all, $12.00 is dated outside ingest_window, and some of it arrived in the last day. It is not in the booked cost.',
        ),
      ],
    },
    resolved: '26h',
  },
  {
    title: 'no telemetry for three days',
    alert: ALERTS.telemetryStopped,
    interval: '1h',
    series: { [SERIES.asOf]: `${Array.from({ length: 100 }, (_, hour) => (hour < 90 ? 3_600 : hour * 3_600)).join(' ')}` },
    quiet: '72h',
    fires: { at: '75h', firing: [stopped('3d 2h')] },
    resolved: '91h',
  },
  {
    title: 'records that came again with other content',
    alert: ALERTS.ledgerConflicts,
    series: { [`${SELF_SERIES.ledgerConflicts}_total`]: '0x5 1x100', [SERIES.asOf]: AS_OF },
    quiet: '4m',
    fires: {
      at: '65m',
      firing: [
        share(
          ALERTS.ledgerConflicts,
          'Conflicting records were received.',
          'In the last hour, records arrived that had the identity of an earlier record but different amounts: about 1. They are not in the totals.',
        ),
      ],
    },
    resolved: '80m',
  },
  {
    title: 'records that are too old',
    alert: ALERTS.recordsExpired,
    series: { [`${SELF_SERIES.ledgerExpired}_total`]: '0x5 1x100', [SERIES.asOf]: AS_OF },
    quiet: '4m',
    fires: {
      at: '65m',
      firing: [
        share(
          ALERTS.recordsExpired,
          'Records too old to be booked were received.',
          "In the last hour, records arrived that were older than retention.entries_days: about 1. They are not in the totals. A client's clock may be wrong.",
        ),
      ],
    },
    resolved: '80m',
  },
  {
    title: 'a collector that cannot be read',
    alert: ALERTS.collectorDown,
    series: { [`${SERIES.buildInfo}{version="1"}`]: `1 1 stale ${'_ '.repeat(10)} 1 1` },
    quiet: '6m',
    fires: {
      at: '7m',
      firing: [
        {
          labels: { severity: 'critical' },
          annotations: {
            summary: 'Prometheus cannot scrape the Ledgerline collector.',
            description:
              'No scrape of /metrics has succeeded for at least 5 minutes. While the collector is down, Claude Code drops telemetry that it cannot deliver.',
            ...links(ALERTS.collectorDown),
          },
        },
      ],
    },
    resolved: '13m',
  },
];

const ofLimit = (values: string, limit = 'tokens_per_minute') => ({ [SERIES.rateLimitUsedRatio + labelText({ limit })]: values });
const limited = (alert: AlertName, severity: string, summary: string, description: string): Firing => ({
  labels: { limit: 'tokens_per_minute', severity },
  annotations: { summary, description, ...AGE, ...links(alert) },
});

const rateCases: readonly AlertCase[] = [
  {
    title: 'use near a rate limit',
    alert: ALERTS.rateLimitNear,
    series: { ...ofLimit('0.79 0.8 0.999 1 0.5 0.5'), ...ofLimit('0x10', 'requests_per_minute'), [SERIES.asOf]: AS_OF },
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        limited(
          ALERTS.rateLimitNear,
          'warning',
          'The limit of tokens per minute: 80 % used.',
          'The busiest of the last 15 minutes used 80 % of the limit of tokens per minute.',
        ),
      ],
    },
    resolved: '3m',
  },
  {
    title: 'use beyond a rate limit',
    alert: ALERTS.rateLimitReached,
    series: { ...ofLimit('0.999 1.25 1.25 0.9 0.9'), [SERIES.asOf]: AS_OF },
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        limited(
          ALERTS.rateLimitReached,
          'critical',
          'The limit of tokens per minute is reached: 125 %.',
          'The busiest of the last 15 minutes used 125 % of the limit of tokens per minute. Beyond its limit the provider refuses requests.',
        ),
      ],
    },
    resolved: '3m',
  },
  {
    title: 'requests that a rate limit refused',
    alert: ALERTS.rateLimited,
    series: { [SERIES.rateLimitedRequests]: '0 37 37 0 0', ...ofLimit('0x10'), [SERIES.asOf]: AS_OF },
    quiet: '0m',
    fires: {
      at: '1m',
      firing: [
        share(
          ALERTS.rateLimited,
          'Requests were refused with 429.',
          'In the last hour the provider refused requests because of a rate limit (status 429), after all retries of the client: 37.',
        ),
      ],
    },
    resolved: '3m',
  },
];

export const ALERT_CASES: readonly AlertCase[] = [...budgetCases, ...anomalyCases, ...trustCases, ...rateCases];
