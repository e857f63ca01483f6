/**
 * Alertmanager's configuration from `alerts:` in ledgerline.yaml: routes by team and severity, one message per budget, the worst alert of
 * a budget hides the others, quiet hours, and receivers whose secrets are files. Field names follow Alertmanager's configuration reference.
 */

import { type ClockInterval, clockIntervals } from '../../collector/alerts/routing.ts';
import { ALERTS } from '../../collector/catalog/alert-names.ts';
import { LABELS } from '../../collector/catalog/names.ts';
import type { AlertsConfig, ChannelConfig, RouteConfig } from '../../collector/config/alerts.ts';
import type { MailConfig } from '../../collector/config/channels/mail.ts';
import { COLOR, HTML, membersInterval, OF_MEMBERS, SLACK_TEXT, SLACK_TITLE, TEAMS_TEXT, TEAMS_TITLE, TEXT, TITLE } from './notification.ts';

/** Reserved for examples, so that an unconfigured installation posts its figures to nobody. */
export const WEBHOOK_PLACEHOLDER = 'http://webhook.invalid/ledgerline';

const QUIET = 'quiet-hours';
const EVERYBODY = 'everybody';

export interface AlertmanagerContext {
  /** Zone of the ledger: quiet hours without a zone of their own are in it. */
  readonly timeZone: string;
}

/** Without a channel there is still a receiver, at the placeholder that deploy/alertmanager/start.sh replaces. */
export function alertmanagerConfig(alerts: AlertsConfig, { timeZone }: AlertmanagerContext): object {
  const channels: readonly ChannelConfig[] =
    alerts.channels.length > 0 ? alerts.channels : [{ name: 'webhook', type: 'webhook', url: WEBHOOK_PLACEHOLDER }];
  const quiet = alerts.quiet_hours.flatMap((hours) => clockIntervals(hours, timeZone));
  const everybody = { name: EVERYBODY, teams: [], severities: [], channels: channels.map(({ name }) => name) };
  const routes = [...alerts.routes.map((route) => ({ ...route, name: receiverName(route) })), everybody];
  return {
    route: {
      receiver: EVERYBODY,
      group_by: [LABELS.budget],
      group_wait: `${alerts.group_wait_seconds}s`,
      // A budget that was notified before must not hold back its critical alert: what is new waits no longer than at first.
      group_interval: `${alerts.group_wait_seconds}s`,
      repeat_interval: `${alerts.repeat_hours}h`,
      routes: routes.flatMap((route) => routesOf(route, quiet.length > 0, alerts)),
    },
    inhibit_rules: INHIBIT_RULES,
    ...(quiet.length > 0 && { time_intervals: [{ name: QUIET, time_intervals: quiet.map(interval) }] }),
    receivers: receiversOf(routes, channels),
  };
}

/** No name of a channel has a space: one that is called as the receiver of everybody has another. */
function receiverName({ channels }: RouteConfig): string {
  const name = channels.join('+');
  return name === EVERYBODY ? `only ${name}` : name;
}

/** Budgets are grouped by budget, those of members and other alerts by name. A route has a copy that critical alerts take, which quiet hours do not hold back. */
function routesOf(route: NamedRoute, hasQuietHours: boolean, alerts: AlertsConfig): object[] {
  const matchers = [
    ...(route.teams.length > 0 ? [oneOf(LABELS.team, route.teams)] : []),
    ...(route.severities.length > 0 ? [oneOf(LABELS.severity, route.severities)] : []),
  ];
  const base = { receiver: route.name, ...(matchers.length > 0 && { matchers }) };
  const grouped = [
    { matchers: [`${LABELS.budget}=""`], group_by: ['alertname', LABELS.team, LABELS.scope] },
    {
      matchers: [`${LABELS.budget}=~"${OF_MEMBERS}"`],
      group_by: ['alertname', LABELS.team],
      group_interval: membersInterval(alerts.messages_per_hour),
    },
  ];
  const info = infoRepeat(alerts).map((interval) => ({ matchers: [`${LABELS.severity}="info"`], ...interval }));
  const withInfo = (inner: readonly object[]): object[] => [...info.map((one) => ({ ...one, routes: inner })), ...inner];
  if (!hasQuietHours) return [{ ...base, routes: withInfo(grouped) }];
  const critical = { matchers: [`${LABELS.severity}="critical"`], routes: grouped };
  const others = { matchers: [`${LABELS.severity}!="critical"`], mute_time_intervals: [QUIET] };
  // A child does not inherit the mute intervals of its parent.
  const muted = withInfo(grouped.map(muteRoute)).map(muteRoute);
  return [{ ...base, routes: [critical, { ...others, routes: muted }] }];
}

const muteRoute = (route: object): object => ({ ...route, mute_time_intervals: [QUIET] });

/** What is for information has a route of its own, and so messages of its own, only where it is repeated at other times than the rest. */
export const infoRepeat = ({ repeat_hours, repeat_info_hours = repeat_hours }: AlertsConfig): { readonly repeat_interval: string }[] =>
  repeat_info_hours === repeat_hours ? [] : [{ repeat_interval: `${repeat_info_hours}h` }];

