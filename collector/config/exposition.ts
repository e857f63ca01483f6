/** The `exposition:` section: what /metrics shows beside the ledger's own series, and which labels it can do without. */
import { z } from 'zod';

/** Labels that cost series, and that an operator may leave out. */
export const OPTIONAL_LABELS = ['user', 'model', 'workspace', 'repository'] as const;

export const expositionSchema = z.strictObject({
  community_series: z
    .boolean()
    .default(true)
    .describe(
      'Also expose the series names that community dashboards for Claude Code query (claude_code_…). They are a third of all series or more.',
    ),
  community_session_id: z
    .boolean()
    .default(false)
    .describe('Community series by session_id, for sessions seen in the last 24 hours, instead of totals since the beginning.'),
  without: z
    .array(z.enum(OPTIONAL_LABELS))
    .default([])
    .describe(
      'Labels to leave out of all series: totals are summed over them, and gauges that have them are left out. Panels that filter by them show no data.',
    ),
  by_team: z
    .array(z.enum(['model', 'feature']))
    .default([])
    .describe('Families that also carry the label team, so that their panels can be filtered by it. Adds series for each team.'),
});

export type ExpositionConfig = z.output<typeof expositionSchema>;
