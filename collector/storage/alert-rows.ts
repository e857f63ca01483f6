/** Alerts and messages as every store keeps them: a row with what is looked for, and the rest as JSON. */
import type { AlertRecord, Delivery, NewDelivery } from '../alerts/outbox.ts';
import { currentLabels, currentRecord, type RecordBody } from './former-alerts.ts';

/** Records shown at most; what fires comes first. */
export const RECORDS_MAX = 10_000;

type DeliveryBody = Pick<NewDelivery, 'message' | 'to' | 'labels'>;

/** JSON leaves out what is undefined. */
export function recordBody({ id: _id, state: _state, firedMs: _fired, resolvedMs: _resolved, ...body }: AlertRecord): string {
  return JSON.stringify(body satisfies RecordBody);
}

export const deliveryBody = ({ message, to, labels }: NewDelivery): string => JSON.stringify({ message, labels, to } satisfies DeliveryBody);

export function recordOf(row: Readonly<Record<string, unknown>>): AlertRecord {
  // What recordBody() made, of this version or an earlier one.
  const body = JSON.parse(String(row.body)) as RecordBody;
  return {
    ...currentRecord(body),
    id: String(row.id),
    state: row.state === 'firing' ? 'firing' : 'resolved',
    firedMs: Number(row.fired_ms),
    resolvedMs: row.resolved_ms === null ? undefined : Number(row.resolved_ms),
  };
}

export function deliveryOf(row: Readonly<Record<string, unknown>>): Delivery {
  // What deliveryBody() made, in the words of the types of alerts/outbox.ts.
  const body = JSON.parse(String(row.body)) as DeliveryBody;
  return {
    ...body,
    labels: currentLabels(body.labels),
    id: String(row.id),
    kind: String(row.kind) as Delivery['kind'],
    channel: String(row.channel),
    subject: String(row.subject),
    status: String(row.status) as Delivery['status'],
    attempts: Number(row.attempts),
    nextMs: Number(row.next_ms),
    createdMs: Number(row.created_ms),
    deliveredMs: row.delivered_ms === null ? undefined : Number(row.delivered_ms),
    error: row.error === null ? undefined : String(row.error),
  };
}
