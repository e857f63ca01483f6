/**
 * The same alerts for those who let Grafana evaluate them: rules, contact points, notification policies and mute timings in the shape of
 * Grafana's page "Use configuration files to provision alerting resources", versions 11 to 13. Secrets are read from files by Grafana.
 */
import { createHash } from 'node:crypto';
import { clockIntervals } from '../../collector/alerts/routing.ts';
import type { LinkBases } from '../../collector/catalog/alert-links.ts';
import { LABELS, SERIES } from '../../collector/catalog/names.ts';
import type { AlertsConfig, ChannelConfig, RouteConfig } from '../../collector/config/alerts.ts';
import { infoRepeat } from './alertmanager.ts';
import { duration, grouped, percent, SCOPE } from './figures.ts';
import { COLOR, membersInterval, OF_MEMBERS, SLACK_TEXT, SLACK_TITLE, TEAMS_TEXT, TEAMS_TITLE, TEXT, TITLE } from './notification.ts';
import { type AlertRule, RANKS, type RuleWords } from './rule.ts';
import { alertRules } from './rules.ts';

const FOLDER = 'Ledgerline';
const DATASOURCE = 'ledgerline-prometheus';
const QUIET = 'ledgerline-quiet-hours';
const EVERYBODY = 'ledgerline';

export interface GrafanaContext {
  /** Zone of the ledger: quiet hours without a zone of their own are in it. */
  readonly timeZone: string;
  readonly links: LinkBases;
}

/** File name -> content, for Grafana's folder provisioning/alerting. */
export function grafanaAlerting(alerts: AlertsConfig, { timeZone, links }: GrafanaContext): Map<string, object> {
  const quiet = alerts.quiet_hours.flatMap((hours) => clockIntervals(hours, timeZone));
  const files = new Map<string, object>([['rules.yaml', { apiVersion: 1, groups: ruleGroups(alerts, links) }]]);
  if (quiet.length > 0) {
    const intervals = quiet.map(({ days, from, to, timeZone: location }) => ({
      times: [{ start_time: from, end_time: to }],
      weekdays: days,
      location,
    }));
    files.set('mute-timings.yaml', { apiVersion: 1, muteTimes: [{ orgId: 1, name: QUIET, time_intervals: intervals }] });
  }
  // Without a channel Grafana's own default policy stays, whatever it is.
  if (alerts.channels.length === 0) return files;
  files.set('contact-points.yaml', { apiVersion: 1, contactPoints: contactPoints(alerts) });
  files.set('policies.yaml', { apiVersion: 1, policies: [policy(alerts, quiet.length > 0)] });
  return files;
}

/** Grafana's annotations cannot ask for other series; each figure is a further query of the rule, with the labels of the alert itself. */
const value = (name: string): string => `$values.${name}.Value`;
/** A change of -100 % is known; what is not known is below it. */
const isKnown = (name: string, text: string, otherwise: string): string =>
  `{{ if ge ${value(name)} ${name.startsWith('CHANGE') ? '-100.0' : '0.0'} }}${text}{{ else }}${otherwise}{{ end }}`;
const usd = (name: string): string => `{{ ${grouped(`${value(name)} | printf "$%.2f"`)} }}`;
const tokens = (name: string): string => `{{ ${grouped(`${value(name)} | printf "%.0f"`)} }} tokens`;
const amount = (name: string): string => `{{ if eq ${value('TOKENS')} 1.0 }}${tokens(name)}{{ else }}${usd(name)}{{ end }}`;
const labelOf = (name: string, label: string): string => `{{ $values.${name}.Labels.${label} }}`;

const AGE = `The newest record is {{ ${duration(value('AGE'))} }} old.`;

/** "ada@example.com: $412.50, +120 %"; the change where it is known. */
const contributor = (rank: string): string => {
  const change = `{{ if gt ${value(`CHANGE${rank}`)} 1e9 }}, new{{ else }}${isKnown(`CHANGE${rank}`, `, {{ ${value(`CHANGE${rank}`)} | printf "%+.0f" }} %`, '')}{{ end }}`;
  return isKnown(`TOP${rank}`, `${labelOf(`TOP${rank}`, LABELS.value)}: ${amount(`TOP${rank}`)}${change}`, '');
};

