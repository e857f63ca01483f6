/** What an Alertmanager is sent, lot by lot, also where it refuses one or a clock was ahead. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { alertmanagerRefresher } from '../../../collector/alerts/channels/alertmanager/channel.ts';
import { MESSAGE } from '../message.ts';
import { type Hook, startHook } from '../receivers.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

let hook: Hook;
beforeEach(async () => {
  hook = await startHook();
});
afterEach(() => hook.stop());

const refresher = () => alertmanagerRefresher({ name: 'am', type: 'alertmanager', url: hook.url }, 60_000);
const firing = (count: number, firedMs = NOW) =>
  Array.from({ length: count }, (_, index) => ({ labels: { budget: `each/${index}` }, message: MESSAGE, firedMs }));

interface Sent {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}
/** What arrived since the last look. */
const sent = (): Sent[] => hook.received.splice(0).flatMap(({ body }) => JSON.parse(body) as Sent[]);

test('gets the other lots where it refuses one, and again what is over', async () => {
  const one = refresher();
  await one.refresh(firing(450), NOW);
  expect(sent()).toHaveLength(450);
  hook.answers.push({ status: 400, body: 'too many alerts' });
  await expect(one.refresh(firing(440), NOW)).rejects.toThrow('The Alertmanager am answered 400: too many alerts');
  expect(sent()).toHaveLength(250);
  await one.refresh(firing(440), NOW);
  const over = sent().filter(({ endsAt }) => Date.parse(endsAt) === NOW);
  expect(over).toHaveLength(10);
});

test('is not asked for the other lots where it does not answer', async () => {
  hook.answers.push({ status: 503 });
  await expect(refresher().refresh(firing(450), NOW)).rejects.toThrow('answered 503');
  expect(sent()).toEqual([]);
});

test('has no alert that began in the future, which it refuses', async () => {
  await refresher().refresh(firing(1, NOW + 3_600_000), NOW);
  expect(sent().map(({ startsAt }) => Date.parse(startsAt))).toEqual([NOW]);
});
