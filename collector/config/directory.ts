/** The section `directory`: where users, teams and cost centers come from. docs/directory.md describes the feeds. */
import { z } from 'zod';
import { DAY_MESSAGE, isDay } from '../core/day.ts';
import { sharedCostSchema } from './shared-costs.ts';

const file = z.string().min(1);
const name = z.string().min(1).max(60).optional().describe('What the feed is called where its facts are shown. Default: its type.');
const from = z
  .string()
  .refine(isDay, DAY_MESSAGE)
  .optional()
  .describe('First UTC day on which the memberships of the files hold: they have no dates. Default: since the beginning.');
const groups = z
  .record(z.string().min(1), z.string().min(1))
  .optional()
  .describe('Group to team; groups that are not named are no teams. Default: each group is the team of its name.');
const teamColumn = z.string().min(1).optional().describe('Header of the column of users_file that names the team, such as Department.');
const usersFile = file.optional().describe('CSV of users.');

const yamlFeed = z.strictObject({ type: z.literal('yaml'), name, file: file.describe('As attribution.directory_file.') });

const csvFeed = z.strictObject({
  type: z.literal('csv'),
  name,
  file: file.describe('CSV with the columns user, name, aliases, team, workspace, cost_center, department, from, until.'),
});

const oktaFeed = z.strictObject({
  type: z.literal('okta'),
  name,
  users_file: usersFile,
  groups_file: file.optional().describe('CSV with a row for each user and group.'),
  team_column: teamColumn,
  groups,
  from,
});

const entraFeed = z.strictObject({
  type: z.literal('entra'),
  name,
  users_file: usersFile,
  members: z
    .array(
      z.strictObject({ file: file.describe('CSV of the members of one group.'), team: z.string().min(1).describe('The team that the group is.') }),
    )
    .default([])
    .describe('Downloaded members of groups.'),
  team_column: teamColumn,
  from,
});

const googleFeed = z.strictObject({
  type: z.literal('google'),
  name,
  users_file: file.describe('CSV of users.'),
  team_column: teamColumn,
  from,
});

const scimFeed = z.strictObject({ type: z.literal('scim'), name, groups });

const feed = z.discriminatedUnion('type', [yamlFeed, csvFeed, oktaFeed, entraFeed, googleFeed, scimFeed]);

export const directorySchema = z.strictObject({
  feeds: z
    .array(feed)
    .default([])
    .describe('In the order in which they decide, after attribution.directory_file. Of each fact the first feed that has it wins.')
    .refine((feeds) => feeds.filter(({ type }) => type === 'scim').length < 2, 'has two feeds of SCIM: there is one')
    .refine((feeds) => new Set(feeds.map(feedName)).size === feeds.length, 'has two feeds of one name: give each a name of its own'),
  team_priority: z
    .array(z.string().min(1))
    .default([])
    .describe('Of a user with several teams at a time, the first of these owns the spend; without one, the team that lies deepest below others.'),
  shared_costs: z
    .array(sharedCostSchema)
    .default([])
    .describe('Costs that teams share in a chargeback. A cost is shared by the first entry that it matches.')
    .refine((costs) => new Set(costs.map((cost) => cost.name)).size === costs.length, 'has two entries of one name: give each a name of its own'),
});

export type FeedConfig = z.output<typeof feed>;

export const feedName = ({ name: own, type }: Pick<FeedConfig, 'name' | 'type'>): string => own ?? type;
