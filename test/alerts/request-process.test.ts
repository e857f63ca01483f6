/** A request for more in a real collector that delivers no alerts: from the command's question to the webhook, over its link to the raise. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { MyBudgetAnswer } from '../../collector/query/my-budget.ts';
import type { RequestAnswer } from '../../collector/query/request-answers.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { waitFor } from '../support/wait.ts';
import { type Hook, hookAndMail, type MailServer, startHook, startMailServer } from './receivers.ts';

let data: string;
let hook: Hook;
let mail: MailServer;
let collector: CollectorProcess | undefined;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'ledgerline-requesting-'));
  hook = await startHook();
  mail = await startMailServer();
});
afterEach(async () => {
  await collector?.stop();
  await mail.stop();
  await hook.stop();
  await rm(data, { recursive: true, force: true });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const config = () => ({
  budgets: [{ name: 'everybody', period: 'month', amount_usd: '100.00', hard_limit: true }],
  auth: {
    tokens: [
      { name: 'ada-laptop', role: 'ingest', user: 'ada@example.com', sha256: sha256('ada') },
      { name: 'ops', role: 'admin', sha256: sha256('ops') },
    ],
  },
  server: { public_url: 'http://ledgerline.test' },
  alerts: { channels: [...hookAndMail(hook, mail), { name: 'pager', type: 'pagerduty', key_file: join(data, 'none') }] },
});
const at = (path: string): string => `http://127.0.0.1:${collector?.ports.api}${path}`;
const ADA = { authorization: 'Bearer ada' };

interface Message {
  readonly kind: string;
  readonly title: string;
  readonly links: readonly { readonly title: string; readonly url: string }[];
}
const messages = (): readonly Message[] => hook.received.map(({ body }) => JSON.parse(body) as Message);

test('is asked with a token that only sends, and approved over the link that a channel got, once', async () => {
  collector = await spawnCollector(data, config());
  expect((await stat(join(data, 'request-links.key'))).mode & 0o777).toBe(0o600);
  const body = JSON.stringify({ by: '50', why: 'a release' });
  const asked = await fetch(at('/api/v1/me/budget/requests'), { method: 'POST', headers: { ...ADA, 'content-type': 'application/json' }, body });
  expect([asked.status, await asked.json()]).toMatchObject([
    201,
    { state: 'open', key: 'everybody', user: 'ada@example.com' } satisfies Partial<RequestAnswer>,
  ]);
  const [message] = await waitFor('the request', messages, { until: (all) => all.length === 1 });
  expect(message).toMatchObject({ kind: 'request', title: 'ada@example.com asks for $50.00 more: budget everybody' });

  // What has come and is not yet marked would rightly come again after a kill.
  const delivered = async (): Promise<number> => {
    const answer = await fetch(at('/api/v1/alerts'), { headers: { authorization: 'Bearer ops' } });
    return ((await answer.json()) as { readonly delivered: readonly unknown[] }).delivered.length;
  };
  await waitFor('both messages marked as delivered', delivered, { until: (count) => count === 2 });
  await collector.kill();
  collector = await spawnCollector(data, config());
  const [approve] = message?.links ?? [];
  expect(approve?.title).toBe('Approve');
  const path = approve?.url.replace('http://ledgerline.test', '') ?? '';
  expect(await (await fetch(at(path))).text()).toContain('ada@example.com asks for $50.00 more of everybody');
  const approved = await fetch(at(path), { method: 'POST', body: new URLSearchParams(), redirect: 'manual' });
  expect([approved.status, approved.headers.get('location')]).toEqual([303, path]);
  const mine = (await (await fetch(at('/api/v1/me/budget'), { headers: ADA })).json()) as MyBudgetAnswer;
  expect(mine).toMatchObject({ budgets: [{ limit: '150.00' }], requests: [{ state: 'approved', decision: { who: 'link:hook' } }] });
  await waitFor('the answer by mail, to whoever asked, too', () => mail.received.map(({ subject }) => subject), {
    until: (subjects) => subjects.filter((subject) => subject.startsWith('Approved: $50.00 more')).length === 2,
  });
  expect(messages().map(({ title }) => title)).toEqual([
    'ada@example.com asks for $50.00 more: budget everybody',
    'Approved: $50.00 more for ada@example.com, budget everybody',
  ]);
}, 240_000);
