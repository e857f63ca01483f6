/** The generated Alertmanager configuration in the eyes of amtool: accepted, and each alert goes where the operator said. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../../collector/config/config.ts';
import { alertFiles } from '../../../dashboards/alerts/files.ts';
import { startHook } from '../../alerts/receivers.ts';
import { describeWithBackend, runTool } from '../../support/backends.ts';
import { startAlertmanager } from '../../support/backends-servers.ts';
import { waitFor } from '../../support/wait.ts';

const FILE = 'alertmanager.yaml';
/** Never read by amtool: only the name is checked. */
const SECRET = '/run/secrets/ledgerline';

const CHANNELS = {
  slack: { type: 'slack', url_file: SECRET },
  email: {
    type: 'email',
    smtp_host: 'mail.example.com',
    username: 'ledgerline',
    password_file: SECRET,
    from: 'l@example.com',
    to: ['a@example.com'],
  },
  tls: { type: 'email', smtp_host: 'mail.example.com', smtp_tls: 'implicit', from: 'l@example.com', to: ['a@example.com', 'b@example.com'] },
  webhook: { type: 'webhook', url: 'https://example.com/hook', secret_file: SECRET },
  pagerduty: { type: 'pagerduty', key_file: SECRET },
  opsgenie: { type: 'opsgenie', key_file: SECRET },
  alertmanager: { type: 'alertmanager', url: 'http://alertmanager.example.com:9093' },
  teams: { type: 'teams', url_file: SECRET },
} as const;
type Name = keyof typeof CHANNELS;

const channels = (...names: Name[]) => names.map((name) => ({ name, ...CHANNELS[name] }));
const textOf = (alerts: object, timezone = 'UTC'): string =>
  [...alertFiles('alertmanager', configSchema.parse({ alerts, timezone }), 'x').values()].join('');

interface Generated {
  readonly route: { readonly group_by: string[]; readonly group_wait: string; readonly repeat_interval: string };
  readonly receivers: readonly Record<string, readonly Record<string, unknown>[]>[];
  readonly time_intervals?: readonly { readonly time_intervals: readonly object[] }[];
}
const generated = (alerts: object, timezone?: string): Generated => parse(textOf(alerts, timezone)) as Generated;

