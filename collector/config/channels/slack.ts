/** A channel of Slack, by an incoming webhook. */
import { z } from 'zod';
import { addressFile, channelName } from './shapes.ts';

export const slackSchema = z.strictObject({
  name: channelName,
  type: z.literal('slack'),
  url_file: addressFile,
});

export type SlackConfig = z.output<typeof slackSchema>;
