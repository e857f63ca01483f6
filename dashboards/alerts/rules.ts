/**
 * Prometheus alerting rules over the collector's gauges. They name no budget: whatever ledgerline.yaml holds is watched,
 * and each budget's own thresholds are series. Why gauges and not spend added up in PromQL: see grafana/promql.ts.
 */

import { BUSIEST_OF_MINUTES, NEAR } from '../../collector/alerts/rate-limits.ts';
import { GUARDED_TEXT, unguarded } from '../../collector/budgets/hard-limit.ts';
import type { LinkBases } from '../../collector/catalog/alert-links.ts';
import { ALERTS, type AlertName, ANOMALY_ALERTS } from '../../collector/catalog/alert-names.ts';
import { DIMENSION_NAMES } from '../../collector/catalog/measures.ts';
import { LABELS, PRODUCT, SELF_SERIES, SERIES } from '../../collector/catalog/names.ts';
import { exposedSeries, periodSeries } from '../../collector/catalog/series-families.ts';
import type { AlertsConfig } from '../../collector/config/alerts.ts';
import { SCOPE } from './figures.ts';
import { PROMETHEUS_WORDS } from './prometheus-words.ts';
import { type AlertRule, linkAnnotations, type RuleFile, type RuleWords } from './rule.ts';

export type RuleOptions = Pick<
  AlertsConfig,
  'interval_seconds' | 'keep_firing_minutes' | 'unpriced_share' | 'unallocated_share' | 'silence_hours' | 'silence_days'
>;

/** `words` are those of Prometheus unless another evaluates the rules. */
export function alertRules(alerts: RuleOptions, links: LinkBases, words: RuleWords = PROMETHEUS_WORDS): RuleFile {
  const options = { ...alerts, links, words };
  const interval = `${options.interval_seconds}s`;
  const group = (name: string, rules: readonly AlertRule[]) => ({ name: `${PRODUCT}-${name}`, interval, rules });
  return {
    groups: [
      group('budgets', [budgetThreshold(options), budgetForecast(options), budgetStopped(options), sessionCost(options)]),
      group(
        'anomalies',
        (Object.keys(ANOMALY_ALERTS) as AnomalyKind[]).map((kind) => anomaly(options, kind)),
      ),
      group('trust', [
        unpriced(options),
        unallocated(options),
        unreconciled(options),
        setAside(options),
        telemetryStopped(options),
        ledgerConflicts(options),
        recordsExpired(options),
      ]),
      group('rate-limits', [rateLimitNear(options), rateLimitReached(options), rateLimited(options)]),
      group('collector', [collectorDown(options)]),
    ],
  };
}

interface Options extends RuleOptions {
  readonly links: LinkBases;
  readonly words: RuleWords;
}

type AnomalyKind = keyof typeof ANOMALY_ALERTS;
interface Parts extends Omit<AlertRule, 'alert' | 'labels' | 'annotations'> {
  readonly severity?: string;
  readonly hasTeam?: boolean;
  /** false: it is what the alert is about, or nobody knows. */
  readonly age?: boolean;
}
interface Words extends Partial<RuleWords['budgetLines']> {
  readonly summary: string;
  readonly description: string;
}

function rule(options: Options, alert: AlertName, parts: Parts, words: Words): AlertRule {
  const { severity, hasTeam = false, age = true, ...timing } = parts;
  return {
    alert,
    ...timing,
    // A rule without a severity of its own takes it from the series.
    labels: severity === undefined ? {} : { severity },
    annotations: { ...words, ...(age && { data_age: options.words.age }), ...linkAnnotations(alert, options.links, hasTeam) },
  };
}

/** A gap in scraping must not look like money that came back, so a budget alert outlives one. */
const outlivingGaps = ({ keep_firing_minutes: minutes }: RuleOptions): Pick<AlertRule, 'keep_firing_for'> =>
  minutes === 0 ? {} : { keep_firing_for: `${minutes}m` };

/** Threshold and ratio of one budget differ only in these labels; the alert takes the threshold's. */
const EACH_THRESHOLD = `ignoring (${LABELS.on}, ${LABELS.severity}, ${LABELS.at}) group_right ()`;

function budgetThreshold(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.budgetThreshold,
    {
      expr: `${SERIES.budgetUsedRatio} >= ${EACH_THRESHOLD} ${SERIES.budgetThreshold}{${LABELS.on}="actual"}`,
      hasTeam: true,
      ...outlivingGaps(options),
    },
    {
      summary: `Budget {{ $labels.${LABELS.budget} }}: ${options.words.percent} used.`,
      description: options.words.budget,
      ...options.words.budgetLines,
    },
  );
}

