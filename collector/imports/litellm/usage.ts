/**
 * Tokens of a row of spend logs by class. LiteLLM counts cached tokens into prompt_tokens, for Anthropic's models, too; a row's own fields prove
 * it where they can.
 */
import { z } from 'zod';
import type { TokenClass } from '../statement-line.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish().catch(undefined);
const details = z
  .looseObject({
    ...{ text_tokens: count, cached_tokens: count, cache_creation_tokens: count },
    cache_creation_token_details: z.looseObject({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);

/** metadata.usage_object, and metadata.additional_usage_values, which has less. */
export const usageFields = z
  .looseObject({ cache_read_input_tokens: count, cache_creation_input_tokens: count, prompt_tokens_details: details })
  .nullish()
  .catch(undefined);
type UsageFields = z.output<typeof usageFields>;

export interface Counted {
  readonly prompt: number;
  readonly completion: number;
  /** The first that says something counts. */
  readonly fields: readonly UsageFields[];
}

/** Do prompt tokens include cached ones? `assumed`: nothing in the row says so. */
export type Accounting = 'plain' | 'included' | 'assumed' | 'apart';

export interface Tokens {
  readonly accounting: Accounting;
  readonly classes: readonly (readonly [TokenClass, number])[];
}

export function tokensOf({ prompt, completion, fields }: Counted): Tokens {
  const first = (of: (fields: NonNullable<UsageFields>) => number | null | undefined): number | undefined =>
    fields.flatMap((some) => (some ? [of(some)] : [])).find((value) => value !== undefined && value !== null) ?? undefined;
  const read = first((of) => of.cache_read_input_tokens ?? of.prompt_tokens_details?.cached_tokens) ?? 0;
  const written = first((of) => of.cache_creation_input_tokens ?? of.prompt_tokens_details?.cache_creation_tokens) ?? 0;
  const [short, long] = [
    first((of) => of.prompt_tokens_details?.cache_creation_token_details?.ephemeral_5m_input_tokens),
    first((of) => of.prompt_tokens_details?.cache_creation_token_details?.ephemeral_1h_input_tokens),
  ];
  const accounting = accountingOf(
    prompt,
    read + written,
    first((of) => of.prompt_tokens_details?.text_tokens),
  );
  const input = accounting === 'included' || accounting === 'assumed' ? prompt - read - written : prompt;
  const isSplit = (short ?? 0) + (long ?? 0) === written;
  const classes: readonly (readonly [TokenClass, number])[] = [
    ['input', input],
    ['output', completion],
    ['cache_read', read],
    ...(isSplit ? ([['cache_write_5m', short ?? 0] as const, ['cache_write_1h', long ?? 0] as const] as const) : [['cache_write', written] as const]),
  ];
  return { accounting, classes: classes.filter(([, tokens]) => tokens > 0) };
}

function accountingOf(prompt: number, cached: number, text: number | undefined): Accounting {
  if (cached === 0) return 'plain';
  if (cached > prompt) return 'apart';
  if (text === undefined) return 'assumed';
  if (text + cached === prompt) return 'included';
  return text === prompt ? 'apart' : 'assumed';
}
