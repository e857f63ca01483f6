/**
 * Which measures are on /metrics, under which labels. A series for every person × workspace × model × measure would be hundreds for each
 * developer, so each family keeps apart only what its boards ask for. A panel in Grafana reads the one family that has all labels its
 * board can be narrowed by.
 */
import { DIMENSION_NAMES, type DimensionName, LATENCY_BOUNDS_MS, MEASURES, type MeasureName, OF_ONE_RUN, TTFT_BOUNDS_MS } from './measures.ts';

/** Time ranges whose spend is exposed as a gauge, so that it needs no history in Prometheus. */
export const EXPOSED_PERIODS = ['day', 'week', 'month', 'last_month', 'last_month_to_date'] as const;
export type ExposedPeriod = (typeof EXPOSED_PERIODS)[number];

/** Those that may lie before the ledger began, and have no figure then. */
export const PAST_PERIODS = ['last_month', 'last_month_to_date'] as const satisfies readonly ExposedPeriod[];
export type PastPeriod = (typeof PAST_PERIODS)[number];
export const isPastPeriod = (period: ExposedPeriod): period is PastPeriod => PAST_PERIODS.some((past) => past === period);

export type FamilyName = 'person_model' | 'person' | 'workspace_model' | 'workspace' | 'team' | 'team_model' | 'model' | 'feature';

/** In the order in which they are written. */
export const FAMILY_NAMES: readonly FamilyName[] = [
  'person_model',
  'person',
  'workspace_model',
  'workspace',
  'team',
  'team_model',
  'model',
  'feature',
];

export interface SeriesFamily {
  /** Before the measure's own name: ledgerline_team_ + requests. Sums over one name never count twice. */
  readonly prefix: string;
  readonly labels: readonly DimensionName[];
  /** Lifetime totals. */
  readonly measures: readonly MeasureName[];
  /** Booked cost to date, as <prefix>cost_period_usd with the label period. */
  readonly periods: readonly ExposedPeriod[];
}

/** What is asked of the ledger alone: for the reconciliation with the bill, which is by day. */
const OF_THE_BILL: readonly DimensionName[] = ['origin', 'price_basis'];
const OF_OTHER_FAMILIES: readonly DimensionName[] = ['organization', 'team', 'user', 'workspace', 'repository', 'model'];
const NO_FEATURES: readonly DimensionName[] = [...OF_OTHER_FAMILIES, ...OF_ONE_RUN, ...OF_THE_BILL];

/** Dimensions of the family feature: one at a time, as the labels dimension and value. */
export const FEATURE_DIMENSIONS = DIMENSION_NAMES.filter((name) => !NO_FEATURES.includes(name));
export const FEATURE_LABELS = { dimension: 'dimension', value: 'value' } as const;

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;
const OF_PERSONS = ['cost', ...TOKENS, 'requests', 'sessions', 'commits', 'pull_requests'] as const satisfies readonly MeasureName[];
/** What is shown of each feature; of a dimension that is not named here, what it cost and how often. */
const OF_FEATURE: Readonly<Partial<Record<DimensionName, readonly MeasureName[]>>> = {
  client_version: ['cost', 'requests', 'errors', 'sessions'],
  entry_point: ['cost', 'sessions'],
  terminal: ['sessions'],
  os: ['sessions'],
  provider: ['cost', 'sessions'],
  agent: ['cost', 'requests', 'subagents'],
  tool: ['tool_calls', 'tool_failures', 'tool_duration_ms', 'edits_accepted', 'edits_rejected'],
  language: ['edits_accepted', 'edits_rejected'],
  decision_source: ['edits_accepted', 'edits_rejected'],
  status: ['errors'],
  start_type: ['session_starts'],
  command: ['prompts'],
  event: ['events'],
};
export const featureMeasures = (dimension: DimensionName): readonly MeasureName[] => OF_FEATURE[dimension] ?? ['cost', 'requests'];
const OF_FEATURES = [...new Set(FEATURE_DIMENSIONS.flatMap(featureMeasures))];

