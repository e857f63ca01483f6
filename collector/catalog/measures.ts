/**
 * The catalog: what can be measured, and by what it can be grouped. The REST API, the CLI, /metrics,
 * the boards and the alert rules are renderings of queries over these two lists, and the ledger's
 * columns are made from them. A new measure or dimension is one entry here.
 */

import { costBy, SOURCE_NAMES, SOURCES, type Source } from './sources.ts';

export type Unit = 'usd' | 'tokens' | 'ms' | 'count';

export interface Measure {
  /** Stable for ever: entries on disk refer to it. Never reuse a number. */
  readonly id: number;
  readonly unit: Unit;
  /** Reconciled measures are reported by several sources (sources.ts) and booked once, see booking.ts. */
  readonly reconciled: boolean;
  readonly description: string;
}

const measure = (id: number, unit: Unit, description: string, reconciled = false): Measure => ({ id, unit, reconciled, description });

const sourceCosts = Object.fromEntries(
  SOURCE_NAMES.map((source) => [costBy(source), measure(SOURCES[source].measureId, 'usd', SOURCES[source].description)]),
) as Record<`cost_${Source}`, Measure>;

export const MEASURES = {
  cost: measure(1, 'usd', 'Booked cost: what events report, and what the metric reports beyond them.', true),
  ...sourceCosts,
  cost_list: measure(4, 'usd', 'Cost of the api_request events at the list price of their day.'),
  input_tokens: measure(5, 'tokens', 'Uncached input tokens, booked.', true),
  output_tokens: measure(6, 'tokens', 'Output tokens, booked.', true),
  cache_read_tokens: measure(7, 'tokens', 'Input tokens read from the prompt cache, booked.', true),
  cache_creation_tokens: measure(8, 'tokens', 'Input tokens written to the prompt cache, booked.', true),
  cache_creation_1h_tokens: measure(
    9,
    'tokens',
    'Part of cache_creation_tokens written with the one-hour lifetime, as events report it or their cost shows.',
  ),
  unpriced_tokens: measure(10, 'tokens', 'Tokens of api_request events with a model that has no list price.'),
  unbilled_tokens: measure(11, 'tokens', 'Tokens of failed attempts that the client reports at zero cost; counted in no other token measure.'),
  requests: measure(12, 'count', 'Successful API requests (api_request events).'),
  errors: measure(13, 'count', 'API requests that failed after all retries (api_error events).'),
  retries_exhausted: measure(14, 'count', 'Failures after the last retry (api_retries_exhausted events).'),
  refusals: measure(15, 'count', 'Requests the model refused (api_refusal events).'),
  api_duration_ms: measure(16, 'ms', 'Time spent waiting for successful API requests.'),
  ttft_ms: measure(17, 'ms', 'Sum of the times to first token of ttft_requests.'),
  ttft_requests: measure(18, 'count', 'Requests that report a time to first token.'),
  sessions: measure(19, 'count', 'Sessions, counted when first seen; agents_view processes are left out.'),
  session_starts: measure(20, 'count', 'Process starts (claude_code.session.count): fresh, resumed and continued.'),
  prompts: measure(21, 'count', 'Prompts that users sent (user_prompt events).'),
  active_user_ms: measure(22, 'ms', 'Time a user was active at the keyboard.'),
  active_cli_ms: measure(23, 'ms', 'Time tools and models were running.'),
  lines_added: measure(24, 'count', 'Lines of code added.'),
  lines_removed: measure(25, 'count', 'Lines of code removed.'),
  commits: measure(26, 'count', 'Git commits made through Claude Code.'),
  pull_requests: measure(27, 'count', 'Pull or merge requests made through Claude Code.'),
  edits_accepted: measure(28, 'count', 'Edit, Write and NotebookEdit permissions that were granted.'),
  edits_rejected: measure(29, 'count', 'Edit, Write and NotebookEdit permissions that were refused.'),
  tool_calls: measure(30, 'count', 'Tool executions (tool_result events).'),
  tool_failures: measure(31, 'count', 'Tool executions that failed.'),
  tool_duration_ms: measure(32, 'ms', 'Time spent in tools.'),
  compactions: measure(33, 'count', 'Context compactions.'),
  subagents: measure(34, 'count', 'Subagent runs that completed.'),
  events: measure(35, 'count', 'Other events, by the dimension event.'),
  cost_list_uncached: measure(
    36,
    'usd',
    'What the api_request events would have cost at list price without a prompt cache: all input at the input price.',
  ),
  requests_le_2500_ms: measure(
    37,
    'count',
    'Successful API requests that took at most 2.5 s. Cumulative, like the buckets of a Prometheus histogram.',
  ),
  requests_le_5000_ms: measure(38, 'count', 'Successful API requests that took at most 5 s.'),
  requests_le_10000_ms: measure(39, 'count', 'Successful API requests that took at most 10 s.'),
  requests_le_20000_ms: measure(40, 'count', 'Successful API requests that took at most 20 s.'),
  requests_le_40000_ms: measure(41, 'count', 'Successful API requests that took at most 40 s.'),
  ttft_requests_le_1000_ms: measure(42, 'count', 'Requests with a time to first token of at most 1 s, of ttft_requests. Cumulative.'),
  ttft_requests_le_2000_ms: measure(43, 'count', 'Requests with a time to first token of at most 2 s.'),
  ttft_requests_le_4000_ms: measure(44, 'count', 'Requests with a time to first token of at most 4 s.'),
  ttft_requests_le_8000_ms: measure(45, 'count', 'Requests with a time to first token of at most 8 s.'),
  requests_le_80000_ms: measure(46, 'count', 'Successful API requests that took at most 80 s.'),
  requests_le_160000_ms: measure(47, 'count', 'Successful API requests that took at most 160 s.'),
  ttft_requests_le_16000_ms: measure(48, 'count', 'Requests with a time to first token of at most 16 s.'),
  ttft_requests_le_32000_ms: measure(49, 'count', 'Requests with a time to first token of at most 32 s.'),
  cost_estimated: measure(50, 'usd', 'Part of the booked cost that is list price, because no source reported the cost of the usage.'),
  cost_unreconciled: measure(
    51,
    'usd',
    'Cost that is held back and not in the booked cost: it was reported without session and user, and may be what other sessions report too.',
  ),
  cost_set_aside: measure(
    52,
    'usd',
    'Cost that is not in the booked cost, because its records are dated outside ingest_window. At the time of its arrival; gone again once the records are booked.',
  ),
  cost_contracted: measure(
    53,
    'usd',
    'Cost of the api_request events at contracted prices: list price with the discounts, provisioned capacity and overrides of the configuration.',
  ),
  cost_list_uncertain: measure(
    54,
    'usd',
    'How much more cost_list would be if all cache writes with an unknown lifetime were one-hour writes; they are priced as five-minute writes.',
  ),
} as const satisfies Record<string, Measure>;

