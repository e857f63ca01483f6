/** An address of your own that takes JSON. */
import { z } from 'zod';
import { channelName, httpUrl, secretFile } from './shapes.ts';

export const webhookSchema = z
  .strictObject({
    name: channelName,
    type: z.literal('webhook'),
    url: httpUrl.optional().describe('Address. Give either this or url_file.'),
    url_file: secretFile.optional().describe('File with the address, if it is a secret.'),
    secret_file: secretFile.optional().describe('File with the key that signs each message (HMAC-SHA256).'),
  })
  .refine(
    ({ url, url_file }) => (url === undefined) !== (url_file === undefined),
    'a channel of type webhook needs either url or, if its address is a secret, url_file; give one of them',
  );

export type WebhookConfig = z.output<typeof webhookSchema>;
