/** Many alerts at once are few messages: by kind, by the hour, after an outage; and nothing is lost or told twice for it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { event } from '../support/entries.ts';
import { type Hook, startHook } from './receivers.ts';
import { type Alerting, BUDGET, DECEMBER, startAlerting } from './setup.ts';

const MINUTE_MS = 60_000;
const MEMBERS = {
  ...{ name: 'members', per: 'user', period: 'month', amount_usd: '10.00' },
  thresholds: [{ at: 0.8, on: 'actual', severity: 'warning' }],
};

interface Message {
  readonly id: string;
  readonly kind: string;
  readonly severity: string | null;
  readonly title: string;
  readonly summary: string;
  readonly labels: Record<string, string>;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly contributors: readonly object[];
  readonly links: readonly { readonly title: string; readonly url: string }[];
}

let hook: Hook;
let alerting: Alerting | undefined;

beforeEach(async () => {
  hook = await startHook();
});
afterEach(async () => {
  await alerting?.stop();
  alerting = undefined;
  await hook.stop();
});

const start = async (alerts: object = {}, budgets: object[] = [MEMBERS]): Promise<Alerting> => {
  const channels = [{ name: 'hook', type: 'webhook', url: hook.url }];
  alerting = await startAlerting({ budgets, alerts: { deliver: true, unallocated_share: 1, channels, ...alerts } });
  return alerting;
};
const messages = (): Message[] => hook.received.map(({ body }) => JSON.parse(body) as Message);
const titles = (): string[] => messages().map(({ title }) => title);
/** Each of so many people spends what is given, from a number on. */
const everybody = (one: Alerting, count: number, usd: string, from = 0) =>
  one.append(
    Array.from({ length: count }, (_, index) => {
      const user = `user-${String(from + index).padStart(5, '0')}@example.com`;
      return event({ id: `${user}/${usd}/${one.nowMs}`, cost: usd, user, sessionId: user, team: 'platform', timeMs: one.nowMs });
    }),
  );

describe('many alerts of one kind at once', () => {
  test('are one message with how many, the largest ten and the board; each is known as told, and none is told again', async () => {
    const one = await start();
    await everybody(one, 29, '8');
    await everybody(one, 1, '9.50', 29);
    await one.round();
    await one.round();
    expect(titles()).toEqual(['30 budget alerts for members']);
    const [message] = messages();
    expect(message?.links.map(({ title, url }) => `${title} ${url}`)).toEqual([
      'Open the board /boards/budgets',
      'What to do /runbooks/LedgerlineBudgetThreshold',
    ]);
    expect(message).toMatchObject({ kind: 'summary', severity: 'warning' });
    expect(message?.labels).toEqual({ alertname: 'LedgerlineBudgetThreshold', severity: 'warning', budget: 'members', alerts: '30' });
    expect(message?.facts[0]).toEqual({ label: 'Alerts', value: '30: 30 warnings' });
    expect(message?.facts.slice(1)).toHaveLength(10);
    expect(message?.facts[1]).toEqual({ label: 'Warning', value: 'Budget members/user-00029@example.com: 95 % used' });
    expect((await one.outbox.records()).map(({ notification }) => notification)).toEqual(Array.from({ length: 30 }, () => 'notified'));
    expect([(await one.outbox.deliveries('waiting', 99)).length, (await one.outbox.deliveries('folded', 99)).length]).toEqual([0, 0]);
    await one.restart();
    await one.round();
    expect(hook.received).toHaveLength(1);
  });

  test('are each told by itself up to the configured number, with their contributors', async () => {
    const one = await start({ messages_at_once: 3 });
    await everybody(one, 3, '8');
    await one.round();
    expect(titles()).toHaveLength(3);
    expect(messages().every(({ kind, contributors }) => kind === 'firing' && contributors.length === 1)).toBe(true);
    await everybody(one, 4, '8', 3);
    await one.round();
    expect(titles().slice(3)).toEqual(['4 budget alerts for members']);
  });

  test('hide no critical alert of a budget as a whole', async () => {
    const one = await start({}, [{ ...MEMBERS, thresholds: [{ at: 0.8, on: 'actual', severity: 'critical' }] }, BUDGET]);
    await everybody(one, 30, '8');
    await one.round();
    expect(titles().sort()).toEqual(['30 budget alerts for members', 'Budget platform is used up: 240 %']);
  });

  test('are told as over in one message, too', async () => {
    const one = await start();
    await everybody(one, 30, '8');
    await one.round();
    one.nowMs = DECEMBER;
    await one.round();
    await one.round();
    expect(titles().slice(1)).toEqual(['Resolved: 30 budget alerts for members']);
    expect(messages()[1]?.severity).toBeNull();
  });

  test('that a channel does not take are one dead letter, and one message when it is sent again', async () => {
    const one = await start({ attempts: 1 });
    await everybody(one, 30, '8');
    hook.answers.push({ status: 503 });
    await one.round();
    expect((await one.outbox.deliveries('dead', 99)).map(({ kind }) => kind)).toEqual(['summary']);
    expect(await one.outbox.revive(undefined, one.nowMs)).toBe(1);
    await one.round();
    expect(titles()).toHaveLength(1);
    expect(await one.outbox.deliveries('dead', 99)).toEqual([]);
  });

  test('keep their order: that they are over comes after the summary that tells them', async () => {
    const one = await start({ retry_seconds: 3_600 });
    await everybody(one, 30, '8');
    hook.answers.push({ status: 503 });
    await one.round();
    one.nowMs = DECEMBER - 1_000 * MINUTE_MS;
    hook.answers.push({ status: 503 });
    await one.round();
    one.nowMs = DECEMBER;
    await one.round();
    await one.round();
    expect(messages().map(({ kind, title }) => [kind, title.startsWith('Resolved: ')])).toEqual([
      ['summary', false],
      ['summary', true],
    ]);
  });
});

describe('the messages of an hour', () => {
  test('are limited for each channel; what is new beyond them comes together, and the bucket fills again', async () => {
    const one = await start({ messages_per_hour: 6 });
    for (let minute = 0; minute < 8; minute++) {
      await everybody(one, 2, '8', 2 * minute);
      await one.round();
      one.nowMs += MINUTE_MS;
    }
    // Six at once, then one for every ten minutes.
    expect(titles()).toHaveLength(6);
    one.nowMs += 3 * MINUTE_MS;
    await one.round();
    expect(titles().slice(6)).toEqual(['10 budget alerts for members']);
    expect(messages()[6]?.summary).toContain('This channel has reached its 6 messages per hour (alerts.messages_per_hour)');
    await one.restart();
    await one.round();
    expect(hook.received).toHaveLength(7);
  });

  test('are not held against what is critical for a budget as a whole', async () => {
    const one = await start({ messages_per_hour: 1 }, [MEMBERS, BUDGET]);
    await everybody(one, 1, '9');
    await one.round();
    await one.spend('100', { user: 'user-00000@example.com' });
    await one.round();
    expect(titles()).toContain('Budget platform is used up: 109 %');
  });
});

test('ten thousand members who reach their threshold at once are one message', async () => {
  const one = await start();
  await everybody(one, 10_000, '8');
  await one.round();
  expect(titles()).toEqual(['10,000 budget alerts for members']);
  await everybody(one, 1, '8', 10_000);
  await one.round();
  expect(titles().slice(1)).toEqual(['Budget members/user-10000@example.com: 80 % used']);
});