/**
 * Upper bounds of the latency buckets, milliseconds: the measures requests_le_<bound>_ms and ttft_requests_le_<bound>_ms. The
 * ledger counts them by an entry's api_duration_ms and ttft_ms; no entry carries them.
 */
export const LATENCY_BOUNDS_MS = [2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000] as const;
export const TTFT_BOUNDS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000] as const;

export type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];

const NAME_BY_ID = new Map<number, MeasureName>(MEASURE_NAMES.map((name) => [MEASURES[name].id, name]));
/** The name of a measure stored by number; undefined for one that only a newer program knows. */
export const measureById = (id: number): MeasureName | undefined => NAME_BY_ID.get(id);
export const isMeasure = (name: string): name is MeasureName => Object.hasOwn(MEASURES, name);
export const RECONCILED_MEASURES = MEASURE_NAMES.filter((name) => MEASURES[name].reconciled);

export interface Dimension {
  /** What a view shows when the value is not known. Never an empty cell, never zero. */
  readonly absent: 'unallocated' | 'unknown' | 'none';
  /** How many different values the ledger keeps apart; further ones become "(other)" and are counted. */
  readonly valuesMax: number;
  readonly description: string;
}

const dimension = (absent: Dimension['absent'], valuesMax: number, description: string): Dimension => ({ absent, valuesMax, description });

