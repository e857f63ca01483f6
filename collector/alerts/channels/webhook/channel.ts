/** Posts to an address of your own, signed where there is a key. */
import type { WebhookConfig } from '../../../config/channels/webhook.ts';
import type { Channel } from '../../outbox.ts';
import { postJson } from '../http-post.ts';
import { readSecret } from '../secret.ts';
import { DELIVERY_HEADER, SIGNATURE_HEADER, signature, webhookBody } from './render.ts';

export const webhookChannel = ({ name, url, url_file = '', secret_file }: WebhookConfig, now: () => number): Channel => ({
  async deliver(delivery) {
    const body = webhookBody(delivery);
    const headers: Record<string, string> = { [DELIVERY_HEADER]: delivery.id };
    if (secret_file !== undefined) {
      headers[SIGNATURE_HEADER] = signature(body, readSecret(secret_file, `alerts.channels: ${name}: secret_file`), Math.floor(now() / 1000));
    }
    const address = url ?? readSecret(url_file, `alerts.channels: ${name}: url_file`);
    await postJson({ url: address, body, headers, receiver: `The webhook ${name}` });
  },
});
