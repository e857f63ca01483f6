import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AlertRecord, Delivery } from '../../collector/alerts/outbox.ts';
import { ALERTS as NAMES } from '../../collector/catalog/alert-names.ts';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import { ALERTS } from '../../collector/query/alerts.ts';
import { askingAs } from '../../collector/query/question.ts';
import { event, NOON } from '../support/entries.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const BUDGETS = [
  { name: 'everybody', scope: {}, period: 'month', amount_usd: '1.00' },
  { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '1.00' },
  { name: 'each', scope: {}, per: 'user', period: 'month', amount_usd: '1.00' },
];

const record = (id: string, labels: Record<string, string>): AlertRecord => ({
  ...{ id, name: NAMES.budgetThreshold, severity: 'warning', team: labels.team ?? '', group: id, labels, state: 'firing' },
  ...{ notification: 'notified', endsMs: undefined, firedMs: NOON, resolvedMs: undefined, message: undefined, channels: ['mail'] },
});

const RECORDS = [
  record('budget/everybody', { budget: 'everybody', scope: 'everything' }),
  record('budget/platform', { budget: 'platform', scope: 'team=platform', team: 'platform' }),
  record('budget/platform, as it was', { budget: 'platform', scope: 'team=search', team: 'search' }),
  record('budget/removed', { budget: 'removed', scope: 'team=platform', team: 'platform' }),
  record('budget/each/ada', { budget: 'each/ada@example.com', scope: 'user=ada@example.com' }),
  record('budget/each/bob', { budget: 'each/bob@example.com', scope: 'user=bob@example.com' }),
  record('anomaly/unusual_spend/team=platform', { scope: 'team=platform', team: 'platform' }),
  record('anomaly/unusual_spend/everything', { scope: 'everything' }),
  record('anomaly/runaway/critical/session=own', { scope: 'session=own' }),
  record('anomaly/runaway/warning/session=shared', { scope: 'session=shared' }),
  record('anomaly/runaway/session=gone', { scope: 'session=gone' }),
  record('session/own/platform', { budget: 'platform', scope: 'team=platform', session: 'own' }),
  record('session/other/platform', { budget: 'platform', scope: 'team=platform', session: 'other' }),
  record('share/unpriced', {}),
];

const delivery = (id: string, kind: Delivery['kind'], subject: string): Delivery => ({
  ...{ id, kind, subject, channel: 'mail', labels: {}, to: undefined, createdMs: NOON, status: 'delivered', attempts: 1, nextMs: NOON },
  ...{ deliveredMs: NOON, error: undefined },
  message: { mood: 'warning', title: id, summary: '', facts: [], used: undefined, contributors: [], contributorsTitle: '', dataAge: '', links: [] },
});
const DELIVERIES = [
  delivery('d1', 'firing', 'budget/platform'),
  delivery('d2', 'firing', 'budget/everybody'),
  delivery('d3', 'summary', 'budget/platform'),
  delivery('d4', 'digest', 'weekly'),
];

let questioned: Questioned;
beforeAll(async () => {
  questioned = await openQuestioned(NOON, { budgets: BUDGETS });
  await questioned.append(
    event({ id: '1', sessionId: 'own', user: 'ada@example.com', team: 'platform' }),
    event({ id: '2', sessionId: 'other', user: 'eve@example.com', team: 'search' }),
    event({ id: '3', sessionId: 'shared', user: 'ada@example.com', team: 'platform' }),
    event({ id: '4', sessionId: 'shared', user: 'eve@example.com', team: 'search' }),
  );
});
afterAll(() => questioned.close());

async function seen(scope: ReadScope) {
  const outbox = { records: async () => RECORDS, deliveries: async (status: unknown) => (status === 'delivered' ? DELIVERIES : []) };
  const { answer } = await ALERTS.respond({ parameters: new URLSearchParams() }, askingAs({ ...questioned.asking, alerts: outbox }, scope));
  const { firing, delivered } = ALERTS.answer.parse(answer);
  return { alerts: firing.map(({ id }) => id), deliveries: delivered.map(({ id }) => id) };
}

test('who sees everything sees every alert and delivery', async () => {
  expect(await seen('all')).toEqual({ alerts: RECORDS.map(({ id }) => id), deliveries: ['d1', 'd2', 'd3', 'd4'] });
});

test('a team lead sees what is about the team throughout', async () => {
  expect(await seen([{ dimension: 'team', values: ['platform'] }])).toEqual({
    alerts: ['budget/platform', 'anomaly/unusual_spend/team=platform', 'anomaly/runaway/critical/session=own', 'session/own/platform'],
    deliveries: ['d1'],
  });
});

test('a user sees the own part of a budget per user, and the own sessions', async () => {
  expect(await seen([{ dimension: 'user', values: ['ada@example.com'] }])).toEqual({
    alerts: ['budget/each/ada', 'anomaly/runaway/critical/session=own'],
    deliveries: [],
  });
});
