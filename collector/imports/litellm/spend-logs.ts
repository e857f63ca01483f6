/** `litellm`: what a LiteLLM proxy says that requests cost at its own prices, and the tokens it counted, by key, user and team. */
import { z } from 'zod';
import type { LitellmImportConfig } from '../../config/imports.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { visible } from '../../core/visible.ts';
import { parseDollars } from '../amounts.ts';
import { dayByDay } from '../day-by-day.ts';
import { DaySums, type LineTexts } from '../day-sums.ts';
import { dayAt } from '../days.ts';
import type { Remarks } from '../remarks.ts';
import type { Reading, StatementSource } from '../source.ts';
import type { StatementLine } from '../statement-line.ts';
import type { HttpWorld } from '../world.ts';
import { spendLogs } from './api.ts';
import { type Accounting, tokensOf, usageFields } from './usage.ts';

/** The proxy writes its logs in batches, every minute or so. */
const DELAY_MS = HOUR_MS;
const ROWS_MAX = 5_000_000;

const text = z.string().nullish().catch(undefined);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish();

/** An object, or its JSON as text. */
const metadata = z.preprocess(
  (given) => {
    if (typeof given !== 'string') return given;
    try {
      return JSON.parse(given);
    } catch {
      return undefined;
    }
  },
  z
    .looseObject({
      ...{ user_api_key_alias: text, user_api_key_user_id: text, user_api_key_user_email: text, status: text },
      ...{ user_api_key_team_id: text, user_api_key_team_alias: text, user_api_key_org_id: text },
      ...{ usage_object: usageFields, additional_usage_values: usageFields },
    })
    .nullish()
    .catch(undefined),
);

const row = z.looseObject({
  request_id: z.string().min(1),
  spend: z.union([z.number(), z.string()]).nullish(),
  startTime: z.string(),
  ...{ prompt_tokens: count, completion_tokens: count },
  ...{ model: text, model_group: text, api_key: text, user: text, team_id: text, organization_id: text },
  ...{ custom_llm_provider: text, cache_hit: z.unknown(), status: text, metadata },
});
type Row = z.output<typeof row>;

const REMARKS: Readonly<Record<Accounting, string | undefined>> = {
  plain: undefined,
  included: undefined,
  assumed: 'Cached tokens taken as part of prompt_tokens, as LiteLLM counts; nothing in the row proves it',
  apart: 'Cached tokens that are no part of prompt_tokens',
};

export function litellm({ client, modelOf, userOf }: HttpWorld, config: LitellmImportConfig): StatementSource {
  const linesOf = async (day: string, { remarks, signal }: Reading): Promise<readonly StatementLine[]> => {
    const sums = new DaySums();
    const seen = new Set<string>();
    for await (const page of spendLogs(client, day)) {
      signal?.throwIfAborted();
      for (const given of page) take(given, { day, seen, sums, remarks });
    }
    return sums.linesOf(day);
  };
  const take = (given: unknown, { day, seen, sums, remarks }: Taking): void => {
    const read = readRow(given, day, remarks);
    if (read === undefined) return;
    const { found, spend } = read;
    if (seen.has(found.request_id)) {
      remarks.count('The same row twice, counted once');
      return;
    }
    if (seen.size >= ROWS_MAX) throw new LedgerlineError('too_large', `${day} has more than ${ROWS_MAX} rows.`);
    seen.add(found.request_id);
    const id = found.model || found.model_group || undefined;
    const named = modelOf(id);
    if (!config.other_models && !named.model?.startsWith('claude-')) {
      remarks.count(`Other models, left out: ${visible(id ?? 'none').slice(0, MODEL_SHOWN)}`);
      return;
    }
    const texts = { ...textsOf(found, config, (name) => userOf(name, day)), ...named };
    // One that LiteLLM answered from its own cache reached no provider, and one that failed may have.
    const isCached = String(found.cache_hit).toLowerCase() === 'true';
    if (isCached) remarks.count("Answers of LiteLLM's own cache, without tokens");
    sums.add(day, texts, { estimated: spend, requests: isCached ? undefined : 1 });
    if (!isCached) addTokens(found, day, texts, sums, remarks);
  };
  return {
    ...{ title: 'LiteLLM', delayMs: DELAY_MS, revisedDays: config.revised_days },
    read: (days, reading) => dayByDay(days, reading, linesOf),
  };
}

const MODEL_SHOWN = 60;

/** Undefined for one of another day, and for one that is broken. */
function readRow(given: unknown, day: string, remarks: Remarks): { readonly found: Row; readonly spend: bigint } | undefined {
  const parsed = row.safeParse(given);
  const spend = parsed.success ? parseDollars(parsed.data.spend ?? '') : undefined;
  const startMs = parsed.success ? instantOf(parsed.data.startTime) : Number.NaN;
  if (parsed.success && spend !== undefined && !Number.isNaN(startMs)) return dayAt(startMs) === day ? { found: parsed.data, spend } : undefined;
  remarks.count(`Broken rows of ${day}, left out: ${brokenBy(parsed)}`);
  return undefined;
}

interface Taking {
  readonly day: string;
  readonly seen: Set<string>;
  readonly sums: DaySums;
  readonly remarks: Remarks;
}

function addTokens(found: Row, day: string, texts: LineTexts, sums: DaySums, remarks: Remarks): void {
  const { accounting, classes } = tokensOf({
    ...{ prompt: found.prompt_tokens ?? 0, completion: found.completion_tokens ?? 0 },
    fields: [found.metadata?.usage_object, found.metadata?.additional_usage_values],
  });
  const remark = REMARKS[accounting];
  if (remark !== undefined) remarks.count(remark);
  for (const [tokenClass, tokens] of classes) sums.add(day, { ...texts, tokenClass }, { tokens });
}

/** As ledgers name who sends requests where. */
const PROVIDERS: readonly (readonly [pattern: RegExp, provider: string])[] = [
  [/^bedrock/, 'bedrock'],
  [/^vertex_ai/, 'vertex'],
  [/^azure/, 'foundry'],
];

function textsOf(found: Row, { keys }: LitellmImportConfig, userOf: (name: string | undefined) => string | undefined): LineTexts {
  const { metadata: more, api_key: hash, user, team_id: teamId, organization_id: organization, custom_llm_provider: provider } = found;
  const alias = more?.user_api_key_alias || undefined;
  const named = [alias, hash || undefined].flatMap((name) => (name !== undefined && Object.hasOwn(keys, name) ? [keys[name]] : []))[0];
  return {
    user: userOf(named?.user ?? (more?.user_api_key_user_email || user || more?.user_api_key_user_id || undefined)),
    workspace: named?.team ?? (more?.user_api_key_team_alias || teamId || more?.user_api_key_team_id || undefined),
    ...{ apiKey: alias ?? (hash || undefined), organization: organization || more?.user_api_key_org_id || undefined },
    provider: PROVIDERS.find(([pattern]) => pattern.test(provider ?? ''))?.[1] ?? (provider || undefined),
  };
}

/** Its database has times in UTC, with or without a Z. */
function instantOf(time: string): number {
  const utc = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?$/.test(time) ? `${time.replace(' ', 'T')}Z` : time;
  return Date.parse(utc);
}

function brokenBy(parsed: ReturnType<typeof row.safeParse>): string {
  const issue = parsed.error?.issues[0];
  return issue === undefined ? 'spend or startTime' : issue.path.map(String).join('.') || 'it is no object';
}
