/** The `alerts:` section: what is worth a notification, for whom, by which channel, and what is held back until the morning. */
import { z } from 'zod';
import { alertmanagerSchema } from './channels/alertmanager.ts';
import { mailSchema } from './channels/mail.ts';
import { opsgenieSchema } from './channels/opsgenie.ts';
import { pagerdutySchema } from './channels/pagerduty.ts';
import { httpUrl, slug } from './channels/shapes.ts';
import { slackSchema } from './channels/slack.ts';
import { teamsSchema } from './channels/teams.ts';
import { webhookSchema } from './channels/webhook.ts';
import { firstIndexes } from './firsts.ts';
import { listed } from './listed.ts';
import { timeZone } from './shapes.ts';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const severity = z.enum(['info', 'warning', 'critical']);
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "20:00"');
const count = z.number().int().min(1);
const share = z.number().min(0).max(1);

const channel = z.discriminatedUnion('type', [
  slackSchema,
  mailSchema,
  webhookSchema,
  teamsSchema,
  alertmanagerSchema,
  pagerdutySchema,
  opsgenieSchema,
]);

const route = z.strictObject({
  teams: z.array(z.string().min(1)).default([]).describe('Alerts of these teams take this route. Empty: all alerts, with or without a team.'),
  severities: z.array(severity).default([]).describe('Empty: every severity.'),
  channels: z.array(slug).min(1),
});

const quietHours = z.strictObject({
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS])
    .describe('Days on which the quiet hours begin.'),
  from: clock,
  to: clock.describe('Earlier than `from`: on the next day. Equal to `from`: a whole day.'),
  time_zone: timeZone.optional().describe('Default: the time zone of the ledger.'),
});

const digest = z.strictObject({
  name: slug,
  schedule: z
    .string()
    .regex(/^\S+( \S+){4}$/, 'must be a cron expression of five fields, such as "0 8 * * 1" for Monday at eight')
    .default('0 8 * * 1')
    .describe('Cron expression of five fields: minute, hour, day, month, weekday.'),
  time_zone: timeZone.optional().describe('Time zone of the schedule and of its days and weeks. Default: the time zone of the ledger.'),
  period: z
    .enum(['day', 'week', 'month'])
    .default('week')
    .describe('Length of the period reported: the last complete one, compared with the one before.'),
  team: z.string().min(1).optional().describe('Default: all teams.'),
  channels: z.array(slug).min(1),
  to: z.array(z.email()).min(1).optional().describe('email: recipients instead of those of the channel, such as the team lead.'),
});

/** What the collector sends no messages to by itself. */
const ELSEWHERE: ReadonlySet<z.output<typeof channel>['type']> = new Set(['alertmanager', 'pagerduty', 'opsgenie']);
export const isDelivered = ({ type }: Pick<z.output<typeof channel>, 'type'>): boolean => !ELSEWHERE.has(type);

export const alertsSchema = z
  .strictObject({
    deliver: z
      .boolean()
      .default(false)
      .describe(
        'The collector evaluates and delivers alerts itself. For installations without Prometheus and Alertmanager; with them, every alert would be sent twice.',
      ),
    interval_seconds: count.max(3600).default(60).describe('How often budgets and anomalies are evaluated, here and in the generated rules.'),
    keep_firing_minutes: z.number().int().min(0).default(10).describe('Generated rules: how long a budget alert survives a gap in scraping.'),
    group_wait_seconds: count
      .default(10)
      .describe('Generated Alertmanager and Grafana policies: how long to wait for more alerts of the same budget before notifying.'),
    repeat_hours: count.default(24).describe('Generated Alertmanager and Grafana policies: how often to repeat alerts that still fire.'),
    repeat_info_hours: count
      .optional()
      .describe('The same for alerts of the severity info, which are then sent apart from the others. Default: `repeat_hours`.'),
    grafana_url: httpUrl
      .optional()
      .describe('Address of Grafana, for links in messages. Left out: they lead to the boards of the collector, see `server.public_url`.'),
    runbooks_url: z
      .string()
      .min(1)
      .optional()
      .describe('Folder or web address of runbooks of your own. Left out: the collector serves them at `/runbooks`.'),
    unpriced_share: share.default(0.05).describe('Alert above this share of tokens without a list price.'),
    unallocated_share: share.default(0.2).describe("Alert above this share of a day's spend without a team."),
    silence_hours: count
      .default(2)
      .describe('Generated rules: alert after this long without telemetry, if a week ago none of the same hours was without any.'),
    silence_days: count.default(3).describe('Generated rules: alert after this long without telemetry in any case.'),
    attempts: count.max(20).default(12).describe('Delivery attempts before a message becomes a dead letter.'),
    retry_seconds: count.default(5).describe('Wait before the second attempt. Doubles with each further one, up to an hour, with jitter.'),
    messages_at_once: count
      .default(10)
      .describe(
        'If a channel gets more new alerts of one kind at once, they are grouped in one message. Critical alerts of whole budgets are counted separately.',
      ),
    messages_per_hour: count.max(3600).default(60).describe('Alert messages a channel gets per hour. New alerts beyond that are grouped.'),
    channels: z
      .array(channel)
      .default([])
      .describe('pagerduty and opsgenie need Alertmanager or Grafana; the collector also delivers the others itself.'),
    routes: z
      .array(route)
      .default([])
      .describe('The first route that matches an alert decides its channels. An alert that matches none goes to every channel.'),
    quiet_hours: z.array(quietHours).default([]).describe('Alerts that are not critical wait until they end.'),
    digests: z.array(digest).default([]).describe('Scheduled summaries, sent by the collector with or without `deliver`.'),
  })
  .superRefine(({ channels, routes, digests }, context) => {
    const names = new Set(channels.map(({ name }) => name));
    const known = listed([...names]) || 'none';
    const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const [index, first] of firstIndexes(channels, ({ name }) => name).entries())
      if (first !== index) report(['channels', index, 'name'], 'must be unique among the channels');
    for (const [list, items] of [
      ['routes', routes],
      ['digests', digests],
    ] as const)
      for (const [index, item] of items.entries())
        for (const [place, name] of item.channels.entries())
          if (!names.has(name)) report([list, index, 'channels', place], `must be the name of a channel (${known})`);
    const elsewhere = new Set(channels.filter((one) => !isDelivered(one)).map(({ name }) => name));
    for (const [index, item] of digests.entries())
      for (const [place, name] of item.channels.entries())
        if (elsewhere.has(name))
          report(['digests', index, 'channels', place], 'must be a channel of type slack, email, webhook or teams, which take digests');
  });

export type AlertsConfig = z.output<typeof alertsSchema>;
export type ChannelConfig = AlertsConfig['channels'][number];
export type RouteConfig = AlertsConfig['routes'][number];
export type QuietHours = AlertsConfig['quiet_hours'][number];
export type DigestConfig = AlertsConfig['digests'][number];

export { WEEKDAYS };
