/** Which measure of the catalogue is which series on /metrics. The exposition, the boards and the backfill read this table. */
import type { MeasureName } from './measures.ts';
import { COMMUNITY_SERIES, LABELS, SERIES } from './names.ts';

export interface MeasureSeries {
  readonly series: string;
  /** Fixed labels, beside those of the row. */
  readonly labels: Readonly<Record<string, string>>;
  /** Exposed value = measure / divisor: series are in base units. */
  readonly divisor: number;
}

const plain = (series: string, labels: Record<string, string> = {}, divisor = 1): MeasureSeries => ({ series, labels, divisor });

/** Lifetime totals, with the labels LEDGER_LABELS. Money is held in pico-dollars and exposed in USD. */
export const LEDGER_SERIES = {
  cost: plain(SERIES.cost, {}, 1e12),
  cost_events: plain(SERIES.costEvents, {}, 1e12),
  cost_metrics: plain(SERIES.costMetrics, {}, 1e12),
  cost_list: plain(SERIES.costList, {}, 1e12),
  input_tokens: plain(SERIES.tokens, { [LABELS.tokenClass]: 'input' }),
  output_tokens: plain(SERIES.tokens, { [LABELS.tokenClass]: 'output' }),
  cache_read_tokens: plain(SERIES.tokens, { [LABELS.tokenClass]: 'cache_read' }),
  cache_creation_tokens: plain(SERIES.tokens, { [LABELS.tokenClass]: 'cache_creation' }),
  requests: plain(SERIES.requests),
  errors: plain(SERIES.errors),
  sessions: plain(SERIES.sessions),
  lines_added: plain(SERIES.linesOfCode, { [LABELS.type]: 'added' }),
  lines_removed: plain(SERIES.linesOfCode, { [LABELS.type]: 'removed' }),
  commits: plain(SERIES.commits),
  pull_requests: plain(SERIES.pullRequests),
  active_user_ms: plain(SERIES.activeSeconds, { [LABELS.type]: 'user' }, 1e3),
  active_cli_ms: plain(SERIES.activeSeconds, { [LABELS.type]: 'cli' }, 1e3),
} as const satisfies Partial<Record<MeasureName, MeasureSeries>>;

export type ExposedMeasure = keyof typeof LEDGER_SERIES;

const typed = (names: readonly string[], type?: string, divisor = 1): readonly MeasureSeries[] =>
  names.map((name) => plain(name, type === undefined ? {} : { [LABELS.type]: type }, divisor));

const COST_NAMES = [COMMUNITY_SERIES.cost, COMMUNITY_SERIES.costBare];
const TOKEN_NAMES = [COMMUNITY_SERIES.tokens, COMMUNITY_SERIES.tokensBare];

/** The same totals under the names and in the words of the client's own metrics, for boards that others made. */
export const COMMUNITY: Readonly<Partial<Record<MeasureName, readonly MeasureSeries[]>>> = {
  cost: typed(COST_NAMES, undefined, 1e12),
  input_tokens: typed(TOKEN_NAMES, 'input'),
  output_tokens: typed(TOKEN_NAMES, 'output'),
  cache_read_tokens: typed(TOKEN_NAMES, 'cacheRead'),
  cache_creation_tokens: typed(TOKEN_NAMES, 'cacheCreation'),
  sessions: typed([COMMUNITY_SERIES.sessions]),
  lines_added: typed([COMMUNITY_SERIES.linesOfCode], 'added'),
  lines_removed: typed([COMMUNITY_SERIES.linesOfCode], 'removed'),
  commits: typed([COMMUNITY_SERIES.commits]),
  pull_requests: typed([COMMUNITY_SERIES.pullRequests]),
  edits_accepted: [plain(COMMUNITY_SERIES.editDecisions, { decision: 'accept' })],
  edits_rejected: [plain(COMMUNITY_SERIES.editDecisions, { decision: 'reject' })],
  active_user_ms: typed([COMMUNITY_SERIES.activeTime], 'user', 1e3),
  active_cli_ms: typed([COMMUNITY_SERIES.activeTime], 'cli', 1e3),
};

/** Labels of the community's series, and the dimension each is read from. */
export const COMMUNITY_LABELS = { organization_id: 'organisation', user_email: 'user', model: 'model' } as const;
