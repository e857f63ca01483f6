/** Opsgenie, which only Alertmanager and Grafana can speak to. */
import { z } from 'zod';
import { channelName, secretFile } from './shapes.ts';

export const opsgenieSchema = z.strictObject({
  name: channelName,
  type: z.literal('opsgenie'),
  key_file: secretFile.describe('File with the API key.'),
});
