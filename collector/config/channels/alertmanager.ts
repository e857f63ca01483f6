/** An Alertmanager elsewhere. */
import { z } from 'zod';
import { channelName, httpUrl } from './shapes.ts';

export const alertmanagerSchema = z.strictObject({
  name: channelName,
  type: z.literal('alertmanager'),
  url: httpUrl.describe('Address.'),
});

export type AlertmanagerConfig = z.output<typeof alertmanagerSchema>;