function budgetForecast(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.budgetForecast,
    {
      expr: `${SERIES.budgetForecastRatio} >= ${EACH_THRESHOLD} ${SERIES.budgetThreshold}{${LABELS.on}="forecast"}`,
      hasTeam: true,
      ...outlivingGaps(options),
    },
    {
      summary: `Budget {{ $labels.${LABELS.budget} }} is forecast to reach ${options.words.percent} of its amount.`,
      description: options.words.budget,
      ...options.words.budgetLines,
    },
  );
}

/** The guard decides about whole sessions: of a model or a tool it refuses nothing. */
const REFUSED = `{{ if match "(^|, )(${unguarded(DIMENSION_NAMES).join('|')})=" $labels.${LABELS.scope} }}No work is refused: the guard goes by ${GUARDED_TEXT}.{{ else }}Where the guard runs, work in this scope is refused.{{ end }}`;

function budgetStopped(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.budgetStopped,
    { severity: 'critical', expr: `${SERIES.budgetStopped} == 1`, hasTeam: true, ...outlivingGaps(options) },
    {
      summary: `Budget {{ $labels.${LABELS.budget} }} has reached its hard limit.`,
      description: `${options.words.budget} ${REFUSED}`,
      ...options.words.budgetLines,
    },
  );
}

function sessionCost(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.sessionCost,
    { severity: 'warning', expr: `${SERIES.budgetSession} > 0`, hasTeam: true },
    {
      summary: `A session of {{ $labels.user }} has cost ${options.words.usd}.`,
      description: `Session {{ $labels.${LABELS.session} }} of {{ $labels.user }} has reached the session warning of budget {{ $labels.${LABELS.budget} }} (${SCOPE}).`,
    },
  );
}

/** What each kind means; the board has the figures behind it. */
const ANOMALY_WORDS: Readonly<Record<AnomalyKind, { readonly summary: string; readonly description: string }>> = {
  spend: {
    summary: `Unusual spend: ${SCOPE}.`,
    description: 'Spend is far above what this scope usually spends on the same weekday and hour.',
  },
  runaway_session: {
    summary: `Runaway session: ${SCOPE}.`,
    description: 'One session costs far more than usual and is still active.',
  },
  new_model: {
    summary: `New model: ${SCOPE}.`,
    description: 'A model is in use for the first time. Its price may differ from what the budget assumed.',
  },
  cache_collapse: {
    summary: `Cache hit ratio collapsed: ${SCOPE}.`,
    description: 'Far fewer input tokens than usual are read from the prompt cache, so the same work costs more.',
  },
  telemetry_stopped: {
    summary: `Telemetry stopped: ${SCOPE}.`,
    description: 'No telemetry from this scope at a time when it is usually active. Its current spend is unknown.',
  },
};

function anomaly(options: Options, kind: AnomalyKind): AlertRule {
  const { summary, description } = ANOMALY_WORDS[kind];
  return rule(
    options,
    ANOMALY_ALERTS[kind],
    { expr: `${SERIES.anomaly}{${LABELS.kind}="${kind}"} == 1`, hasTeam: true },
    { summary, description: `${description}${options.words.anomaly}` },
  );
}

const UNPRICED = exposedSeries('model', 'unpriced_tokens').name;
const TOKENS = exposedSeries('model', 'input_tokens').name;
const SPENT_TODAY = `${periodSeries('team')}{${LABELS.period}="day"`;

/** A series appears with its first unpriced token: before it there were none. */
function unpriced(options: Options): AlertRule {
  const lastDay = (series: string): string =>
    `(sum(${series}) - (sum(${series} offset 1d) or sum(${series}) * 0 and on () sum(${TOKENS} offset 1d)))`;
  return rule(
    options,
    ALERTS.unpriced,
    { severity: 'warning', expr: `${lastDay(UNPRICED)} / ${lastDay(TOKENS)} > ${options.unpriced_share}`, for: '30m' },
    {
      summary: `${options.words.percent} of the tokens have no list price.`,
      description: `In the last day, ${options.words.percent} of the tokens were from models without a list price. Their booked cost is what the client reported; comparisons with list cost leave them out.`,
    },
  );
}

function unallocated(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.unallocated,
    {
      severity: 'warning',
      expr: `sum(${SPENT_TODAY},${LABELS.team}="unallocated"}) / sum(${SPENT_TODAY}}) > ${options.unallocated_share}`,
      for: '30m',
    },
    {
      summary: `${options.words.percent} of today's spend belongs to no team.`,
      description: `${options.words.percent} of today's spend belongs to no team, so no team budget counts it.`,
    },
  );
}

