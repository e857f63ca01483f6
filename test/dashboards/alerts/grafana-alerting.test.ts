/** The provisioning files for Grafana's own alerting, against the shape that Grafana documents, and their PromQL against its grammar. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { z } from 'zod';
import { ALERTS } from '../../../collector/catalog/alert-names.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { alertFiles } from '../../../dashboards/alerts/files.ts';

const GENERATED = join(import.meta.dirname, '../../../dashboards/generated/grafana-alerting');

/** Strict: a key that Grafana does not document is a mistake here. */
const query = z.strictObject({
  refId: z.string(),
  relativeTimeRange: z.strictObject({ from: z.number(), to: z.number() }),
  datasourceUid: z.string(),
  model: z.record(z.string(), z.unknown()),
});
const duration = z.string().regex(/^\d+[smh]$/);
const rule = z.strictObject({
  uid: z.string().max(40),
  title: z.string().max(190),
  condition: z.string(),
  data: z.array(query).min(2),
  noDataState: z.enum(['NoData', 'Alerting', 'OK', 'KeepLast']),
  execErrState: z.enum(['Error', 'Alerting', 'OK', 'KeepLast']),
  for: duration,
  missing_series_evals_to_resolve: z.number().int().min(1).optional(),
  annotations: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
});
const org = z.literal(1);
const interval = z.strictObject({
  times: z.array(z.strictObject({ start_time: z.string().regex(/^\d\d:\d\d$/), end_time: z.string().regex(/^\d\d:\d\d$/) })),
  weekdays: z.array(z.string()),
  location: z.string(),
});
const matcher = z.tuple([z.string(), z.enum(['=', '!=', '=~', '!~']), z.string()]);
const inner = z.strictObject({
  receiver: z.string(),
  object_matchers: z.array(matcher),
  mute_time_intervals: z.array(z.string()).optional(),
  group_by: z.array(z.string()).optional(),
  group_interval: duration.optional(),
  repeat_interval: duration.optional(),
});
const nested = <Shape extends z.ZodRawShape>(shape: z.ZodObject<Shape>) => z.strictObject({ ...inner.shape, routes: z.array(shape).optional() });

const SHAPES = {
  'rules.yaml': z.strictObject({
    apiVersion: z.literal(1),
    groups: z.array(z.strictObject({ orgId: org, name: z.string(), folder: z.string(), interval: duration, rules: z.array(rule).min(1) })),
  }),
  'contact-points.yaml': z.strictObject({
    apiVersion: z.literal(1),
    contactPoints: z.array(
      z.strictObject({
        orgId: org,
        name: z.string(),
        receivers: z.array(z.strictObject({ uid: z.string().max(40), type: z.string(), settings: z.record(z.string(), z.unknown()) })).min(1),
      }),
    ),
  }),
  'policies.yaml': z.strictObject({
    apiVersion: z.literal(1),
    policies: z
      .array(
        z.strictObject({
          orgId: org,
          receiver: z.string(),
          group_by: z.array(z.string()),
          group_wait: duration,
          group_interval: duration,
          repeat_interval: duration,
          routes: z.array(nested(nested(nested(inner)))),
        }),
      )
      .length(1),
  }),
  'mute-timings.yaml': z.strictObject({
    apiVersion: z.literal(1),
    muteTimes: z.array(z.strictObject({ orgId: org, name: z.string(), time_intervals: z.array(interval).min(1) })),
  }),
} as const;
type FileName = keyof typeof SHAPES;

const SECRET = '/run/secrets/ledgerline';
const CHANNELS = [
  { name: 'slack', type: 'slack', url_file: SECRET },
  { name: 'mail', type: 'email', smtp_host: 'mail.example.com', from: 'l@example.com', to: ['a@example.com', 'b@example.com'] },
  { name: 'hook', type: 'webhook', url: 'https://example.com/hook', secret_file: SECRET },
  { name: 'teams', type: 'teams', url_file: SECRET },
  { name: 'page', type: 'pagerduty', key_file: SECRET },
  { name: 'ops', type: 'opsgenie', key_file: SECRET },
  { name: 'other', type: 'alertmanager', url: 'http://alertmanager.example.com:9093' },
];
const FULL = {
  channels: CHANNELS,
  routes: [{ teams: ['platform', 'web (old)'], severities: ['critical'], channels: ['page', 'slack'] }],
  quiet_hours: [{ from: '20:00', to: '07:00' }],
};

const filesOf = (alerts: object) =>
  new Map([...alertFiles('grafana', configSchema.parse({ alerts }), 'x')].map(([name, text]) => [name, parse(text) as unknown]));
const read = <Name extends FileName>(files: ReadonlyMap<string, unknown>, name: Name): z.output<(typeof SHAPES)[Name]> =>
  // The parsed file has the type of its own shape, which a union of shapes loses.
  SHAPES[name].parse(files.get(name)) as z.output<(typeof SHAPES)[Name]>;

const rulesOf = (alerts: object) => read(filesOf(alerts), 'rules.yaml').groups.flatMap(({ rules }) => rules);
const errorsIn = (expr: string): string[] => {
  const found: string[] = [];
  parser.parse(expr).iterate({ enter: (node) => void (node.type.isError && found.push(expr.slice(node.from, node.to))) });
  return found;
};