const GRAFANA_WORDS: RuleWords = {
  percent: percent(value('A')),
  usd: usd('A'),
  duration: `{{ ${duration(value('A'))} }}`,
  count: `{{ ${value('A')} | humanize }}`,
  budget: `Spent: ${amount('SPENT')} of ${amount('LIMIT')} (${percent(value('USED'))}). Scope: ${SCOPE}. Period: {{ $labels.${LABELS.period} }}${isKnown('END', `, ends ${labelOf('END', LABELS.time)}`, '')}.`,
  budgetLines: {
    forecast: isKnown('FORECAST', `Forecast: ${amount('FORECAST')} (median), ${amount('HIGH')} (90th percentile).`, 'There is no forecast yet.'),
    ...{ contributor_1: contributor('1'), contributor_2: contributor('2'), contributor_3: contributor('3') },
  },
  anomaly: '',
  age: AGE,
};

const ofBudget = (expr: string): string => `max by (${LABELS.budget}, ${LABELS.scope}) (${expr})`;
const either = (inUsd: string, inTokens: string, more = ''): string => `${ofBudget(inUsd + more)} or ${ofBudget(inTokens + more)}`;
/** -1 stands for what is not known; a change is never below -100 %. */
const orNone = (expr: string, none = '-1'): string =>
  `${expr} or on (${LABELS.budget}, ${LABELS.scope}) ${ofBudget(SERIES.budgetUsedRatio)} * 0 + ${none}`;

interface Figure {
  readonly expr: string;
  /** Label of the figure's own that the text names. */
  readonly brings?: string;
}

/** Figures of the alert's budget, by the name of their query. */
const BUDGET_QUERIES: Readonly<Record<string, Figure>> = {
  SPENT: { expr: either(SERIES.budgetSpent, SERIES.budgetSpentTokens) },
  LIMIT: { expr: either(SERIES.budgetLimit, SERIES.budgetLimitTokens) },
  USED: { expr: ofBudget(SERIES.budgetUsedRatio) },
  TOKENS: { expr: `${ofBudget(SERIES.budgetLimitTokens)} * 0 + 1 or ${ofBudget(SERIES.budgetLimit)} * 0` },
  END: {
    expr: orNone(`max by (${LABELS.budget}, ${LABELS.scope}, ${LABELS.time}) (${SERIES.budgetAlertTime}{${LABELS.kind}="period_end"})`),
    brings: LABELS.time,
  },
  FORECAST: { expr: orNone(either(SERIES.budgetForecast, SERIES.budgetForecastTokens, `{${LABELS.quantile}="0.5"}`)) },
  HIGH: { expr: orNone(either(SERIES.budgetForecast, SERIES.budgetForecastTokens, `{${LABELS.quantile}="0.9"}`)) },
  ...Object.fromEntries(RANKS.flatMap((rank) => [topQuery(rank), changeQuery(rank)])),
};
const AGE_QUERY = `time() - max(${SERIES.asOf})`;

function topQuery(rank: string): [string, Figure] {
  const ranked = `{${LABELS.rank}="${rank}"}`;
  const named = `${SERIES.budgetContributor}${ranked} or ${SERIES.budgetContributorTokens}${ranked}`;
  return [`TOP${rank}`, { expr: orNone(`max by (${LABELS.budget}, ${LABELS.scope}, ${LABELS.value}) (${named})`), brings: LABELS.value }];
}

function changeQuery(rank: string): [string, Figure] {
  return [`CHANGE${rank}`, { expr: orNone(`100 * ${ofBudget(`${SERIES.budgetContributorChange}{${LABELS.rank}="${rank}"}`)}`, '-200') }];
}

function ruleGroups(alerts: AlertsConfig, links: LinkBases): object[] {
  return alertRules(alerts, links, GRAFANA_WORDS).groups.map(({ name, interval, rules }) => ({
    orgId: 1,
    name,
    folder: FOLDER,
    interval,
    rules: rules.map((rule) => grafanaRule(rule, alerts)),
  }));
}

