/** Costs of a team, a workspace or jobs that others share in a chargeback. */
import { z } from 'zod';

const name = z.string().min(1).max(200);
const month = z.string().regex(/^20\d{2}-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-11');

export const sharedCostSchema = z
  .strictObject({
    name,
    team: name.optional().describe('All that is booked on this team.'),
    workspace: name.optional().describe('All that is booked on this workspace.'),
    job: name.optional().describe('All that is booked on these jobs of CI; * matches any characters.'),
    split: z
      .enum(['fixed', 'heads', 'spend'])
      .describe('fixed: by shares. heads: by the users of each team who sent anything in the month. spend: by what each team spends itself.'),
    shares: z
      .record(name, z.number().positive().max(1_000_000))
      .optional()
      .describe('Team to share, of split: fixed. In proportion: they need not add up to 100.'),
    among: z.array(name).min(1).optional().describe('Teams that share, of heads and spend. Default: all with spend of their own.'),
    from: month.optional().describe('First month. Default: since the beginning.'),
    until: month.optional().describe('The month in which it no longer holds.'),
  })
  .superRefine(({ team, workspace, job, split, shares, among }, context) => {
    const refuse = (message: string): void => void context.addIssue({ code: 'custom', message });
    if ([team, workspace, job].filter((one) => one !== undefined).length !== 1) refuse('needs exactly one of team, workspace and job');
    if ((split === 'fixed') !== (shares !== undefined)) refuse('has shares where split is fixed, and only there');
    if (split === 'fixed' && among !== undefined) refuse('has among, which is for heads and spend; name the teams in shares');
  });

export type SharedCost = z.output<typeof sharedCostSchema>;