describe('the files for Grafana', () => {
  test('have the documented shape, with every channel, route and quiet hour, and without', () => {
    const files = filesOf(FULL);
    expect([...files.keys()].sort()).toEqual(Object.keys(SHAPES).sort());
    for (const [name, content] of files) expect([name, SHAPES[name as FileName].safeParse(content).error?.issues ?? []]).toEqual([name, []]);
    expect(readdirSync(GENERATED)).toEqual(['rules.yaml']);
    SHAPES['rules.yaml'].parse(parse(readFileSync(join(GENERATED, 'rules.yaml'), 'utf8')));
  });

  test('are mounted by the compose file for those who let Grafana evaluate, into a folder that is there', () => {
    const deploy = join(import.meta.dirname, '../../../deploy');
    const { services } = parse(readFileSync(join(deploy, 'compose/grafana-alerting.yaml'), 'utf8')) as {
      services: { grafana: { volumes: string[] } };
    };
    const [source = '', target = ''] = services.grafana.volumes[0]?.split(':') ?? [];
    expect(join(deploy, 'compose', source)).toBe(GENERATED);
    expect(readdirSync(join(deploy, 'grafana/provisioning', target.replace('/etc/grafana/provisioning/', '')))).toEqual(['README.md']);
  });

  test('hold every alert once, under a name and a uid of its own', () => {
    const rules = rulesOf({});
    expect(rules.map(({ title }) => title).sort()).toEqual(Object.values(ALERTS).sort());
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
  });

  test('ask in PromQL without an error, on one data source, and decide by a query that is there', () => {
    for (const { title, data, condition } of rulesOf({})) {
      expect([title, data.some(({ refId }) => refId === condition)]).toEqual([title, true]);
      for (const { refId, model, datasourceUid } of data) {
        if (datasourceUid === '__expr__') continue;
        expect([title, refId, datasourceUid, errorsIn(String(model.expr))]).toEqual([title, refId, 'ledgerline-prometheus', []]);
      }
    }
  });

  test('name in their words only figures that the rule asks for, and write a dollar sign twice, since Grafana expands variables', () => {
    for (const { title, data, annotations } of rulesOf({})) {
      const asked = new Set(data.map(({ refId }) => refId));
      for (const text of Object.values(annotations)) {
        for (const [, name] of text.matchAll(/\$values\.(\w+)\./g)) expect([title, name, asked.has(name ?? '')]).toEqual([title, name, true]);
        expect([title, /(^|[^$])\$(\$\$)*([^$]|$)/.exec(text)?.[0]]).toEqual([title, undefined]);
      }
    }
  });

  test('write every dollar sign of a template twice in contact points, too', () => {
    for (const { receivers } of read(filesOf(FULL), 'contact-points.yaml').contactPoints)
      for (const { settings } of receivers)
        for (const text of Object.values(settings).filter((value) => String(value).includes('{{')))
          expect(/(^|[^$])\$(\$\$)*([^$]|$)/.exec(String(text))?.[0]).toBeUndefined();
  });

  test('keep an alert through a gap as long as keep_firing_minutes says, counted in evaluations', () => {
    const held = (alerts: object) => rulesOf(alerts).find(({ title }) => title === ALERTS.budgetThreshold)?.missing_series_evals_to_resolve;
    expect([held({}), held({ keep_firing_minutes: 5, interval_seconds: 30 }), held({ keep_firing_minutes: 0 })]).toEqual([11, 11, undefined]);
  });

  test('read every secret from its file', () => {
    const { contactPoints } = read(filesOf(FULL), 'contact-points.yaml');
    const all = contactPoints.find(({ name }) => name === 'ledgerline')?.receivers ?? [];
    expect(all.map(({ type }) => type)).toEqual(['slack', 'email', 'webhook', 'teams', 'pagerduty', 'opsgenie', 'prometheus-alertmanager']);
    const secrets = all.flatMap(({ settings }) => Object.values(settings).filter((value) => String(value).includes(SECRET)));
    expect(secrets).toEqual(Array.from({ length: 5 }, () => `$__file{${SECRET}}`));
    expect(new Set(contactPoints.flatMap(({ receivers }) => receivers.map(({ uid }) => uid))).size).toBe(9);
  });

  test('route to contact points that are there, and mute what is not critical', () => {
    const files = filesOf(FULL);
    const names = new Set(read(files, 'contact-points.yaml').contactPoints.map(({ name }) => name));
    const [mute] = read(files, 'mute-timings.yaml').muteTimes;
    const [policy] = read(files, 'policies.yaml').policies;
    expect(policy?.routes.map(({ receiver }) => receiver)).toEqual(['ledgerline page+slack', 'ledgerline']);
    expect(policy?.routes[0]?.object_matchers).toEqual([
      ['team', '=~', 'platform|web \\(old\\)'],
      ['severity', '=~', 'critical'],
    ]);
    for (const { receiver, routes = [] } of policy?.routes ?? []) {
      for (const { routes: inner = [] } of routes)
        expect(inner.find(({ object_matchers }) => object_matchers[0]?.[0] === 'budget')).toMatchObject({
          object_matchers: [['budget', '=~', '.+/.+']],
          group_by: ['alertname', 'team'],
          group_interval: '1m',
        });
      expect(names.has(receiver)).toBe(true);
      expect(routes.map(({ mute_time_intervals = [] }) => mute_time_intervals)).toEqual([[], [mute?.name]]);
    }
  });
});
