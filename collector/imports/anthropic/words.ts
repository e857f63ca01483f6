/** Words that several of Anthropic's reports have. One that is not here is kept as it is, and counted. */
import { z } from 'zod';
import type { Remarks } from '../remarks.ts';
import type { StatementLine, TokenClass } from '../statement-line.ts';

export const text = z.string().nullish();
export const tokens = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Cents with fractions, as text, so that no digit is lost. */
export const cents = z.string().regex(/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/, 'is no amount in cents');

export const SERVICE_TIERS = new Set(['standard', 'batch', 'priority', 'priority_on_demand', 'flex', 'flex_discount']);
export const CONTEXT_WINDOWS = new Set(['0-200k', '200k-1M']);
export const INFERENCE_GEOS = new Set(['global', 'us', 'not_available']);
export const SPEEDS = new Set(['fast', 'standard']);
export const COST_TYPES = new Set(['tokens', 'web_search', 'code_execution', 'session_usage']);

const CLASSES: ReadonlyMap<string, TokenClass> = new Map([
  ['uncached_input_tokens', 'input'],
  ['output_tokens', 'output'],
  ['cache_read_input_tokens', 'cache_read'],
  ['cache_creation.ephemeral_5m_input_tokens', 'cache_write_5m'],
  ['cache_creation.ephemeral_1h_input_tokens', 'cache_write_1h'],
]);
const KNOWN_CLASSES = new Set(CLASSES.keys());

export const tokenClassOf = (type: string | null | undefined, remarks: Remarks): string | undefined =>
  type === null || type === undefined ? undefined : (CLASSES.get(type) ?? remarks.value('token_type', type, KNOWN_CLASSES));

/** Tokens by class, as rows of usage have them. */
export const usageShape = {
  uncached_input_tokens: tokens,
  cache_creation: z.looseObject({ ephemeral_5m_input_tokens: tokens, ephemeral_1h_input_tokens: tokens }),
  cache_read_input_tokens: tokens,
  output_tokens: tokens,
  server_tool_use: z.looseObject({ web_search_requests: tokens.nullish() }).nullish(),
};
type Usage = z.output<z.ZodObject<typeof usageShape>>;

/** Lines of one row, which differ in their class. Classes without tokens have none. */
export function usageLines(texts: StatementLine, usage: Usage): StatementLine[] {
  const of = (tokenClass: TokenClass, count: number): StatementLine[] =>
    count === 0 ? [] : [{ ...texts, costType: 'tokens', tokenClass, tokens: count }];
  const searches = usage.server_tool_use?.web_search_requests ?? 0;
  return [
    ...of('input', usage.uncached_input_tokens),
    ...of('output', usage.output_tokens),
    ...of('cache_read', usage.cache_read_input_tokens),
    ...of('cache_write_5m', usage.cache_creation.ephemeral_5m_input_tokens),
    ...of('cache_write_1h', usage.cache_creation.ephemeral_1h_input_tokens),
    ...(searches === 0 ? [] : [{ ...texts, costType: 'web_search', requests: searches }]),
  ];
}

/** A class of tokens that is new would be left out silently. */
export function remarkNewClasses(row: object, remarks: Remarks): void {
  for (const key of Object.keys(row))
    if (/_tokens$/.test(key) && !(key in usageShape) && key !== 'total_tokens') remarks.count(`Unknown class of tokens ${key}, not stored`);
}