const oneOf = (label: string, values: readonly string[]): string => {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return `${label}=${JSON.stringify(only)}`;
  return `${label}=~${JSON.stringify(values.map(escapePattern).join('|'))}`;
};

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

interface NamedRoute extends RouteConfig {
  readonly name: string;
}

const ofOneBudget = { equal: [LABELS.budget, LABELS.scope, LABELS.period] };
const HAS_BUDGET = `${LABELS.budget}!=""`;
/** A costly session is a matter of its own: an exhausted budget does not hide it. */
const NO_SESSION = `alertname!="${ALERTS.sessionCost}"`;
const ofSeverity = (severity: string): string[] => [`${LABELS.severity}=~"${severity}"`, HAS_BUDGET, NO_SESSION];

export const INHIBIT_RULES: readonly object[] = [
  { source_matchers: ofSeverity('critical'), target_matchers: ofSeverity('warning|info'), ...ofOneBudget },
  { source_matchers: ofSeverity('warning'), target_matchers: ofSeverity('info'), ...ofOneBudget },
  {
    source_matchers: [`alertname="${ALERTS.budgetStopped}"`],
    target_matchers: [`alertname=~"${ALERTS.budgetThreshold}|${ALERTS.budgetForecast}"`],
    ...ofOneBudget,
  },
];

const interval = ({ days, from, to, timeZone }: ClockInterval): object => ({
  weekdays: days,
  times: [{ start_time: from, end_time: to }],
  location: timeZone,
});

function receiversOf(routes: readonly NamedRoute[], channels: readonly ChannelConfig[]): object[] {
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  const receiver = (name: string, members: readonly ChannelConfig[]): object => {
    const configs = Map.groupBy(
      members.map(receiverConfig).filter((config) => config !== undefined),
      ([key]) => key,
    );
    return { name, ...Object.fromEntries([...configs].map(([key, list]) => [key, list.map(([, config]) => config)])) };
  };
  const named = new Map(routes.map((route) => [route.name, route.channels.flatMap((name) => byName.get(name) ?? [])]));
  return [...named].map(([name, members]) => receiver(name, members));
}

/** Of one webhook call; the number of those left out is in it. */
const WEBHOOK_ALERTS = 100;
const SEVERITY = '{{ or .CommonLabels.severity "critical" }}';

/** Key of the receiver's list and its entry; nothing for a channel that is an Alertmanager itself. */
function receiverConfig(channel: ChannelConfig): readonly [key: string, config: object] | undefined {
  const common = { send_resolved: true };
  switch (channel.type) {
    case 'slack':
      return [
        'slack_configs',
        { ...common, api_url_file: channel.url_file, title: SLACK_TITLE, text: SLACK_TEXT, fallback: SLACK_TITLE, color: COLOR },
      ];
    case 'teams':
      return ['msteamsv2_configs', { ...common, webhook_url_file: channel.url_file, title: TEAMS_TITLE, text: TEAMS_TEXT }];
    case 'webhook':
      // Alertmanager does not sign what it sends; the key serves as a bearer token, which the receiver can check.
      return [
        'webhook_configs',
        {
          ...common,
          max_alerts: WEBHOOK_ALERTS,
          ...(channel.url_file === undefined ? { url: channel.url } : { url_file: channel.url_file }),
          ...(channel.secret_file !== undefined && { http_config: { authorization: { credentials_file: channel.secret_file } } }),
        },
      ];
    case 'pagerduty':
      return [
        'pagerduty_configs',
        { ...common, routing_key_file: channel.key_file, description: TITLE, severity: SEVERITY, details: { figures: TEXT } },
      ];
    case 'opsgenie':
      return [
        'opsgenie_configs',
        {
          ...common,
          api_key_file: channel.key_file,
          message: TITLE,
          description: TEXT,
          priority: '{{ if eq .CommonLabels.severity "critical" }}P1{{ else }}P3{{ end }}',
        },
      ];
    case 'email':
      return ['email_configs', { ...common, ...emailConfig(channel) }];
    case 'alertmanager':
      return undefined;
    default:
      // The compiler asks here for a type that was added.
      return channel satisfies never;
  }
}

function emailConfig({ smtp_host, smtp_port, smtp_tls = 'starttls', username, password_file, from, to }: MailConfig): object {
  const port = smtp_port ?? (smtp_tls === 'implicit' ? 465 : 587);
  return {
    to: to.join(', '),
    from,
    smarthost: `${smtp_host}:${port}`,
    // Port 465 makes Alertmanager speak TLS from the first byte; for other ports this asks for STARTTLS.
    require_tls: smtp_tls === 'starttls',
    ...(username !== undefined && { auth_username: username, auth_password_file: password_file }),
    headers: { Subject: TITLE },
    text: TEXT,
    html: HTML,
  };
}