function grafanaRule(rule: AlertRule, alerts: AlertsConfig): object {
  const text = Object.values(rule.annotations).join(' ');
  const figures = Object.entries(BUDGET_QUERIES).filter(([name]) => text.includes(`$values.${name}.`));
  return {
    uid: rule.alert.replace(/[A-Z]/g, (letter, at) => (at === 0 ? '' : '-') + letter.toLowerCase()),
    title: rule.alert,
    condition: 'FIRES',
    data: [
      query('A', rule.expr),
      ...figures.map(([name, { expr, brings = '' }]) => query(name, withLabelsOf(rule.expr, `on (${LABELS.budget}, ${LABELS.scope})`, expr, brings))),
      ...(text.includes('$values.AGE.') ? [query('AGE', withLabelsOf(rule.expr, 'on ()', AGE_QUERY))] : []),
      fires('FIRES', 'A'),
    ],
    // The expressions give a row only for what is wrong.
    noDataState: 'OK',
    execErrState: 'Error',
    for: rule.for ?? '0s',
    ...(rule.keep_firing_for !== undefined && { missing_series_evals_to_resolve: evaluations(alerts) }),
    annotations: Object.fromEntries(Object.entries(rule.annotations).map(([key, template]) => [key, escaped(template)])),
    labels: rule.labels,
  };
}

/** Grafana expands variables of its environment in these files; a dollar sign that is meant is written twice. */
const escaped = (template: string): string => template.split('$').join('$$');

/** Grafana counts evaluations without the row, Prometheus minutes. Grafana before 12.2 does not know the key and takes two. */
const evaluations = ({ keep_firing_minutes, interval_seconds }: AlertsConfig): number => Math.ceil((keep_firing_minutes * 60) / interval_seconds) + 1;

/** The figure under exactly the labels of the alert, since Grafana joins values by them. Every alert's own value is above zero. */
const withLabelsOf = (alert: string, matching: string, figure: string, brings = ''): string =>
  `sgn(${alert}) * ${matching} group_left (${brings}) (${figure})`;

const query = (refId: string, expr: string): object => ({
  refId,
  relativeTimeRange: { from: 600, to: 0 },
  datasourceUid: DATASOURCE,
  model: { refId, expr: refId === 'A' ? `(${expr}) + 0` : expr, instant: true, range: false, intervalMs: 1000, maxDataPoints: 43200 },
});

const fires = (refId: string, expression: string): object => ({
  refId,
  relativeTimeRange: { from: 0, to: 0 },
  datasourceUid: '__expr__',
  model: {
    ...{ refId, type: 'threshold', expression, datasource: { type: '__expr__', uid: '__expr__' } },
    conditions: [{ type: 'query', evaluator: { type: 'gt', params: [0] } }],
  },
});

function contactPoints(alerts: AlertsConfig): object[] {
  const byName = new Map(alerts.channels.map((channel) => [channel.name, channel]));
  const point = (name: string, channels: readonly ChannelConfig[]): object => ({
    orgId: 1,
    name,
    receivers: channels.map((channel) => ({ uid: uidOf(name, channel.name), ...receiver(channel) })),
  });
  const routes = new Map(alerts.routes.map((route) => [pointName(route), route.channels.flatMap((name) => byName.get(name) ?? [])]));
  return [point(EVERYBODY, alerts.channels), ...[...routes].map(([name, channels]) => point(name, channels))];
}

const pointName = ({ channels }: Pick<RouteConfig, 'channels'>): string => `ledgerline ${channels.join('+')}`;

/** Unique over all contact points, and at most 40 characters as Grafana wants. */
const uidOf = (point: string, channel: string): string =>
  `ledgerline-${createHash('sha256').update(`${point}/${channel}`).digest('hex').slice(0, 20)}`;

/** Grafana expands this in provisioning files, so that the secret stays in its file. */
const fromFile = (file: string | undefined): string => `$__file{${file}}`;

/** What is said in contact points, too, Grafana expands variables in. */
const WORDS = {
  title: escaped(TITLE),
  text: escaped(TEXT),
  color: escaped(COLOR),
  slack: escaped(SLACK_TEXT),
  slackTitle: escaped(SLACK_TITLE),
  teams: escaped(TEAMS_TEXT),
  teamsTitle: escaped(TEAMS_TITLE),
};

