/** What Alertmanager writes with the generated configuration, in mails, for Slack and for Teams: through a real one, compared with committed examples. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../../collector/config/config.ts';
import { alertFiles } from '../../../dashboards/alerts/files.ts';
import { type Hook, hookAndMail, startHook, startMailServer } from '../../alerts/receivers.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { startAlertmanager } from '../../support/backends-servers.ts';
import { expectGolden } from '../../support/golden.ts';
import { waitFor } from '../../support/wait.ts';
import { ALERT_CASES } from './cases.ts';

const GOLDEN = join(import.meta.dirname, 'golden');

interface Given {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt?: string;
}

const alert = (severity: string, member: string, summary: string, more: object = {}): Given => ({
  labels: { alertname: 'LedgerlineBudgetThreshold', severity, budget: `members/${member}`, scope: `user=${member}`, period: 'month', at: severity },
  annotations: {
    summary,
    description: `Spent: $1,234.50 of $1,000.00 (123.4 %). Scope: user ${member}. Period: month, ends Tue 1 Dec 2026, 00:00 (Europe/Berlin).`,
    forecast: 'There is no forecast yet.',
    data_age: 'The newest record is 30s old.',
    dashboard_url: 'https://ledgerline.example.com/boards/budgets',
    runbook_url: 'https://ledgerline.example.com/runbooks/LedgerlineBudgetThreshold',
  },
  ...more,
});

/** Emoji are the widest letters there are, in bytes. */
const WIDE = Array.from({ length: 10 }, (_, index) =>
  alert('warning', `${index}${'\u{1f4b8}'.repeat(10_000)}`, `Budget ${'\u{1f4b8}'.repeat(10_000)}: 84 % used.`),
);

/** Of the committed rules. */
const WITHOUT_ADDRESS = {
  annotations: {
    summary: 'Budget members/ada@example.com: 84 % used.',
    dashboard_url: '/boards/budgets',
    runbook_url: '/runbooks/LedgerlineBudgetThreshold',
  },
};

const HOSTILE = '<!channel> *x* [x](https://evil.example) <img src=x>\n\u202eRCPT TO & co';
const MANY: readonly Given[] = [
  ...Array.from({ length: 10 }, (_, index) => alert('warning', `user-${index}@example.com`, `Budget members/user-${index}@example.com: 84 % used.`)),
  ...['ada', 'grace'].map((name) => alert('critical', `${name}@example.com`, `Budget members/${name}@example.com: 123.4 % used.`)),
];

const CASES: readonly (readonly [name: string, alerts: readonly Given[]])[] = [
  ['critical', [alert('critical', 'ada@example.com', 'Budget members/ada@example.com: 123.4 % used.')]],
  ['info', [alert('info', 'ada@example.com', 'Budget members/ada@example.com: 50 % used.')]],
  ['many', MANY],
  ['no-address', [{ ...alert('warning', 'ada@example.com', 'Budget members/ada@example.com: 84 % used.'), ...WITHOUT_ADDRESS }]],
  ['right-to-left', [alert('warning', '\u05e6\u05d5\u05d5\u05ea \u05d0', 'Budget members/\u05e6\u05d5\u05d5\u05ea \u05d0: 84 % used.')]],
  ['hostile', [{ ...alert('warning', HOSTILE, `Budget ${HOSTILE}: 84 % used.`) }]],
  ['long', [alert('warning', 'x'.repeat(10_000), `Budget ${'x'.repeat(10_000)}: 84 % used.`)]],
  [
    'five-hundred',
    Array.from({ length: 500 }, (_, index) => alert('warning', `user-${index}@example.com`, `Budget members/user-${index}@example.com: 84 % used.`)),
  ],
];

/** The committed rules know no address; those of somebody who set `server.public_url` do. */
const withAddress = (annotations: Given['annotations']): Given['annotations'] =>
  Object.fromEntries(
    Object.entries(annotations).map(([name, text]) => [name, name.endsWith('_url') ? `https://ledgerline.example.com${text}` : text]),
  );

/** What the generated rules say, as promtool evaluates them: each alert with each of its severities. */
const OF_RULES: ReadonlyMap<string, Given> = new Map(
  ALERT_CASES.flatMap(({ alert: alertname, fires }) =>
    fires.firing.map(
      ({ labels, annotations }) =>
        [`${alertname}-${labels.severity}`, { labels: { alertname, ...labels }, annotations: withAddress(annotations) }] as const,
    ),
  ),
);

const KOLKATA = 'Asia/Kolkata';
/** Times of Alertmanager's own clock, in the zone it was started in. */
const timeless = (text: string): string =>
  text.replaceAll(/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+ \d{4}, \d\d:\d\d \((IST)\)/g, 'Fri 20 Nov 2026, 13:00 ($1)');

interface Sent {
  readonly slack: Record<string, string>;
  readonly teams: Record<string, string>;
  readonly subject: string;
  readonly mail: string;
}

interface Receiver {
  readonly slack_configs: readonly object[];
  readonly msteamsv2_configs: readonly { readonly title: string; readonly text: string }[];
}

