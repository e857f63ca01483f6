/** The `alerts:` section: when something is worth telling, whom, by which channel, and what is held back until the morning. */
import { z } from 'zod';
import { hasPassword, SLUG, SLUG_MESSAGE, timeZone } from './shapes.ts';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const severity = z.enum(['info', 'warning', 'critical']);
const slug = z.string().regex(SLUG, SLUG_MESSAGE);
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "20:00"');
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .refine((url) => !hasPassword(url), 'must be an address without a user name and a password; an address that is a secret belongs into a file');
/** A frequent slip, whose message must not show what it found. */
const secretFile = z
  .string()
  .min(1)
  .refine((name) => !/^[a-z]+:\/\//i.test(name), 'must be the name of a file that holds the secret, not the secret itself; put it into a file');
const count = z.number().int().min(1);
const share = z.number().min(0).max(1);

export const CHANNEL_TYPES = ['slack', 'email', 'webhook', 'teams', 'alertmanager', 'pagerduty', 'opsgenie'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** What a channel of each type needs; anything else in it is a mistake. A secret is always in a file. */
const CHANNEL_KEYS: Readonly<Record<ChannelType, { readonly needs: readonly string[]; readonly may: readonly string[] }>> = {
  slack: { needs: ['url_file'], may: [] },
  teams: { needs: ['url_file'], may: [] },
  webhook: { needs: [], may: ['url', 'url_file', 'secret_file'] },
  alertmanager: { needs: ['url'], may: [] },
  email: { needs: ['smtp_host', 'from', 'to'], may: ['smtp_port', 'smtp_tls', 'username', 'password_file'] },
  pagerduty: { needs: ['key_file'], may: [] },
  opsgenie: { needs: ['key_file'], may: [] },
};

/** Those that the collector cannot speak to by itself: Alertmanager and Grafana can. */
export const ONLY_GENERATED: readonly ChannelType[] = ['pagerduty', 'opsgenie'];

const channel = z
  .strictObject({
    name: slug.describe('As routes and digests name it.'),
    type: z.enum(CHANNEL_TYPES).describe('pagerduty and opsgenie need Alertmanager or Grafana; the collector delivers the others by itself too.'),
    url: httpUrl.optional().describe('webhook, alertmanager: its address.'),
    url_file: secretFile.optional().describe('slack, teams, webhook: file that holds the address, which is a secret.'),
    secret_file: secretFile.optional().describe('webhook: file with the key that each message is signed with (HMAC-SHA256).'),
    key_file: secretFile.optional().describe('pagerduty: file with the routing key. opsgenie: file with the API key.'),
    smtp_host: z.string().min(1).optional().describe('email: mail server.'),
    smtp_port: z.number().int().min(1).max(65535).optional().describe('email: 587 unless said otherwise; 465 with smtp_tls: implicit.'),
    smtp_tls: z.enum(['starttls', 'implicit', 'none']).optional().describe('email: starttls unless said otherwise; none only on a trusted network.'),
    username: z.string().min(1).optional().describe('email: name at the mail server.'),
    password_file: secretFile.optional().describe('email: file with the password at the mail server.'),
    from: z.string().min(3).optional().describe('email: sender, such as "Ledgerline <ledgerline@example.com>".'),
    to: z.array(z.email()).min(1).optional().describe('email: recipients.'),
  })
  .superRefine((value, context) => {
    const { needs, may } = CHANNEL_KEYS[value.type];
    const given = Object.keys(value).filter((key) => value[key as keyof typeof value] !== undefined);
    const report = (message: string) => context.addIssue({ code: 'custom', message });
    for (const key of needs) if (!given.includes(key)) report(`a channel of type ${value.type} needs ${key}; add it`);
    for (const key of given)
      if (!['name', 'type', ...needs, ...may].includes(key))
        report(`a channel of type ${value.type} takes no ${key}, but ${[...needs, ...may].join(', ')}`);
    if (value.type === 'webhook' && (value.url === undefined) === (value.url_file === undefined))
      report('a channel of type webhook needs either url or, where its address is a secret, url_file; give one of them');
    if ((value.username === undefined) !== (value.password_file === undefined))
      report('username and password_file belong together; add the other, or leave both out');
  });

const route = z.strictObject({
  teams: z.array(z.string().min(1)).default([]).describe('Teams whose alerts go this way; none: every team, and alerts of no team.'),
  severities: z.array(severity).default([]).describe('none: every severity.'),
  channels: z.array(slug).min(1),
});

const quietHours = z.strictObject({
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS])
    .describe('Days on which the quiet hours begin.'),
  from: clock,
  to: clock.describe('Before `from`: on the next day. The same as `from`: a whole day.'),
  time_zone: timeZone.optional().describe('Default: the zone of the ledger.'),
});

