/** A message as JSON for an address of your own, and its signature. docs/alerts.md says how to check the signature. */
import { createHmac } from 'node:crypto';
import type { Delivery } from '../../outbox.ts';

export const SIGNATURE_HEADER = 'ledgerline-signature';
/** The same for every attempt of the same message: a receiver that has seen it may answer 200 and do nothing. */
export const DELIVERY_HEADER = 'ledgerline-delivery';

export function webhookBody({ id, kind, subject, labels, createdMs, message }: Delivery): string {
  const { mood, dataAge, contributorsTitle: _, ...words } = message;
  return JSON.stringify({
    version: 1,
    id,
    kind,
    subject,
    severity: mood === 'resolved' || mood === 'digest' || mood === 'request' ? null : mood,
    at: new Date(createdMs).toISOString(),
    labels,
    ...words,
    data_age: dataAge,
  });
}

/** HMAC-SHA256 over "<Unix seconds>.<body>": the time is signed too, so that an old message cannot be replayed as a new one. */
export function signature(body: string, key: string, atSeconds: number): string {
  return `t=${atSeconds},v1=${createHmac('sha256', key).update(`${atSeconds}.${body}`).digest('hex')}`;
}