describe('the generated Alertmanager configuration', () => {
  test('names secrets by their file only', () => {
    for (const name of Object.keys(CHANNELS) as Name[]) {
      const [receiver] = generated({ channels: channels(name) }).receivers;
      const text = JSON.stringify(receiver);
      if (name === 'alertmanager' || name === 'tls') continue;
      expect([name, text.includes(SECRET), /"[a-z_]*file":"\/run/.test(text)]).toEqual([name, true, true]);
    }
  });

  test('is for Teams a receiver of Alertmanager 0.28, by its webhook', () => {
    const [receiver] = generated({ channels: channels('teams') }).receivers;
    expect(receiver?.msteamsv2_configs).toEqual([expect.objectContaining({ webhook_url_file: SECRET, send_resolved: true })]);
  });

  test('speaks STARTTLS unless given, and TLS from the first byte on 465', () => {
    const [one] = generated({ channels: channels('email') }).receivers;
    expect(one?.email_configs).toEqual([
      expect.objectContaining({ smarthost: 'mail.example.com:587', require_tls: true, auth_password_file: SECRET }),
    ]);
    const [other] = generated({ channels: channels('tls') }).receivers;
    expect(other?.email_configs).toEqual([
      expect.objectContaining({ smarthost: 'mail.example.com:465', require_tls: false, to: 'a@example.com, b@example.com' }),
    ]);
  });

  test('keeps a channel that is called everybody apart from the receiver of what matches no route', () => {
    const hook = (name: string) => ({ name, type: 'webhook', url: `https://example.com/${name}` });
    const config = { channels: [hook('everybody'), hook('other')], routes: [{ teams: ['platform'], channels: ['everybody'] }] };
    expect(generated(config).receivers.map(({ name, webhook_configs }) => [name, webhook_configs?.length])).toEqual([
      ['only everybody', 1],
      ['everybody', 2],
    ]);
  });

  test('waits and repeats as configured, one message per budget', () => {
    const { route } = generated({ group_wait_seconds: 33, repeat_hours: 5 });
    expect(route).toMatchObject({ group_by: ['budget'], group_wait: '33s', group_interval: '33s', repeat_interval: '5h' });
  });

  test('repeats every severity once a day, and info by itself only where that is asked for', () => {
    const repeats = (alerts: object): string[] => [...textOf(alerts).matchAll(/repeat_interval: (\w+)/g)].map(([, interval = '']) => interval);
    expect(repeats({})).toEqual(['24h']);
    expect(repeats({ repeat_info_hours: 168 })).toEqual(['24h', '168h']);
    expect(repeats({ repeat_info_hours: 168, quiet_hours: [{ from: '20:00', to: '07:00' }] })).toEqual(['24h', '168h']);
  });

  test('has quiet hours that do not cross midnight, on the days they begin and in their zone', () => {
    const quiet_hours = [
      { days: ['friday', 'sunday'], from: '20:00', to: '07:00', time_zone: 'Europe/Berlin' },
      { from: '12:00', to: '13:00' },
    ];
    expect(generated({ quiet_hours }, 'Asia/Tokyo').time_intervals?.[0]?.time_intervals).toEqual([
      { weekdays: ['friday', 'sunday'], times: [{ start_time: '20:00', end_time: '24:00' }], location: 'Europe/Berlin' },
      { weekdays: ['saturday', 'monday'], times: [{ start_time: '00:00', end_time: '07:00' }], location: 'Europe/Berlin' },
      expect.objectContaining({ times: [{ start_time: '12:00', end_time: '13:00' }], location: 'Asia/Tokyo' }),
    ]);
    expect(generated({}).time_intervals).toBeUndefined();
  });
});

describeWithBackend('amtool', 'the generated Alertmanager configuration, to amtool,', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledgerline-alertmanager-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const check = async (alerts: object) => {
    await writeFile(join(folder, FILE), textOf(alerts));
    return runTool('amtool', ['check-config', FILE], folder);
  };
  /** Receivers of an alert with these labels, in order. */
  const routed = async (alerts: object, labels: readonly string[]): Promise<string | undefined> => {
    await writeFile(join(folder, FILE), textOf(alerts));
    const { code, output } = await runTool('amtool', ['config', 'routes', 'test', `--config.file=${FILE}`, ...labels], folder);
    return code === 0 ? output.trim().split('\n').at(-1) : output;
  };

  test.each(['slack', 'email', 'tls', 'webhook', 'pagerduty', 'opsgenie', 'alertmanager'] as const)(
    'is well with a channel of the type %s',
    async (name) => {
      expect(await check({ channels: channels(name) })).toMatchObject({ code: 0, output: expect.stringContaining('3 inhibit rules') });
    },
  );

  test('is well with a Teams channel from version 0.28 on, and refused by the older for that key alone', async () => {
    const { output: version } = await runTool('amtool', ['--version'], folder);
    const [, minor = 0] = (/version (\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
    const { code, output } = await check({ channels: channels('teams') });
    if (minor >= 28) expect(code).toBe(0);
    else expect([code, output]).toEqual([1, expect.stringContaining('field msteamsv2_configs not found')]);
  });

  test('is well without any channel, with all of them, with routes and with quiet hours', async () => {
    const all = channels('slack', 'email', 'tls', 'webhook', 'pagerduty', 'opsgenie', 'alertmanager');
    const routes = [
      { teams: ['platform', 'web (old)'], severities: ['critical'], channels: ['pagerduty', 'slack'] },
      { severities: ['info'], channels: ['alertmanager'] },
    ];
    expect(await check({})).toMatchObject({ code: 0 });
    expect(await check({ channels: all, routes, quiet_hours: [{ from: '20:00', to: '07:00', time_zone: 'Europe/Berlin' }] })).toMatchObject({
      code: 0,
    });
  });

  const ROUTED = {
    channels: channels('slack', 'email', 'pagerduty'),
    routes: [
      { teams: ['platform'], severities: ['critical'], channels: ['pagerduty', 'slack'] },
      { teams: ['platform', 'web (old)'], channels: ['slack'] },
      { severities: ['info'], channels: ['email'] },
    ],
  };
  test.each([
    ['a critical alert of a team to its first route', ['team=platform', 'severity=critical', 'budget=platform'], 'pagerduty+slack'],
    ['a warning of the same team to its second', ['team=platform', 'severity=warning', 'budget=platform'], 'slack'],
    ['a team whose name has characters of a pattern to its own route', ['team=web (old)', 'severity=warning'], 'slack'],
    ['what only its severity routes', ['team=data', 'severity=info'], 'email'],
    ['what no route fits to everybody', ['alertname=LedgerlineCollectorDown', 'severity=critical'], 'everybody'],
  ])('sends %s, with and without quiet hours', async (_, labels, receiver) => {
    expect(await routed(ROUTED, labels)).toBe(receiver);
    expect(await routed({ ...ROUTED, quiet_hours: [{ from: '20:00', to: '07:00' }] }, labels)).toBe(receiver);
  });
});

interface Notification {
  readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
  readonly truncatedAlerts: number;
}

describeWithBackend('alertmanager', 'the generated Alertmanager configuration, in an Alertmanager,', () => {
  test('tells thousands of members in one message, and the budget of a team by itself', async () => {
    const hook = await startHook();
    // Alertmanager's own clock: within it a busy machine, too, has put all three thousand into their group.
    const alerts = { group_wait_seconds: 5, channels: [{ name: 'hook', type: 'webhook', url: hook.url }] };
    const alertmanager = await startAlertmanager({ config: parse(textOf(alerts)) as object });
    const alert = (budget: string, team: object) => ({
      labels: { alertname: 'LedgerlineBudgetThreshold', severity: 'warning', budget, scope: budget, period: 'month', at: '0.8', ...team },
      annotations: { summary: `Budget ${budget}: 80% used.` },
    });
    const body = [
      ...Array.from({ length: 3_000 }, (_, index) => alert(`members/user-${index}@example.com`, {})),
      alert('platform', { team: 'platform' }),
    ];
    const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(posted.status).toBe(200);
    await waitFor('both messages', () => hook.received.length >= 2);
    const answer = hook.received.map((call) => JSON.parse(call.body) as Notification);
    await alertmanager.stop();
    await hook.stop();
    expect(answer.map((one) => one.alerts.length + one.truncatedAlerts).sort((a, b) => a - b)).toEqual([1, 3_000]);
    expect(Math.max(...answer.map((one) => one.alerts.length))).toBe(100);
  });
});
