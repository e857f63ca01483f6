/** GET /api/v1/alerts and `ledgerline alerts list`: what fires, what was delivered, and what could not be. */
import type { AlertRecord, Delivery, Outbox } from '../alerts/outbox.ts';
import { renderInstant } from './render.ts';

const SHOWN_MAX = 200;

export interface AlertAnswer extends Pick<AlertRecord, 'id' | 'name' | 'severity' | 'team' | 'labels' | 'state' | 'channels'> {
  /** notified, pending (hidden by a more severe alert, or quiet hours) or silent (notified before). */
  readonly notification: AlertRecord['notification'];
  readonly fired_at: string;
  readonly resolved_at: string | null;
  readonly title: string | null;
  readonly summary: string | null;
}

export interface DeliveryAnswer extends Pick<Delivery, 'id' | 'kind' | 'channel' | 'subject' | 'status' | 'attempts'> {
  readonly title: string;
  readonly created_at: string;
  readonly delivered_at: string | null;
  /** Null once it is delivered or given up. */
  readonly next_attempt_at: string | null;
  readonly error: string | null;
}

export interface AlertsAnswer {
  /** False while others evaluate and deliver; then nothing fires here. */
  readonly delivering: boolean;
  readonly firing: readonly AlertAnswer[];
  readonly resolved: readonly AlertAnswer[];
  readonly waiting: readonly DeliveryAnswer[];
  readonly delivered: readonly DeliveryAnswer[];
  readonly dead: readonly DeliveryAnswer[];
}

export function listAlerts(outbox: Pick<Outbox, 'records' | 'deliveries'>, delivering: boolean): AlertsAnswer {
  const records = outbox.records();
  return {
    delivering,
    firing: records.filter(({ state }) => state === 'firing').map(renderAlert),
    resolved: records
      .filter(({ state }) => state === 'resolved')
      .slice(0, SHOWN_MAX)
      .map(renderAlert),
    waiting: outbox.deliveries('waiting', SHOWN_MAX).map(renderDelivery),
    delivered: outbox.deliveries('delivered', SHOWN_MAX).map(renderDelivery),
    dead: outbox.deliveries('dead', SHOWN_MAX).map(renderDelivery),
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
