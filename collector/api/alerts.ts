/** GET /api/v1/alerts: what fires, what was delivered, and what could not be: the collector's own alerting as others see it. */
import type { RequestHandler } from 'express';
import type { AlertBook, AlertRecord, Delivery } from '../alerts/outbox.ts';
import type { Config } from '../config/config.ts';
import { readParameters } from '../query/parameters.ts';
import { renderInstant } from '../query/render.ts';

export interface AlertContext {
  readonly config: Config;
  readonly alerts: Pick<AlertBook, 'records' | 'deliveries'>;
}

const SHOWN_MAX = 200;

export const alerts =
  ({ config, alerts: book }: AlertContext): RequestHandler =>
  (request, response) => {
    readParameters(request.originalUrl, []);
    response.json(listAlerts(book, config.alerts.deliver));
  };

/** `delivering`: false while others evaluate and deliver; then nothing fires here. */
export function listAlerts(book: AlertContext['alerts'], delivering: boolean) {
  const records = book.records();
  return {
    delivering,
    firing: records.filter(({ state }) => state === 'firing').map(renderAlert),
    resolved: records
      .filter(({ state }) => state === 'resolved')
      .slice(0, SHOWN_MAX)
      .map(renderAlert),
    waiting: book.deliveries('waiting', SHOWN_MAX).map(renderDelivery),
    delivered: book.deliveries('delivered', SHOWN_MAX).map(renderDelivery),
    dead: book.deliveries('dead', SHOWN_MAX).map(renderDelivery),
  };
}

export type AlertsAnswer = ReturnType<typeof listAlerts>;

const renderAlert = ({ id, name, severity, team, labels, state, telling, firedMs, resolvedMs, message, channels }: AlertRecord) => ({
  id,
  name,
  severity,
  team,
  labels,
  state,
  /** told, pending (hidden by a graver alert, or quiet hours) or silent (told before). */
  telling,
  fired_at: renderInstant(firedMs),
  resolved_at: renderInstant(resolvedMs),
  title: message?.title ?? null,
  summary: message?.summary ?? null,
  channels,
});

const renderDelivery = ({ id, kind, channel, subject, message, attempts, createdMs, deliveredMs, nextMs, status, error }: Delivery) => ({
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