export const DIMENSIONS = {
  organization: dimension('unallocated', 1_000, 'Organization (organization.id, token or configuration).'),
  team: dimension('unallocated', 10_000, 'Team, from the directory, the token or the client.'),
  user: dimension('unallocated', 200_000, 'User: gateway identity, email, account, token or installation ID.'),
  workspace: dimension('unallocated', 100_000, 'Workspace or project.'),
  repository: dimension('unallocated', 100_000, 'Source repository.'),
  cost_center: dimension('unallocated', 10_000, 'Cost center.'),
  department: dimension('unallocated', 10_000, 'Department.'),
  job: dimension('none', 10_000, 'Job of CI, as ci:repository/workflow, from its token or its client.'),
  model: dimension('unknown', 2_000, 'Model, normalized: without region, date, [1m] and vendor prefix.'),
  query_source: dimension('unknown', 100, 'main, subagent or auxiliary.'),
  query_source_detail: dimension('unknown', 2_000, 'Query source, as named by the event.'),
  agent: dimension('none', 2_000, 'Subagent type.'),
  skill: dimension('none', 2_000, 'Active skill.'),
  plugin: dimension('none', 2_000, 'Plugin that owns the skill or agent.'),
  mcp_server: dimension('none', 2_000, 'MCP server that supplied a result to the request.'),
  effort: dimension('none', 100, 'Reasoning effort.'),
  speed: dimension('unknown', 100, 'fast or normal.'),
  client_version: dimension('unknown', 2_000, 'Claude Code version.'),
  entry_point: dimension('unknown', 200, 'How the client was started (cli, sdk-ts, claude-vscode, …).'),
  terminal: dimension('unknown', 1_000, 'Terminal type.'),
  os: dimension('unknown', 100, 'Operating system of the client (linux, darwin, windows).'),
  provider: dimension('unknown', 200, 'API provider (firstParty, bedrock, vertex, …).'),
  region: dimension('none', 100, 'Region prefix of a cloud’s model id (us, eu, apac, global, us-gov, …).'),
  plan: dimension('none', 100, 'Plan of a claude.ai login (pro, max, team, enterprise).'),
  seat: dimension('none', 100, 'Seat type of a claude.ai login (premium, standard, usage_based, …).'),
  tool: dimension('none', 2_000, 'Tool of a tool call or edit decision.'),
  language: dimension('none', 1_000, 'Programming language of an edit decision.'),
  decision_source: dimension('none', 100, 'Source of a permission decision (config, hook, user_…).'),
  status: dimension('none', 200, 'HTTP status or error class of a failed request.'),
  start_type: dimension('none', 100, 'fresh, resume, continue or agents_view.'),
  command: dimension('none', 2_000, 'Slash command of a prompt.'),
  event: dimension('none', 500, 'Name of an event counted under the measure events.'),
  branch: dimension('none', 20_000, 'Branch that a job ran on.'),
  pull_request: dimension('none', 20_000, 'Number of the pull or merge request that a job ran for.'),
  run: dimension('none', 50_000, 'Id of the run of a job.'),
  origin: dimension('none', 100, 'Import that brought a record (transcripts, litellm, …); none for telemetry.'),
  price_basis: dimension('none', 50, 'What the reported cost of a request agrees with: list, or the cause of the difference.'),
} as const satisfies Record<string, Dimension>;

export type DimensionName = keyof typeof DIMENSIONS;
/** So many values that only the finest sums know them, and no series does. */
export const OF_ONE_RUN = ['branch', 'pull_request', 'run'] as const satisfies readonly DimensionName[];
export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as DimensionName[];
export const isDimension = (name: string): name is DimensionName => Object.hasOwn(DIMENSIONS, name);

/** A value for every dimension that is known. Absent means not known; the views say how that is shown. */
export type Dimensions = Partial<Record<DimensionName, string>>;