function receiver(channel: ChannelConfig): { readonly type: string; readonly settings: object } {
  switch (channel.type) {
    case 'slack':
      return { type: 'slack', settings: { url: fromFile(channel.url_file), title: WORDS.slackTitle, text: WORDS.slack, color: WORDS.color } };
    case 'teams':
      return { type: 'teams', settings: { url: fromFile(channel.url_file), title: WORDS.teamsTitle, message: WORDS.teams } };
    case 'webhook': {
      const signed =
        channel.secret_file === undefined ? {} : { authorization_scheme: 'Bearer', authorization_credentials: fromFile(channel.secret_file) };
      return { type: 'webhook', settings: { url: channel.url ?? fromFile(channel.url_file), httpMethod: 'POST', ...signed } };
    }
    case 'pagerduty':
      return {
        type: 'pagerduty',
        settings: { integrationKey: fromFile(channel.key_file), severity: '{{ .CommonLabels.severity }}', summary: WORDS.title },
      };
    case 'opsgenie':
      return {
        type: 'opsgenie',
        settings: { apiKey: fromFile(channel.key_file), apiUrl: 'https://api.opsgenie.com/v2/alerts', message: WORDS.title, description: WORDS.text },
      };
    case 'email':
      // Grafana mails through its own [smtp] section.
      return { type: 'email', settings: { addresses: channel.to.join(';'), singleEmail: false, subject: WORDS.title, message: WORDS.text } };
    case 'alertmanager':
      return { type: 'prometheus-alertmanager', settings: { url: channel.url } };
  }
}

function policy(alerts: AlertsConfig, hasQuietHours: boolean): object {
  const routes = [...alerts.routes.map((route) => ({ ...route, receiver: pointName(route) })), { teams: [], severities: [], receiver: EVERYBODY }];
  return {
    orgId: 1,
    receiver: EVERYBODY,
    // Alerts without a budget are told apart by their name.
    group_by: ['alertname', LABELS.budget, LABELS.scope],
    group_wait: `${alerts.group_wait_seconds}s`,
    // What is new about a budget that was notified before waits no longer than at first.
    group_interval: `${alerts.group_wait_seconds}s`,
    repeat_interval: `${alerts.repeat_hours}h`,
    routes: routes.map(({ teams, severities, receiver: name }) => ({
      receiver: name,
      object_matchers: [...oneOf(LABELS.team, teams), ...oneOf(LABELS.severity, severities)],
      routes: hasQuietHours
        ? [
            { receiver: name, object_matchers: [[LABELS.severity, '=', 'critical']], routes: [ofMembers(name, alerts)] },
            {
              receiver: name,
              object_matchers: [[LABELS.severity, '!=', 'critical']],
              mute_time_intervals: [QUIET],
              routes: [
                ...ofInfo(name, alerts).map((info) => ({
                  ...info,
                  mute_time_intervals: [QUIET],
                  routes: [{ ...ofMembers(name, alerts), mute_time_intervals: [QUIET] }],
                })),
                { ...ofMembers(name, alerts), mute_time_intervals: [QUIET] },
              ],
            },
          ]
        : [...ofInfo(name, alerts).map((info) => ({ ...info, routes: [ofMembers(name, alerts)] })), ofMembers(name, alerts)],
    })),
  };
}

const ofInfo = (receiver: string, alerts: AlertsConfig): object[] =>
  infoRepeat(alerts).map((interval) => ({ receiver, object_matchers: [[LABELS.severity, '=', 'info']], ...interval }));

const ofMembers = (receiver: string, { messages_per_hour }: AlertsConfig): object => ({
  receiver,
  object_matchers: [[LABELS.budget, '=~', OF_MEMBERS]],
  group_by: ['alertname', LABELS.team],
  group_interval: membersInterval(messages_per_hour),
});

const oneOf = (label: string, values: readonly string[]): [string, string, string][] =>
  values.length === 0 ? [] : [[label, '=~', values.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')]];