const digest = z.strictObject({
  name: slug,
  schedule: z
    .string()
    .regex(/^\S+( \S+){4}$/, 'must be a cron expression of five fields, such as "0 8 * * 1" for Monday at eight')
    .default('0 8 * * 1')
    .describe('Cron expression of five fields: minute, hour, day, month, weekday.'),
  time_zone: timeZone.optional().describe('Zone of the schedule and of its days and weeks. Default: the zone of the ledger.'),
  period: z.enum(['day', 'week', 'month']).default('week').describe('The whole period before the moment it is sent, against the one before that.'),
  team: z.string().min(1).optional().describe('Default: everything.'),
  channels: z.array(slug).min(1),
  to: z.array(z.email()).min(1).optional().describe('E-mail: recipients instead of those of the channel, such as the team lead.'),
});

export const alertsSchema = z
  .strictObject({
    deliver: z
      .boolean()
      .default(false)
      .describe(
        'The collector evaluates and delivers by itself. For those without Prometheus and Alertmanager; with them, everything would be told twice.',
      ),
    interval_seconds: count.max(3600).default(60).describe('How often budgets and anomalies are evaluated, here and in the generated rules.'),
    keep_firing_minutes: z.number().int().min(0).default(10).describe('Generated rules: a budget alert outlives a gap in scraping that long.'),
    group_wait_seconds: count
      .default(10)
      .describe(
        'Generated Alertmanager and Grafana policies: wait for further alerts of the same budget, at first and whenever there is something new.',
      ),
    repeat_hours: count.default(12).describe('Generated Alertmanager and Grafana policies: say again what still fires.'),
    grafana_url: httpUrl.default('http://localhost:3000').describe('Where the boards are, for links in messages.'),
    runbooks_url: z.string().min(1).default('dashboards/runbooks').describe('Where the runbooks are: a folder, or its web address.'),
    unpriced_share: share.default(0.05).describe('Share of the tokens without a list price, above which that is told.'),
    unallocated_share: share.default(0.2).describe("Share of a day's spend without a team, above which that is told."),
    silence_hours: count.default(2).describe('No telemetry for so long is told where the same hours a week ago were busy.'),
    silence_days: count.default(3).describe('No telemetry for so long is told in any case.'),
    attempts: count.max(20).default(12).describe('How often a delivery is tried before it is a dead letter.'),
    retry_seconds: count.default(5).describe('Wait before the second attempt; doubled for each further one, up to an hour, with jitter.'),
    messages_at_once: count
      .default(10)
      .describe('More new alerts of one kind than that for one channel become one summary. Critical ones of whole budgets are counted apart.'),
    messages_per_hour: count
      .max(3600)
      .default(60)
      .describe('So many messages about alerts a channel takes in an hour; what is new beyond that comes in summaries.'),
    channels: z.array(channel).default([]),
    routes: z.array(route).default([]).describe('The first that fits an alert says where it goes; what fits none goes to every channel.'),
    quiet_hours: z.array(quietHours).default([]).describe('What is not critical waits until they end.'),
    digests: z.array(digest).default([]).describe('Summaries by schedule, sent by the collector with or without `deliver`.'),
  })
  .superRefine(({ channels, routes, digests }, context) => {
    const names = new Set(channels.map(({ name }) => name));
    const known = [...names].join(', ') || 'none';
    const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const [index, { name }] of channels.entries())
      if (channels.findIndex((other) => other.name === name) !== index)
        report(['channels', index, 'name'], 'must be a name that no earlier channel has');
    for (const [list, items] of [
      ['routes', routes],
      ['digests', digests],
    ] as const)
      for (const [index, item] of items.entries())
        for (const [place, name] of item.channels.entries())
          if (!names.has(name)) report([list, index, 'channels', place], `must be the name of a channel (${known})`);
  });

export type AlertsConfig = z.output<typeof alertsSchema>;
export type ChannelConfig = AlertsConfig['channels'][number];
export type RouteConfig = AlertsConfig['routes'][number];
export type QuietHours = AlertsConfig['quiet_hours'][number];
export type DigestConfig = AlertsConfig['digests'][number];

export { WEEKDAYS };
