/** The JSON that ccusage prints, so that scripts move over as they are. Money is a JSON number there: here with all of its digits. */
import { HOUR_MS } from '../core/duration.ts';
import type { BlockAnswer } from '../query/blocks.ts';
import type { UsageByModel } from '../query/token-usage.ts';
import type { UsageAnswer } from '../query/usage.ts';
import type { UsageSessionsAnswer } from '../query/usage-sessions.ts';

export interface JsonOptions {
  /** --no-cost leaves out every field of cost. */
  readonly withCost: boolean;
  /** Of blocks: --token-limit. */
  readonly tokenLimit?: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;
type Totals = Omit<UsageByModel, 'models'>;

declare global {
  /** Of ECMAScript 2026; the compiler's library does not know it yet. */
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** A decimal or a count beyond 2^53 as a number of JSON, digit by digit. */
const exact = (text: string | number): unknown => (typeof text === 'number' ? text : JSON.rawJSON(text));

const cost = (key: string, usd: string, { withCost }: JsonOptions): Json => (withCost ? { [key]: exact(usd) } : {});

const tokens = (usage: Totals): Json => ({
  inputTokens: exact(usage.input_tokens),
  outputTokens: exact(usage.output_tokens),
  cacheCreationTokens: exact(usage.cache_creation_tokens),
  cacheReadTokens: exact(usage.cache_read_tokens),
});

const totals = (usage: Totals, options: JsonOptions): Json => ({
  ...tokens(usage),
  totalTokens: exact(usage.total_tokens),
  ...cost('totalCost', usage.cost_usd, options),
});

const row = (usage: UsageByModel, options: JsonOptions): Json => ({
  ...totals(usage, options),
  modelsUsed: usage.models.map(({ model }) => model),
  modelBreakdowns: usage.models.map((model) => ({ modelName: model.model, ...tokens(model), ...cost('cost', model.cost_usd, options) })),
});

/** What a period is called in earlier versions of ccusage. */
const PERIOD_KEYS = { day: 'date', week: 'week', month: 'month' } as const;

/** `key`: the name of the command. */
export const usageJson = (key: string, { rows, totals: sums, grain }: UsageAnswer, options: JsonOptions): Json => ({
  [key]: rows.map(({ period, start: _, ...usage }) => ({ period, [PERIOD_KEYS[grain]]: period, agent: 'claude', ...row(usage, options) })),
  totals: totals(sums, options),
});

export const sessionsJson = ({ rows, totals: sums }: UsageSessionsAnswer, options: JsonOptions): Json => ({
  session: rows.map(({ session_id, repository, first_seen, last_seen, user, team, ...usage }) => ({
    ...{ period: session_id, sessionId: session_id, projectPath: repository, agent: 'claude' },
    ...{ firstActivity: first_seen, lastActivity: last_seen, metadata: { lastActivity: last_seen, user, team } },
    ...row(usage, options),
  })),
  totals: totals(sums, options),
});

export const blocksJson = ({ blocks, hours }: { readonly blocks: readonly BlockAnswer[]; readonly hours: number }, options: JsonOptions): Json => ({
  blocks: blocks.flatMap((block, index) => [...gapBefore(block, blocks[index - 1], hours), blockJson(block, options)]),
});

function blockJson(block: BlockAnswer, options: JsonOptions): Json {
  const { burn_rate: rate, projection } = block;
  return {
    ...{ id: block.start, startTime: block.start, endTime: block.end, actualEndTime: block.last_activity },
    ...{ isActive: block.is_active, isGap: false, entries: exact(block.requests) },
    tokenCounts: tokenCounts(block),
    totalTokens: exact(block.total_tokens),
    ...cost('costUSD', block.cost_usd, options),
    models: block.models.map(({ model }) => model),
    burnRate: rate && {
      tokensPerMinute: rate.tokens_per_minute,
      tokensPerMinuteForIndicator: rate.input_output_tokens_per_minute,
      ...cost('costPerHour', rate.usd_per_hour, options),
    },
    projection: projection && {
      totalTokens: exact(projection.total_tokens),
      ...cost('totalCost', projection.cost_usd, options),
      remainingMinutes: projection.remaining_minutes,
    },
    ...limitStatus(projection, options),
  };
}

/** ccusage warns from 80 % on. */
const WARNING = 0.8;

function limitStatus(projection: BlockAnswer['projection'], { tokenLimit: limit }: JsonOptions): Json {
  if (projection === null || limit === undefined) return {};
  const share = Number(projection.total_tokens) / limit;
  const status = share > 1 ? 'exceeds' : share > WARNING ? 'warning' : 'ok';
  return { tokenLimitStatus: { limit, projectedUsage: exact(projection.total_tokens), percentUsed: share * 100, status } };
}

const tokenCounts = (block: Totals): Json => ({
  inputTokens: exact(block.input_tokens),
  outputTokens: exact(block.output_tokens),
  cacheCreationInputTokens: exact(block.cache_creation_tokens),
  cacheReadInputTokens: exact(block.cache_read_tokens),
});

const NOTHING = { cost_usd: '0', input_tokens: 0, output_tokens: 0, cache_creation_tokens: 0, cache_read_tokens: 0, total_tokens: 0 };

/** A pause longer than a block is an item of its own, from where the block before could have gone on. */
function gapBefore(block: BlockAnswer, before: BlockAnswer | undefined, hours: number): Json[] {
  if (before === undefined) return [];
  const startMs = Date.parse(before.last_activity) + hours * HOUR_MS;
  if (startMs >= Date.parse(block.start)) return [];
  const start = new Date(startMs).toISOString();
  return [
    {
      ...{ id: `gap-${start}`, startTime: start, endTime: block.start, actualEndTime: null, isActive: false, isGap: true, entries: 0 },
      ...{ tokenCounts: tokenCounts(NOTHING), totalTokens: 0, costUSD: 0, models: [], burnRate: null, projection: null },
    },
  ];
}