/** `requests` and `ttft_requests` are also the last buckets. */
const OF_TEAMS = [
  'cost',
  'cost_events',
  'cost_metrics',
  'cost_list',
  'cost_list_uncached',
  'cost_contracted',
  ...TOKENS,
  'cache_creation_1h_tokens',
  'unpriced_tokens',
  'unbilled_tokens',
  'requests',
  'sessions',
  'commits',
  'pull_requests',
  'errors',
  'retries_exhausted',
  'refusals',
  'ttft_requests',
  'prompts',
  'active_user_ms',
  'active_cli_ms',
  'lines_added',
  'lines_removed',
  'edits_accepted',
  'edits_rejected',
  'tool_calls',
  'tool_failures',
  'compactions',
  'subagents',
] as const satisfies readonly MeasureName[];
const BUCKETS = (Object.keys(MEASURES) as MeasureName[]).filter((name) => name.includes('_le_'));
const LATENCIES: readonly MeasureName[] = ['api_duration_ms', 'ttft_ms', 'ttft_requests', ...BUCKETS];

export const FAMILIES: Readonly<Record<FamilyName, SeriesFamily>> = {
  person_model: { prefix: 'ledgerline_', labels: ['organization', 'team', 'user', 'model'], measures: ['cost'], periods: [] },
  person: { prefix: 'ledgerline_', labels: ['organization', 'team', 'user'], measures: OF_PERSONS, periods: ['day', 'week', 'month'] },
  workspace_model: {
    prefix: 'ledgerline_workspace_model_',
    labels: ['organization', 'team', 'workspace', 'repository', 'model'],
    measures: ['cost'],
    periods: ['month'],
  },
  workspace: {
    prefix: 'ledgerline_workspace_',
    labels: ['organization', 'team', 'workspace', 'repository'],
    measures: ['cost'],
    periods: ['day', 'week', 'month'],
  },
  team: {
    prefix: 'ledgerline_team_',
    labels: ['organization', 'team'],
    measures: [...OF_TEAMS, ...BUCKETS],
    periods: ['day', 'week', 'month', 'last_month', 'last_month_to_date'],
  },
  team_model: {
    prefix: 'ledgerline_team_model_',
    labels: ['organization', 'team', 'model'],
    measures: ['cost'],
    periods: ['month', 'last_month_to_date'],
  },
  model: {
    prefix: 'ledgerline_model_',
    labels: ['organization', 'model'],
    measures: [
      'cost',
      'cost_events',
      'cost_metrics',
      'cost_list',
      'cost_list_uncached',
      'cost_contracted',
      ...TOKENS,
      'cache_creation_1h_tokens',
      'unpriced_tokens',
      'requests',
      'errors',
      'refusals',
      ...LATENCIES,
    ],
    periods: [],
  },
  feature: { prefix: 'ledgerline_feature_', labels: ['organization'], measures: OF_FEATURES, periods: [] },
};

/** What an operator leaves out of the families or adds to them, see config/exposition.ts. */
export interface FamilyChoices {
  readonly without: readonly DimensionName[];
  readonly by_team: readonly FamilyName[];
}

/** The families as an operator's configuration has them: with fewer labels, over which values are added up, or with the team beside them. */
export function exposedFamilies({ without, by_team }: FamilyChoices): Readonly<Record<FamilyName, SeriesFamily>> {
  const left: ReadonlySet<string> = new Set(without);
  const configured = (name: FamilyName): SeriesFamily => {
    const family = FAMILIES[name];
    const [organization = 'organization', ...others] = family.labels.filter((label) => !left.has(label));
    const isByTeam = by_team.some((asked) => asked === name);
    return { ...family, labels: isByTeam ? [organization, 'team', ...others] : [organization, ...others] };
  };
  return {
    person_model: configured('person_model'),
    person: configured('person'),
    workspace_model: configured('workspace_model'),
    workspace: configured('workspace'),
    team: configured('team'),
    team_model: configured('team_model'),
    model: configured('model'),
    feature: configured('feature'),
  };
}

export interface ExposedSeries {
  readonly name: string;
  /** Fixed labels, beside those of the family. */
  readonly labels: Readonly<Record<string, string>>;
  /** Exposed value = measure / divisor: series are in base units, money in USD. */
  readonly divisor: number;
}

