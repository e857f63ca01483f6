/** GET /api/v1/alerts and `ledgerline alerts list`: what fires, what was delivered, and what could not be. */
import { z } from 'zod';
import type { AlertRecord, Delivery, Outbox } from '../alerts/outbox.ts';
import { type AnswerOf, instantSchema } from './answer-schemas.ts';
import { question } from './question.ts';
import { renderInstant } from './render.ts';
import { visibleAlerts } from './visible-alerts.ts';

const SHOWN_MAX = 200;

const alertSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    team: z.string(),
    labels: z.record(z.string(), z.string()),
    state: z.enum(['firing', 'resolved']),
    notification: z
      .enum(['pending', 'notified', 'silent'])
      .describe('pending: held back by a more severe alert or quiet hours; silent: notified before.'),
    fired_at: instantSchema,
    resolved_at: instantSchema.nullable(),
    title: z.string().nullable(),
    summary: z.string().nullable(),
    channels: z.array(z.string()).describe('Those that were notified.'),
  })
  .meta({ id: 'Alert' });
export type AlertAnswer = AnswerOf<typeof alertSchema>;

const deliverySchema = z
  .object({
    id: z.string(),
    kind: z.enum(['firing', 'resolved', 'summary', 'digest', 'request', 'test']),
    channel: z.string(),
    subject: z.string().describe('Id of the alert or name of the digest.'),
    title: z.string(),
    status: z.enum(['waiting', 'folded', 'delivered', 'dead']),
    attempts: z.number().int(),
    created_at: instantSchema,
    delivered_at: instantSchema.nullable(),
    next_attempt_at: instantSchema.nullable().describe('Null once it is delivered or given up.'),
    error: z.string().nullable().describe('Of the last attempt.'),
  })
  .meta({ id: 'Delivery' });
export type DeliveryAnswer = AnswerOf<typeof deliverySchema>;

const newest = (what: string): string => `${what}; the newest ${SHOWN_MAX}, the newest first.`;

const answerSchema = z
  .object({
    delivering: z.boolean().describe('False while Prometheus or Grafana evaluate and deliver; then nothing fires here.'),
    firing: z.array(alertSchema).describe('The newest first.'),
    resolved: z.array(alertSchema).describe(newest('Resolved alerts')),
    waiting: z.array(deliverySchema).describe(newest('Deliveries on their way')),
    delivered: z.array(deliverySchema).describe(newest('Deliveries that arrived')),
    dead: z.array(deliverySchema).describe(newest('Deliveries that are given up')),
  })
  .meta({ id: 'Alerts' });
export type AlertsAnswer = AnswerOf<typeof answerSchema>;

export const ALERTS = question<undefined, AlertsAnswer>({
  id: 'alerts',
  path: '/alerts',
  isOfPrimary: true,
  summary: 'What fires, what was delivered, and what could not be.',
  description: 'Those who see part of the ledger get the alerts that are about it alone, and no summaries or digests, which are about more.',
  parameters: {},
  answer: answerSchema,
  parse: () => undefined,
  ask: async (_, asking) => listAlerts(asking.scope === 'all' ? asking.alerts : await visibleAlerts(asking), asking.config.alerts.deliver),
});

export async function listAlerts(outbox: Pick<Outbox, 'records' | 'deliveries'>, delivering: boolean): Promise<AlertsAnswer> {
  // Looked at one after the other: what is delivered in between may stand in two lists.
  const records = await outbox.records();
  const listed = async (status: Delivery['status']) => (await outbox.deliveries(status, SHOWN_MAX)).map(renderDelivery);
  return {
    delivering,
    firing: records.filter(({ state }) => state === 'firing').map(renderAlert),
    resolved: records
      .filter(({ state }) => state === 'resolved')
      .slice(0, SHOWN_MAX)
      .map(renderAlert),
    waiting: await listed('waiting'),
    delivered: await listed('delivered'),
    dead: await listed('dead'),
  };
}

const renderAlert = ({
  id,
  name,
  severity,
  team,
  labels,
  state,
  notification,
  firedMs,
  resolvedMs,
  message,
  channels,
}: AlertRecord): AlertAnswer => ({
  id,
  name,
  severity,
  team,
  labels,
  state,
  notification,
  fired_at: renderInstant(firedMs),
  resolved_at: renderInstant(resolvedMs),
  title: message?.title ?? null,
  summary: message?.summary ?? null,
  channels,
});

const renderDelivery = ({
  id,
  kind,
  channel,
  subject,
  message,
  attempts,
  createdMs,
  deliveredMs,
  nextMs,
  status,
  error,
}: Delivery): DeliveryAnswer => ({
  id,
  kind,
  channel,
  subject,
  title: message.title,
  status,
  attempts,
  created_at: renderInstant(createdMs),
  delivered_at: renderInstant(deliveredMs),
  next_attempt_at: status === 'waiting' ? renderInstant(nextMs) : null,
  error: error ?? null,
});