/** A gauge that only grows, but for what is joined later: the alert ends a day after the last that was held back. */
function unreconciled(options: Options): AlertRule {
  const now = `max(${SERIES.unreconciledCost})`;
  return rule(
    options,
    ALERTS.unreconciled,
    { severity: 'warning', expr: `${now} > 0 unless ${now} <= max(${SERIES.unreconciledCost} offset 1d)`, for: '30m' },
    {
      summary: 'Cost is held back.',
      description: `In all, ${options.words.usd} was reported without a session that it could be matched with, and some of it in the last day. It is not in the booked cost, since other sessions may report it too.`,
    },
  );
}

/** The same of what is dated outside the window. */
function setAside(options: Options): AlertRule {
  const now = `max(${SERIES.setAsideCost})`;
  return rule(
    options,
    ALERTS.setAside,
    { severity: 'warning', expr: `${now} > 0 unless ${now} <= max(${SERIES.setAsideCost} offset 1d)`, for: '30m' },
    {
      summary: 'Cost is set aside.',
      description: `In all, ${options.words.usd} is dated outside ingest_window, and some of it arrived in the last day. It is not in the booked cost.`,
    },
  );
}

const DAY_SECONDS = 86_400;

/**
 * Nights and weekends are quiet: silent hours count where in the same hours a week ago never an hour passed without a record. Where they once did,
 * it is silent until something arrives, also when people have gone home meanwhile: the newest record is the one that it was then.
 */
function telemetryStopped(options: Options): AlertRule {
  const { silence_hours: hours, silence_days: days } = options;
  const newest = `max(${SERIES.asOf})`;
  const age = `time() - ${newest}`;
  const busyLastWeek = `min_over_time(max(changes(${SERIES.asOf}[1h] offset 1w))[${(hours - 1) * 60 + 5}m:5m]) > 0`;
  const silent = `${newest} and (${age}) > ${hours * 3_600} and ${busyLastWeek}`;
  const since = `max_over_time((${silent})[${days}d:5m]) == ${newest}`;
  return rule(
    options,
    ALERTS.telemetryStopped,
    { severity: 'warning', expr: `((${age}) and (${since})) or (${age}) > ${days * DAY_SECONDS}`, for: '5m', age: false },
    {
      summary: `No telemetry has arrived for ${options.words.duration}.`,
      description: `The collector responds, but the ledger has booked nothing for ${options.words.duration}. Spend since then is unknown, and budgets cannot warn.`,
    },
  );
}

function ledgerConflicts(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.ledgerConflicts,
    { severity: 'warning', expr: `sum(increase(${SELF_SERIES.ledgerConflicts}_total[1h])) > 0` },
    {
      summary: 'Conflicting records were received.',
      description: `In the last hour, records arrived that had the identity of an earlier record but different amounts: about ${options.words.count}. They are not in the totals.`,
    },
  );
}

function recordsExpired(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.recordsExpired,
    { severity: 'warning', expr: `sum(increase(${SELF_SERIES.ledgerExpired}_total[1h])) > 0` },
    {
      summary: 'Records too old to be booked were received.',
      description: `In the last hour, records arrived that were older than retention.entries_days: about ${options.words.count}. They are not in the totals. A client's clock may be wrong.`,
    },
  );
}

const LIMIT = `{{ $labels.${LABELS.limit} | reReplaceAll "_" " " }}`;
const busiest = ({ words }: Options): string =>
  `The busiest of the last ${BUSIEST_OF_MINUTES} minutes used ${words.percent} of the limit of ${LIMIT}.`;

function rateLimitNear(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.rateLimitNear,
    { severity: 'warning', expr: `${SERIES.rateLimitUsedRatio} >= ${NEAR} < 1` },
    { summary: `The limit of ${LIMIT}: ${options.words.percent} used.`, description: busiest(options) },
  );
}

function rateLimitReached(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.rateLimitReached,
    { severity: 'critical', expr: `${SERIES.rateLimitUsedRatio} >= 1` },
    {
      summary: `The limit of ${LIMIT} is reached: ${options.words.percent}.`,
      description: `${busiest(options)} Beyond its limit the provider refuses requests.`,
    },
  );
}

/** Where no limit is configured, nobody asked to hear of it. */
function rateLimited(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.rateLimited,
    { severity: 'warning', expr: `${SERIES.rateLimitedRequests} > 0 and on () ${SERIES.rateLimitUsedRatio}` },
    {
      summary: 'Requests were refused with 429.',
      description: `In the last hour the provider refused requests because of a rate limit (status 429), after all retries of the client: ${options.words.count}.`,
    },
  );
}

function collectorDown(options: Options): AlertRule {
  return rule(
    options,
    ALERTS.collectorDown,
    { severity: 'critical', expr: `absent(${SERIES.buildInfo})`, for: '5m', age: false },
    {
      summary: 'Prometheus cannot scrape the Ledgerline collector.',
      description:
        'No scrape of /metrics has succeeded for at least 5 minutes. While the collector is down, Claude Code drops telemetry that it cannot deliver.',
    },
  );
}