interface SharedName {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Buckets of classic histograms: what took at most `le` seconds. */
const REQUEST_BUCKETS = 'request_duration_seconds_bucket';
const TTFT_BUCKETS = 'ttft_seconds_bucket';
const bucket = (name: string, ms: number): SharedName => ({ name, labels: { le: String(ms / 1000) } });

/** Measures that share a name, told apart by a label; every other measure's name follows from the catalog. */
const SHARED: Readonly<Partial<Record<MeasureName, SharedName>>> = {
  input_tokens: { name: 'tokens', labels: { token_class: 'input' } },
  output_tokens: { name: 'tokens', labels: { token_class: 'output' } },
  cache_read_tokens: { name: 'tokens', labels: { token_class: 'cache_read' } },
  cache_creation_tokens: { name: 'tokens', labels: { token_class: 'cache_creation' } },
  active_user_ms: { name: 'active_seconds', labels: { type: 'user' } },
  active_cli_ms: { name: 'active_seconds', labels: { type: 'cli' } },
  lines_added: { name: 'lines_of_code', labels: { type: 'added' } },
  lines_removed: { name: 'lines_of_code', labels: { type: 'removed' } },
  ...Object.fromEntries(LATENCY_BOUNDS_MS.map((ms) => [`requests_le_${ms}_ms`, bucket(REQUEST_BUCKETS, ms)])),
  ...Object.fromEntries(TTFT_BOUNDS_MS.map((ms) => [`ttft_requests_le_${ms}_ms`, bucket(TTFT_BUCKETS, ms)])),
};

/** What a histogram's last bucket holds: everything. It is a second series of that measure. */
const INFINITE: Readonly<Partial<Record<MeasureName, SharedName>>> = {
  requests: { name: REQUEST_BUCKETS, labels: { le: '+Inf' } },
  ttft_requests: { name: TTFT_BUCKETS, labels: { le: '+Inf' } },
};

/** Of names that join several measures, what those share. */
const SHARED_HELP: Readonly<Record<string, string>> = {
  tokens: 'Booked tokens by class; the classes do not overlap.',
  active_seconds: 'Seconds that users (user) and tools or models (cli) were active.',
  lines_of_code: 'Lines of code added and removed.',
  [REQUEST_BUCKETS]: 'Successful API requests that took at most le seconds, for histogram_quantile.',
  [TTFT_BUCKETS]: 'Requests with a time to first token of at most le seconds, for histogram_quantile.',
};

/** Of users with their models the cost is ledgerline_cost_usd already. */
const OWN_NAMES: Readonly<Partial<Record<FamilyName, Partial<Record<MeasureName, string>>>>> = { person: { cost: 'user_cost_usd' } };

const DIVISORS = { usd: 1e12, ms: 1e3, tokens: 1, count: 1 } as const;
const SUFFIX = { usd: '_usd', ms: '', tokens: '', count: '' } as const;

/** The series of a measure in a family, such as ledgerline_team_api_duration_seconds for api_duration_ms. */
export function exposedSeries(family: FamilyName, measure: MeasureName): ExposedSeries {
  const { unit } = MEASURES[measure];
  const shared = SHARED[measure];
  const name = OWN_NAMES[family]?.[measure] ?? shared?.name ?? (unit === 'ms' ? measure.replace(/_ms$/, '_seconds') : `${measure}${SUFFIX[unit]}`);
  return { name: `${FAMILIES[family].prefix}${name}`, labels: shared?.labels ?? {}, divisor: DIVISORS[unit] };
}

/** Present while every label set of the families with this prefix is shown by its own name. */
export const completeSeries = (family: FamilyName): string => `${FAMILIES[family].prefix}complete`;

export const periodSeries = (family: FamilyName): string => `${FAMILIES[family].prefix}cost_period_usd`;

export interface FamilySeries extends ExposedSeries {
  readonly measure: MeasureName;
  readonly help: string;
  /** Shown wherever this measure is not zero: a histogram's buckets are there together or not at all. */
  readonly shownWith: MeasureName;
}

/** Every lifetime series of a family, in the order in which they are written; one name's series are not apart from each other. */
export function familySeries(family: FamilyName): readonly FamilySeries[] {
  const { prefix, measures } = FAMILIES[family];
  const own = measures.map((measure): FamilySeries => {
    const series = exposedSeries(family, measure);
    const help = SHARED_HELP[series.name.slice(prefix.length)] ?? MEASURES[measure].description;
    return { ...series, measure, help, shownWith: totalOf(measure) };
  });
  const names = new Set(own.map(({ name }) => name));
  const last = measures.flatMap((measure): FamilySeries[] => {
    const infinite = INFINITE[measure];
    if (infinite === undefined || !names.has(`${prefix}${infinite.name}`)) return [];
    const { name, labels } = infinite;
    return [{ name: `${prefix}${name}`, labels, divisor: 1, measure, help: SHARED_HELP[name] ?? '', shownWith: measure }];
  });
  return [...Map.groupBy([...own, ...last], ({ name }) => name).values()].flat();
}

function totalOf(measure: MeasureName): MeasureName {
  if (measure.startsWith('requests_le_')) return 'requests';
  return measure.startsWith('ttft_requests_le_') ? 'ttft_requests' : measure;
}
