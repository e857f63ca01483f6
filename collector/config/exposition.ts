/** The `exposition:` section: what /metrics shows beside the ledger's own series, and which labels it can do without. */
import { z } from 'zod';

/** Labels that cost series, and that an operator may leave out. */
export const OPTIONAL_LABELS = ['user', 'model', 'workspace', 'repository'] as const;

export const expositionSchema = z.strictObject({
  community_series: z
    .boolean()
    .default(true)
    .describe('Also offer the names that dashboards for Claude Code by others query (claude_code_…). They are a third of all series or more.'),
  community_session_id: z
    .boolean()
    .default(false)
    .describe('Those names by session_id: sessions seen in the last 24 hours, instead of totals since the beginning.'),
  without: z
    .array(z.enum(OPTIONAL_LABELS))
    .default([])
    .describe(
      'Labels that no series carries: totals are added up over them, and gauges that have them are left out. Panels that narrow by them show no data.',
    ),
  by_team: z
    .array(z.enum(['model', 'feature']))
    .default([])
    .describe('Families that also carry the label team, so that their panels can be narrowed by it. Costs series for each team.'),
});

export type ExpositionConfig = z.output<typeof expositionSchema>;
