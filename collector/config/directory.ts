/** The section `directory`: where users, teams and cost centers come from. docs/directory.md describes the feeds. */
import { z } from 'zod';

const name = z.string().min(1).max(60).optional().describe('What the feed is called where its facts are shown. Default: its type.');

const yamlFeed = z.strictObject({ type: z.literal('yaml'), name, file: z.string().min(1).describe('As attribution.directory_file.') });

const feed = z.discriminatedUnion('type', [yamlFeed]);

export const directorySchema = z.strictObject({
  feeds: z
    .array(feed)
    .default([])
    .describe('In the order in which they decide, after attribution.directory_file. Of each fact the first feed that has it wins.')
    .refine((feeds) => new Set(feeds.map(feedName)).size === feeds.length, 'has two feeds of one name: give each a name of its own'),
  team_priority: z
    .array(z.string().min(1))
    .default([])
    .describe('Of a user with several teams at a time, the first of these owns the spend; without one, the team that lies deepest below others.'),
});

export type FeedConfig = z.output<typeof feed>;

export const feedName = ({ name: own, type }: Pick<FeedConfig, 'name' | 'type'>): string => own ?? type;
