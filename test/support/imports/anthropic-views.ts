/** The reports of Anthropic's administration API as views of facts, in the documented shapes. */
import { centsText, type Fact, groupsOf, sum, TOKEN_TYPES, type TokenType, tokensOf } from './facts.ts';

const DIMENSIONS: Readonly<Record<string, (fact: Fact) => unknown>> = {
  account_id: ({ user }) => (user === null ? null : `user_${user}`),
  actor: ({ user, key }) => {
    if (user !== null) return { type: 'user_actor', email_address: user, user_id: `user_${user}`, name: null, deleted: false };
    return key === null ? null : { type: 'api_actor', api_key_id: key };
  },
  api_key_id: ({ key }) => key,
  context_window: ({ context }) => context,
  inference_geo: ({ geo }) => geo,
  model: ({ model }) => model,
  organization_id: () => null,
  product: ({ product }) => product,
  service_account_id: () => null,
  service_tier: ({ tier }) => tier,
  speed: ({ speed }) => speed,
  workspace_id: ({ workspace }) => workspace,
  cost_type: () => 'tokens',
  token_type: ({ type }) => type,
};
/** Known to the API, and of nothing here. */
const OF_OTHERS = [
  ...['actor_type', 'agent_id', 'claude_tag_category', 'claude_tag_user_id', 'deployment_id', 'environment_id', 'rbac_group_id'],
  ...['session_id', 'slack_channel_id', 'user_profile_id'],
];
export const isDimension = (name: string): boolean => name in DIMENSIONS || OF_OTHERS.includes(name);

const keyOf =
  (by: readonly string[]) =>
  (fact: Fact): Record<string, unknown> =>
    Object.fromEntries(by.map((name) => [name, DIMENSIONS[name]?.(fact) ?? null]));

function usageOf(facts: readonly Fact[]) {
  const of = (type: TokenType): number => Number(tokensOf(facts.filter((fact) => fact.type === type)));
  return {
    uncached_input_tokens: of('uncached_input_tokens'),
    cache_creation: {
      ephemeral_5m_input_tokens: of('cache_creation.ephemeral_5m_input_tokens'),
      ephemeral_1h_input_tokens: of('cache_creation.ephemeral_1h_input_tokens'),
    },
    cache_read_input_tokens: of('cache_read_input_tokens'),
    output_tokens: of('output_tokens'),
    server_tool_use: { web_search_requests: 0 },
  };
}

const allNull = (names: readonly string[]): Record<string, null> => Object.fromEntries(names.map((name) => [name, null]));

const USAGE_DIMENSIONS = ['account_id', 'api_key_id', 'context_window', 'inference_geo', 'model', 'service_account_id', 'service_tier', 'speed'];

/** Rows of a bucket of GET /v1/organizations/usage_report/messages. */
export const usageRows = (facts: readonly Fact[], by: readonly string[]): object[] =>
  groupsOf(facts, keyOf(by)).map(({ key, facts: own }) => ({ ...usageOf(own), ...allNull([...USAGE_DIMENSIONS, 'workspace_id']), ...key }));

/** Rows of a bucket of GET /v1/organizations/cost_report, grouped by workspace and description. */
export const costRows = (facts: readonly Fact[]): object[] =>
  groupsOf(facts, keyOf(['workspace_id', 'model', 'context_window', 'service_tier', 'inference_geo', 'cost_type', 'token_type'])).map(
    ({ key, facts: own }) => ({
      ...key,
      ...{ amount: centsText(sum(own, ({ billed }) => billed)), currency: 'USD', description: `${key.model} Usage - ${key.token_type}` },
    }),
  );

const GROUP = [
  ...['actor', 'api_key_id', 'context_window', 'cost_type', 'inference_geo', 'model', 'organization_id', 'product', 'service_tier'],
  ...['speed', 'token_type', 'workspace_id', ...OF_OTHERS],
];

interface Period {
  readonly starting_at: string;
  readonly ending_at: string;
}

/** Rows of GET /v1/organizations/analytics/cost over a period. */
export const analyticsCostRows = (facts: readonly Fact[], by: readonly string[], period: Period): object[] =>
  groupsOf(facts, keyOf(by)).map(({ key, facts: own }) => ({
    ...period,
    group: { ...allNull(GROUP), ...key },
    cost: {
      ...{ amount: centsText(sum(own, ({ billed }) => billed)), list_amount: centsText(sum(own, ({ list }) => list)), currency: 'USD' },
      requests: by.includes('cost_type') || by.includes('token_type') ? null : own.length,
    },
  }));

/** Rows of GET /v1/organizations/analytics/usage over a period. */
export const analyticsUsageRows = (facts: readonly Fact[], by: readonly string[], period: Period): object[] =>
  groupsOf(facts, keyOf(by)).map(({ key, facts: own }) => ({
    ...period,
    group: { ...allNull(GROUP.filter((name) => !['cost_type', 'token_type'].includes(name))), ...key },
    usage: { ...usageOf(own), total_tokens: Number(tokensOf(own)), requests: own.length },
  }));

const CLAUDE_CODE: readonly (readonly [name: string, types: readonly TokenType[]])[] = [
  ['input', ['uncached_input_tokens']],
  ['output', ['output_tokens']],
  ['cache_read', ['cache_read_input_tokens']],
  ['cache_creation', TOKEN_TYPES.slice(3)],
];

/** Rows of GET /v1/organizations/usage_report/claude_code: what a cloud or another product did is not in them. Cents are numbers here. */
export const claudeCodeRows = (facts: readonly Fact[], day: string): object[] =>
  groupsOf(
    facts.filter(({ product, user, key }) => product === 'claude_code' && (user !== null || key !== null)),
    ({ user, key, speed, tier }) => ({
      actor: user === null ? { type: 'api_actor', api_key_name: key } : { type: 'user_actor', email_address: user },
      ...{
        terminal_type: speed === 'fast' ? 'vscode' : 'iTerm.app',
        is_remote: tier === 'batch',
        customer_type: user === null ? 'api' : 'subscription',
      },
    }),
  ).map(({ key, facts: own }) => ({
    ...{ date: `${day}T00:00:00Z`, organization_id: 'org-1', subscription_type: key.customer_type === 'api' ? null : 'team', ...key },
    core_metrics: { num_sessions: 1, lines_of_code: { added: 1, removed: 0 }, commits_by_claude_code: 0, pull_requests_by_claude_code: 0 },
    tool_actions: {},
    model_breakdown: groupsOf(own, ({ model }) => ({ model })).map(({ key: { model }, facts: of }) => ({
      model,
      tokens: Object.fromEntries(CLAUDE_CODE.map(([name, types]) => [name, Number(tokensOf(of.filter(({ type }) => types.includes(type))))])),
      estimated_cost: { amount: Number(centsText(sum(of, ({ list }) => list))), currency: 'USD' },
    })),
  }));
