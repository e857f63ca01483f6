/** Dashboards for Claude Code that others made ask our /metrics, as a real Prometheus scraped it, and get figures. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { COMMUNITY_SERIES } from '../../collector/catalog/names.ts';
import { queryInstant } from '../dashboards/prometheus-api.ts';
import { type ConfiguredServer, describeWithBackend, startPrometheus } from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';
import { type Spend, startTestCollector, type TestCollector } from './collector.ts';

const who = { organization: 'acme', team: 'platform' };
const amounts = {
  sessions: 1,
  input_tokens: 100,
  output_tokens: 40,
  cache_read_tokens: 900,
  cache_creation_tokens: 50,
  lines_added: 12,
  lines_removed: 3,
};
const deeds = { commits: 1, pull_requests: 1, edits_accepted: 4, edits_rejected: 1, active_user_ms: 60_000, active_cli_ms: 90_000 };

/** What two people do in one go. */
const work = (timeMs: number): Spend[] => [
  { ...who, timeMs, usd: 1.5, user: 'alice@example.com', model: 'claude-opus-5-5', session: 'session-a', amounts: { ...amounts, ...deeds } },
  { ...who, timeMs, usd: 0.25, user: 'bob@example.com', model: 'claude-haiku-5-5', session: 'session-b', amounts: { ...amounts, ...deeds } },
];

/** Grafana's variables with nothing chosen, and its range of an hour. */
const ALL = 'organization_id=~".*", user_email=~".*", model=~".*"';
const WHO = 'organization_id=~".*", user_email=~".*"';
/** The job that many boards name, for the sample set-up of the OpenTelemetry Collector that they came with. */
const JOB = 'job="otel-collector"';

interface Shape {
  readonly title: string;
  readonly query: string;
  /** Label of the rows, and the values that must be there, each with a figure above zero. */
  readonly by?: string;
  readonly values?: readonly string[];
}

const MODELS = ['claude-haiku-5-5', 'claude-opus-5-5'];
const TYPES = ['cacheCreation', 'cacheRead', 'input', 'output'];
const SHAPES: readonly Shape[] = [
  { title: 'cost by model', query: `sum by (model) (increase(claude_code_cost_usage_USD_total{${JOB}}[1h]))`, by: 'model', values: MODELS },
  { title: 'cost in a range', query: `sum(increase(claude_code_cost_usage_USD_total{${ALL}, ${JOB}}[1h]))` },
  { title: 'cost under the name without a unit', query: `sum(increase(claude_code_cost_usage_total{${JOB}}[1h]))` },
  {
    title: 'tokens by type',
    query: `sum by (type) (rate(claude_code_token_usage_tokens_total{${JOB}}[5m]) * 60)`,
    by: 'type',
    values: TYPES,
  },
  {
    title: 'the cache hit ratio',
    query: `sum(rate(claude_code_token_usage_tokens_total{${ALL}, ${JOB}, type="cacheRead"}[5m])) / sum(rate(claude_code_token_usage_tokens_total{${ALL}, ${JOB}, type=~"cacheRead|cacheCreation|input"}[5m]))`,
  },
  {
    title: 'a board of those who spend most',
    query: `topk(10, sum(increase(claude_code_cost_usage_USD_total{${ALL}, ${JOB}}[1h])) by (user_email))`,
    by: 'user_email',
    values: ['alice@example.com', 'bob@example.com'],
  },
  { title: 'people', query: `count(count by (user_email) (max_over_time(claude_code_session_count_total{${WHO}, ${JOB}}[1h]))) or vector(0)` },
  { title: 'sessions', query: `sum(max_over_time(claude_code_session_count_total{${ALL}, ${JOB}}[1h]))` },
  { title: 'commits', query: `sum(increase(claude_code_commit_count_total{${WHO}, ${JOB}}[1h])) > 0 or vector(0)` },
  {
    title: 'lines by type',
    query: `sum by (type) (rate(claude_code_lines_of_code_count_total{${JOB}}[5m]) * 60)`,
    by: 'type',
    values: ['added', 'removed'],
  },
  {
    title: 'edit decisions',
    query: `sum(increase(claude_code_code_edit_tool_decision_total{${WHO}, ${JOB}}[5m])) by (decision)`,
    by: 'decision',
    values: ['accept', 'reject'],
  },
  {
    title: 'active time by type',
    query: `sum(rate(claude_code_active_time_seconds_total{${WHO}, ${JOB}}[5m])) by (type) * 3600`,
    by: 'type',
    values: ['cli', 'user'],
  },
  {
    title: 'sessions by their id',
    query: `count(count by (session_id) (max_over_time(claude_code_session_count_total{${ALL}, job="sessions"}[1h])))`,
  },
  {
    title: 'the most expensive sessions',
    query: `topk(10, sum by (session_id) (increase(claude_code_cost_usage_USD_total{${ALL}, job="sessions"}[1h])))`,
    by: 'session_id',
    values: ['session-a', 'session-b'],
  },
  {
    title: 'tokens of a session by model',
    query: `sum by (model) (max_over_time(claude_code_token_usage_tokens_total{session_id="session-a", job="sessions"}[1h]))`,
    by: 'model',
    values: ['claude-opus-5-5'],
  },
];

