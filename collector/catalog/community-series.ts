/** The ledger's totals under the names, labels and words of the client's own metrics, for boards that others made. */
import type { DimensionName, MeasureName } from './measures.ts';
import { COMMUNITY_SERIES } from './names.ts';

export interface CommunitySeries {
  readonly name: string;
  readonly measure: MeasureName;
  /** Fixed labels, beside those of the row. */
  readonly labels: Readonly<Record<string, string>>;
  /** Exposed value = measure / divisor. */
  readonly divisor: number;
}

/** Series that share their labels; each label is read from a dimension. */
export interface CommunityGroup {
  readonly labels: readonly (readonly [label: string, from: DimensionName])[];
  readonly series: readonly CommunitySeries[];
}

const series = (name: string, measure: MeasureName, labels: Readonly<Record<string, string>> = {}, divisor = 1): CommunitySeries => ({
  name,
  measure,
  labels,
  divisor,
});

const TYPES = { input_tokens: 'input', output_tokens: 'output', cache_read_tokens: 'cacheRead', cache_creation_tokens: 'cacheCreation' } as const;
/** Two exporters, with and without the unit in the name. */
const tokens = (name: string): CommunitySeries[] =>
  (Object.keys(TYPES) as (keyof typeof TYPES)[]).map((measure) => series(name, measure, { type: TYPES[measure] }));

const WHO = [
  ['organization_id', 'organization'],
  ['user_email', 'user'],
] as const;

/** The client says the model of cost and tokens only. */
export const COMMUNITY: readonly CommunityGroup[] = [
  {
    labels: [...WHO, ['model', 'model']],
    series: [
      series(COMMUNITY_SERIES.cost, 'cost', {}, 1e12),
      series(COMMUNITY_SERIES.costBare, 'cost', {}, 1e12),
      ...tokens(COMMUNITY_SERIES.tokens),
      ...tokens(COMMUNITY_SERIES.tokensBare),
    ],
  },
  {
    labels: WHO,
    series: [
      series(COMMUNITY_SERIES.sessions, 'sessions'),
      series(COMMUNITY_SERIES.linesOfCode, 'lines_added', { type: 'added' }),
      series(COMMUNITY_SERIES.linesOfCode, 'lines_removed', { type: 'removed' }),
      series(COMMUNITY_SERIES.commits, 'commits'),
      series(COMMUNITY_SERIES.pullRequests, 'pull_requests'),
      series(COMMUNITY_SERIES.editDecisions, 'edits_accepted', { decision: 'accept' }),
      series(COMMUNITY_SERIES.editDecisions, 'edits_rejected', { decision: 'reject' }),
      series(COMMUNITY_SERIES.activeTime, 'active_user_ms', { type: 'user' }, 1e3),
      series(COMMUNITY_SERIES.activeTime, 'active_cli_ms', { type: 'cli' }, 1e3),
    ],
  },
];
