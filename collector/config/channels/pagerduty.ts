/** PagerDuty, which only Alertmanager and Grafana can speak to. */
import { z } from 'zod';
import { channelName, secretFile } from './shapes.ts';

export const pagerdutySchema = z.strictObject({
  name: channelName,
  type: z.literal('pagerduty'),
  key_file: secretFile.describe('File with the routing key.'),
});
