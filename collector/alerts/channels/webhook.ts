/** A message as JSON to an address of your own, signed. docs/alerts.md tells receivers how to check the signature. */
import { createHmac } from 'node:crypto';
import type { Channel, Delivery } from '../outbox.ts';
import { postJson } from './http-post.ts';
import { readSecret } from './secret.ts';

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
    severity: mood === 'resolved' || mood === 'digest' ? null : mood,
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

export interface WebhookOptions {
  readonly name: string;
  readonly url: string | undefined;
  /** Holds the address where that is a secret. */
  readonly urlFile: string | undefined;
  readonly secretFile: string | undefined;
  readonly now: () => number;
}

export const webhookChannel = ({ name, url, urlFile = '', secretFile, now }: WebhookOptions): Channel => ({
  async deliver(delivery) {
    const body = webhookBody(delivery);
    const headers: Record<string, string> = { [DELIVERY_HEADER]: delivery.id };
    if (secretFile !== undefined) {
      headers[SIGNATURE_HEADER] = signature(body, readSecret(secretFile, `alerts.channels: ${name}: secret_file`), Math.floor(now() / 1000));
    }
    const address = url ?? readSecret(urlFile, `alerts.channels: ${name}: url_file`);
    await postJson({ url: address, body, headers, receiver: `The webhook ${name}` });
  },
});