/** Alertmanager posts to Teams from 0.28 on. The words are templates like any other: those of Teams are posted as Slack's here, so that an older one writes them, too. */
function withTeamsAsSlack(config: object, api_url_file: string): object {
  // The shape of the generated configuration, which amtool has checked.
  const { receivers, ...others } = config as { receivers: readonly Receiver[] };
  return {
    ...others,
    receivers: receivers.map(({ msteamsv2_configs, slack_configs, ...receiver }) => ({
      ...receiver,
      slack_configs: [...slack_configs, ...msteamsv2_configs.map(({ title, text }) => ({ api_url_file, title, text, send_resolved: true }))],
    })),
  };
}

/** What Alertmanager writes of the alerts; with `isOver`, what it writes when they have ended. */
async function sent(alerts: readonly Given[], isOver = false): Promise<Sent> {
  const [hook, teams, mail] = [await startHook(), await startHook(), await startMailServer()];
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-messages-'));
  const [url_file, teams_file] = [join(folder, 'url'), join(folder, 'teams')];
  await writeFile(url_file, hook.url);
  await writeFile(teams_file, teams.url);
  const channels = [
    ...hookAndMail(hook, mail).filter(({ type }) => type === 'email'),
    { name: 'slack', type: 'slack', url_file },
    { name: 'teams', type: 'teams', url_file: teams_file },
  ];
  // Alertmanager's own clock: within it all of them are in their group.
  const config = configSchema.parse({ alerts: { group_wait_seconds: 2, channels } });
  const alertmanager = await startAlertmanager({
    config: withTeamsAsSlack(parse([...alertFiles('alertmanager', config, 'x').values()].join('')) as object, teams_file),
    timeZone: KOLKATA,
  });
  const post = async (body: readonly Given[], messages: number): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    await waitFor('the mail and the posts', () => [mail, hook, teams].every(({ received }) => received.length >= messages));
  };
  try {
    await post(alerts, 1);
    if (isOver)
      await post(
        alerts.map((one) => ({ ...one, endsAt: new Date().toISOString() })),
        2,
      );
    const { subject = '', text = '' } = mail.received.at(-1) ?? {};
    return { slack: lastPost(hook), teams: lastPost(teams), subject, mail: text };
  } finally {
    await alertmanager.stop();
    await mail.stop();
    await hook.stop();
    await teams.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function lastPost({ received }: Hook): Record<string, string> {
  // Slack's documented body; a wrong shape fails the comparison.
  const { attachments } = JSON.parse(received.at(-1)?.body ?? '') as { attachments: Record<string, string>[] };
  return attachments[0] ?? {};
}

/** What each channel takes. Teams refuses a message above 28 kB; the rest is Alertmanager's card around it. */
function expectWithinLimits({ slack, teams, mail }: Sent): void {
  const card = JSON.stringify([teams.title, teams.text]);
  expect([
    (slack.title ?? '').length <= 1_024,
    (slack.text ?? '').length <= 40_000,
    mail.length <= 100_000,
    Buffer.byteLength(card) < 26_000,
  ]).toEqual([...[true, true, true, true]]);
}

function compare(name: string, given: Sent): void {
  const { slack, teams, subject, mail } = given;
  expectWithinLimits(given);
  const { title = '', text = '', color = '', fallback = '' } = slack;
  const boundary = /^--(\w+)/m.exec(mail)?.[1] ?? 'none';
  const body = timeless(mail.replaceAll(boundary, 'BOUNDARY').replaceAll('\r\n', '\n'));
  expectGolden(join(GOLDEN, `${name}.mail.txt`), `Subject: ${subject}\n\n${body}`);
  expectGolden(join(GOLDEN, `${name}.slack.json`), `${JSON.stringify({ title, color, fallback, text: timeless(text) }, null, 2)}\n`);
  const card = { title: teams.title ?? '', text: timeless(teams.text ?? '') };
  expectGolden(join(GOLDEN, `${name}.teams.json`), `${JSON.stringify(card, null, 2)}\n`);
  expect(card.title + card.text).not.toContain('[x](https://evil.example)');
  // No name of an alert; the product is named where its collector is meant.
  expect(subject.replace('the Ledgerline collector', '')).not.toContain('Ledgerline');
  // A subject and the plain part of a mail have no markup; their lines are what could be broken.
  for (const markup of ['<!channel>', '<img']) expect([title, text, fallback, mail.slice(mail.indexOf('<!doctype'))].join()).not.toContain(markup);
  expect(subject + title + text + mail).not.toContain('\u202e');
}

describeWithBackend('alertmanager', "Alertmanager's messages", () => {
  // Each waits two seconds for an Alertmanager of its own, and does nothing meanwhile.
  test.concurrent.each(CASES)('are as in the committed example: %s', async (name, alerts) => compare(name, await sent(alerts)));

  test.concurrent.each([...OF_RULES])('are as in the committed example: %s', async (name, one) => compare(name, await sent([one])));

  test('fit every channel, ten of the longest names of the widest letters too', async () => expectWithinLimits(await sent(WIDE)));

  test('are as in the committed example: resolved', async () => {
    const one = OF_RULES.get('LedgerlineBudgetThreshold-critical');
    if (one === undefined) throw new Error('no such alert');
    compare('resolved', await sent([one], true));
  });
});
