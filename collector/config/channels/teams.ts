/** A channel of Microsoft Teams, by a workflow. */
import { z } from 'zod';
import { addressFile, channelName } from './shapes.ts';

export const teamsSchema = z.strictObject({
  name: channelName,
  type: z.literal('teams'),
  url_file: addressFile,
});

export type TeamsConfig = z.output<typeof teamsSchema>;
