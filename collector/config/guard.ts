/** The section `guard` of the configuration: what sessions may cost, and whom those who are stopped may ask. Hard limits are in `budgets`. */
import { z } from 'zod';
import { usd } from './shapes.ts';

const CONTACT_MAX = 120;
const TEAMS_MAX = 1_000;
const RUNAWAY_MINUTES_MAX = 120;

const contact = z.string().min(1).max(CONTACT_MAX);

const limits = {
  warn_usd: usd.optional().describe('Cost of one session, subagents included, from which the client shows a warning.'),
  stop_usd: usd.optional().describe('Cost of one session from which the guard stops it. Another session may be started.'),
};

const minutes = z.number().int().min(1).max(RUNAWAY_MINUTES_MAX);
const share = z.number().gt(0).lte(1);

const session = z.strictObject({
  ...limits,
  runaway_minutes: minutes.default(10).describe('Minutes over which the spend of a session is watched for a runaway.'),
  runaway_share: share
    .default(0.25)
    .describe(
      'A session that spends, within those minutes, all that is left of a hard limit and at least this share of its amount is stopped before the limit is reached. 1: only the limit itself stops.',
    ),
});

const team = z.strictObject({
  team: z.string().min(1),
  contact: contact.optional(),
  session: z.strictObject({ ...limits, runaway_minutes: minutes.optional(), runaway_share: share.optional() }).optional(),
});

export const guardSchema = z.strictObject({
  contact: contact.optional().describe('Whom to ask for more, as sentences name it: a name, a channel, an address.'),
  session: session.prefault({}).describe('Limits of one session; those of budgets are `hard_limit` there.'),
  cold_cache_warn_usd: usd
    .default('0.25')
    .describe('Estimated cost of a cache that has to be rebuilt, from which the client shows it when a session is resumed or changes its model.'),
  cold_cache_stop_usd: usd.optional().describe('The same, from which a change of the model is blocked. A session that is resumed is never blocked.'),
  teams: z
    .array(team)
    .max(TEAMS_MAX)
    .default([])
    .superRefine((teams, context) => {
      const seen = new Set<string>();
      for (const [index, { team: name }] of teams.entries()) {
        if (seen.has(name)) context.addIssue({ code: 'custom', path: [index, 'team'], message: 'must be unique among the teams' });
        seen.add(name);
      }
    })
    .describe('What is different for single teams; what an entry leaves out is as above.'),
});
