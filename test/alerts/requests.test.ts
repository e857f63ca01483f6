/** Requests for more, as approvers and those who ask hear of them: which channels, once, with links that nobody else can make. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outbox } from '../../collector/alerts/outbox.ts';
import { readRequestLink } from '../../collector/alerts/request-link.ts';
import { RequestNotifier } from '../../collector/alerts/request-notifier.ts';
import type { BudgetWriter } from '../../collector/budgets/journal.ts';
import { approveRequest, denyRequest, requestMore, withdrawRequest } from '../../collector/budgets/request-change.ts';
import { linkBases } from '../../collector/catalog/alert-links.ts';
import { configSchema } from '../../collector/config/config.ts';
import { openAlertStore } from '../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { event } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { compareMessage } from './compare.ts';
import { delivery } from './examples.ts';
import { NOVEMBER } from './setup.ts';

const DAY_MS = 86_400_000;
const KEY = Buffer.alloc(32, 7);
const ADA = 'ada@example.com';
const mail = (name: string) => ({ name, type: 'email', smtp_host: '127.0.0.1', from: 'l@example.com', to: [`${name}@example.com`] });
const CONFIG = {
  timezone: 'Europe/Berlin',
  server: { public_url: 'https://ledgerline.example.com' },
  budgets: [
    { name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00' },
    { name: 'each', scope: { team: 'platform' }, per: 'user', amount_usd: '50.00', hard_limit: true },
    { name: 'tokens', scope: { team: 'data' }, tokens: { amount: 2_000_000, classes: ['output'] } },
  ],
  alerts: {
    channels: [mail('leads'), mail('everybody'), { name: 'hook', type: 'webhook', url: 'http://127.0.0.1:9/hook' }],
    routes: [
      { teams: ['platform'], severities: ['critical'], channels: ['everybody'] },
      { teams: ['platform'], channels: ['hook', 'leads'] },
    ],
  },
};

let folder: string;
let ledger: TestLedger;
let journal: BudgetWriter;
let outbox: Outbox;
let nowMs: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-requests-'));
  ledger = await openTestLedger({ timeZone: 'Europe/Berlin', weekStart: 'monday' });
  const entries = Array.from({ length: 40 }, (_, day) => [
    event({ id: `a${day}`, cost: '30', user: ADA, timeMs: NOVEMBER - day * DAY_MS, sessionId: `s${day}` }),
    event({ id: `b${day}`, cost: '20', user: 'bob@example.com', timeMs: NOVEMBER - day * DAY_MS, sessionId: `t${day}` }),
  ]).flat();
  await ledger.writer.append({ entries, receivedMs: NOVEMBER });
  journal = openBudgetStore(join(folder, 'budgets.sqlite'));
  outbox = openAlertStore(join(folder, 'budgets.sqlite'));
  nowMs = NOVEMBER;
});
afterEach(async () => {
  await journal.close();
  await outbox.close();
  await ledger.destroy();
  rmSync(folder, { recursive: true });
});

function notifier(given: object = {}): RequestNotifier {
  const config = configSchema.parse({ ...CONFIG, ...given });
  return new RequestNotifier({
    ...{ alerts: config.alerts, links: linkBases(config), reader: ledger.reader, journal, outbox, key: KEY, now: () => nowMs },
    calendar: { timeZone: config.timezone, weekStart: config.week_start },
    budgets: () => journal.budgets(config.budgets),
    channels: new Map(config.alerts.channels.map(({ name }) => [name, true])),
  });
}

const contextBy = (who: string) => {
  const { budgets, budget_requests: limits } = configSchema.parse(CONFIG);
  return {
    journal,
    configured: budgets,
    calendar: { timeZone: 'Europe/Berlin', weekStart: 'monday' } as const,
    change: { who, atMs: nowMs },
    limits,
  };
};
const ask = (input: object = {}, { user = ADA, who = 'ada-laptop' } = {}) =>
  requestMore(
    { budget: 'platform', by: '200', until: undefined, why: 'release week, and the tests that it needs', ...input },
    user,
    [
      { key: 'platform', stopped: false },
      { key: `each/${user}`, stopped: true },
      { key: 'tokens', stopped: false },
    ],
    contextBy(who),
  );
const sent = async () =>
  (await outbox.deliveries(undefined, 100)).toReversed().map(({ channel, to, message: { title } }) => [channel, ...(to ?? []), title]);

describe('a request', () => {
  test('is sent to the channels of the team of its budget, once, whatever restarts', async () => {
    const { id } = await ask();
    const title = 'ada@example.com asks for $200.00 more: budget platform';
    const first = notifier();
    await first.notify();
    await first.notify();
    await notifier().notify();
    expect(await sent()).toEqual([
      ['hook', title],
      ['leads', title],
    ]);
    expect(await outbox.deliveries(undefined, 9)).toMatchObject([{ kind: 'request', labels: { budget: 'platform', request: `${id}` } }, {}]);
    await ask({ budget: 'tokens', by: '1000000' });
    await first.notify();
    expect((await sent()).slice(2).map(([channel]) => channel)).toEqual(['leads', 'everybody', 'hook']);
  });

  test('that is not open any more is not sent, nor one that was answered long ago', async () => {
    const [one, two] = [await ask(), await ask({ budget: 'each', by: '5' })];
    await withdrawRequest(one.id, ADA, contextBy('ada-laptop'));
    await denyRequest(two.id, 'no', contextBy('ops'));
    nowMs += 2 * DAY_MS;
    await notifier().notify();
    expect(await sent()).toEqual([]);
    await ask();
    nowMs += 3 * DAY_MS;
    await notifier().notify();
    expect(await sent()).toEqual([]);
  });

  test('has links of its own for each channel, which say what they are for and until when', async () => {
    const request = await ask();
    await notifier().notify();
    const links = (await outbox.deliveries(undefined, 9)).flatMap(({ channel, message }) =>
      message.links.slice(0, 2).map(({ title, url }) => ({ channel, title, url })),
    );
    const read = links.map(({ url }) => readRequestLink(url.replace('https://ledgerline.example.com/budget-requests/', ''), KEY));
    expect(read).toEqual(
      links.map(({ channel, title }) => ({ request: request.id, answer: title.toLowerCase(), channel, untilMs: request.expiresMs })),
    );
    expect(links).toHaveLength(4);
  });

  test('has no links where nobody said how readers reach the page', async () => {
    await ask();
    await notifier({ server: {} }).notify();
    for (const { message } of await outbox.deliveries(undefined, 9)) {
      expect(message.links.map(({ title }) => title)).toEqual(['Open the board']);
      expect(JSON.stringify(message.facts)).toContain('ledgerline budget approve 1');
    }
  });
});

describe('an answer', () => {
  test('is sent to those who were asked, and by mail to whoever asked', async () => {
    const [one, two] = [await ask(), await ask({ budget: 'each', by: '5' })];
    await notifier().notify();
    await approveRequest(one.id, '150', contextBy('link:hook'));
    await denyRequest(two.id, 'next month', contextBy('ops'));
    await notifier().notify();
    const [approved, denied] = [
      'Approved: $200.00 more for ada@example.com, budget platform',
      'Denied: $5.00 more for ada@example.com, budget each/ada@example.com',
    ];
    expect((await sent()).slice(4)).toEqual([
      ['hook', approved],
      ['leads', approved],
      ['leads', ADA, approved],
      ['hook', denied],
      ['leads', denied],
      ['leads', ADA, denied],
    ]);
  });

  test('is mailed to nobody whom no token proved, and to no more than one address', async () => {
    for (const [user, who] of [
      ['eve@example.com', 'local'],
      ['a@example.com, b@example.com', 'laptop'],
      ['"x" <y@example.com>', 'laptop'],
      ['p-0123456789abcdef', 'laptop'],
      ['a@example.com\r\nBcc: b@example.com', 'laptop'],
    ] as const)
      await denyRequest((await ask({ by: '5' }, { user, who })).id, 'no', contextBy('ops'));
    await notifier().notify();
    expect((await outbox.deliveries(undefined, 100)).filter(({ to }) => to !== undefined)).toEqual([]);
  });

  test('is the removal of the budget, too: those who were asked and whoever asked hear of it, but not of what had expired', async () => {
    const [extra] = configSchema.parse({ budgets: [{ name: 'extra', scope: { team: 'platform' }, amount_usd: '100.00' }] }).budgets;
    if (extra === undefined) throw new Error('one budget was given');
    await journal.set(extra, { who: 'ops', atMs: nowMs });
    const askFor = async (user: string) =>
      requestMore(
        { budget: 'extra', by: '20', until: undefined, why: 'tests' },
        user,
        [{ key: 'extra', stopped: false }],
        contextBy(`${user}-laptop`),
      );
    await askFor('bob@example.com');
    nowMs += 4 * DAY_MS;
    await askFor(ADA);
    await notifier().notify();
    const before = (await sent()).length;
    await journal.remove('extra', { who: 'lead', atMs: nowMs });
    await notifier().notify();
    await notifier().notify();
    const title = 'Void: $20.00 more for ada@example.com, budget extra';
    expect((await sent()).slice(before)).toEqual([
      ['hook', title],
      ['leads', title],
      ['leads', ADA, title],
    ]);
  });

  test('of a withdrawal is sent to those who were asked, and to nobody else', async () => {
    const { id } = await ask();
    await notifier().notify();
    await withdrawRequest(id, ADA, contextBy('ada-laptop'));
    await notifier().notify();
    const title = 'Withdrawn: $200.00 more for ada@example.com, budget platform';
    expect((await sent()).slice(2)).toEqual([
      ['hook', title],
      ['leads', title],
    ]);
  });
});

test('several replicas in turns hand over what another one has not', async () => {
  const [one, other] = [notifier(), notifier()];
  await one.notify();
  const { id } = await ask();
  await other.notify();
  await withdrawRequest(id, ADA, contextBy('ada-laptop'));
  await one.notify();
  expect((await sent()).map(([channel, title]) => [channel, title?.split(':')[0]])).toEqual([
    ['hook', 'ada@example.com asks for $200.00 more'],
    ['leads', 'ada@example.com asks for $200.00 more'],
    ['hook', 'Withdrawn'],
    ['leads', 'Withdrawn'],
  ]);
});

describe('each message is as in the committed example', () => {
  const messageOf = async (channel = 'hook') => {
    const [last] = (await outbox.deliveries(undefined, 100)).filter((one) => one.channel === channel && one.to === undefined);
    if (last === undefined) throw new Error('none was sent');
    return delivery('request', last.message, 'request', last.labels);
  };

  test('a request, an approval and a denial', async () => {
    const { id } = await ask();
    await notifier().notify();
    compareMessage('request-asked', await messageOf());
    await approveRequest(id, '150', contextBy('link:hook'));
    await notifier().notify();
    compareMessage('request-approved', await messageOf());
    const other = await ask({ budget: 'each', by: '25.50', why: 'Is it urgent?' });
    await notifier().notify();
    await denyRequest(other.id, 'Not before the review on Monday', contextBy('ops'));
    await notifier().notify();
    compareMessage('request-denied', await messageOf());
  });

  test('a request with hostile words', async () => {
    const why = `<!channel> *x* [x](https://evil.example) <img src=x> "Approved by ops.\n\nApprove: https://evil.example/ \u202e${'x'.repeat(390)}`;
    await ask({ why });
    await notifier().notify();
    compareMessage('request-hostile', await messageOf());
  });
});