describeWithBackend('prometheus', 'boards made by others', () => {
  const collectors: TestCollector[] = [];
  let prometheus: ConfiguredServer;
  /** Everything was scraped by then. Prometheus is asked as of that instant: a later scrape that fails ends every series. */
  let scrapedMs: number;

  beforeAll(async () => {
    collectors.push(await startTestCollector({ gauges: [] }));
    collectors.push(await startTestCollector({ gauges: [], config: { exposition: { community_session_id: true } } }));
    const spend = () => Promise.all(collectors.map((collector) => collector.spend(...work(Date.now()))));
    await spend();
    const jobs = ['otel-collector', 'sessions'].map((job_name, index) => ({
      ...{ job_name, scrape_interval: '1s' },
      static_configs: [{ targets: [collectors[index]?.target] }],
    }));
    prometheus = await startPrometheus({ config: { scrape_configs: jobs } });
    const sums = async () => {
      const atMs = Date.now();
      const found = await queryInstant(prometheus.url, `sum by (job) (${COMMUNITY_SERIES.cost})`, atMs);
      return { atMs, usd: found.map(({ values }) => values.at(-1)?.[1]) };
    };
    const both = (usd: number) => (seen: Awaited<ReturnType<typeof sums>>) => seen.usd.length === 2 && seen.usd.every((one) => one === usd);
    await waitFor('the first scrape', sums, { until: both(1.75) });
    await spend();
    scrapedMs = (await waitFor('the scrape after more was spent', sums, { until: both(3.5) })).atMs;
  });
  afterAll(() => Promise.all([prometheus?.stop(), ...collectors.map((collector) => collector.stop())]));

  test.each(SHAPES)('are told $title', async ({ query, by, values }) => {
    const rows = await queryInstant(prometheus.url, query, scrapedMs);
    expect(rows.filter((row) => !((row.values[0]?.[1] ?? 0) > 0))).toEqual([]);
    expect(rows.map(({ metric }) => (by === undefined ? '' : metric[by])).sort()).toEqual(values ?? ['']);
  });

  test.each([
    ['organization_id', ['acme']],
    ['user_email', ['alice@example.com', 'bob@example.com']],
    ['model', MODELS],
  ])('find %s to choose from', async (label, values) => {
    const match = new URLSearchParams({ 'match[]': COMMUNITY_SERIES.cost });
    const answer = await fetch(`${prometheus.url}/api/v1/label/${label}/values?${match}`);
    expect(await answer.json()).toMatchObject({ data: values });
  });

  test('count whole: a total since the beginning is what the ledger booked', async () => {
    const [row] = await queryInstant(prometheus.url, `sum(claude_code_cost_usage_USD_total{${JOB}})`, scrapedMs);
    expect(row?.values[0]?.[1]).toBe(3.5);
  });
});
