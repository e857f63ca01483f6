/**
 * What usage types of Bedrock say of Claude's tokens. Seen in AWS's public price lists (AmazonBedrock, AmazonBedrockFoundationModels) as they stand in
 * public code: up to 4.6 "USE1-MP:USE1_InputTokenCount_Global-Units", since 4.7 "USE1-MP:USE1_input_tokens_global_standard-Units", and of models that
 * AWS itself sells "USE1-Claude4.6Sonnet-cache-read-input-token-count-cross-region-global". New spellings are rows here.
 */
import type { TokenClass } from '../statement-line.ts';

/** The longest first: one is the beginning of another. */
const CLASSES: readonly (readonly [words: RegExp, tokenClass: TokenClass])[] = [
  [/[-_]CacheWrite1hInputTokenCount/i, 'cache_write_1h'],
  [/[-_]CacheWrite(?:5m)?InputTokenCount/i, 'cache_write_5m'],
  [/[-_]CacheReadInputTokenCount/i, 'cache_read'],
  [/[-_]InputTokenCount/i, 'input'],
  [/[-_]OutputTokenCount/i, 'output'],
  [/[-_]cache[-_]write[-_]tokens[-_]1h/i, 'cache_write_1h'],
  [/[-_]cache[-_]write[-_]tokens(?:[-_]5m)?/i, 'cache_write_5m'],
  [/[-_]cache[-_]read[-_]tokens/i, 'cache_read'],
  [/[-_]cache-write-input-token(?:s|-count)/i, 'cache_write'],
  [/[-_]cache-read-input-token(?:s|-count)/i, 'cache_read'],
  [/[-_]input[-_]token(?:s|-count)/i, 'input'],
  [/[-_]output[-_]token(?:s|-count)/i, 'output'],
];

const TIERS = ['batch', 'flex', 'priority', 'reserved'];

export interface UsageType {
  /** Undefined where the type is none of tokens, or one that is new. */
  readonly tokenClass: TokenClass | undefined;
  readonly serviceTier: string | undefined;
  /** Routed to wherever there is capacity, at the price without surcharge. */
  readonly isGlobal: boolean;
  /** Without the region in front. */
  readonly body: string;
}

export function usageTypeOf(text: string): UsageType {
  const body = text.replace(/^[A-Z]{2,4}\d{0,2}-(?=.)/, '').replace(/^MP:[A-Z]{2,4}\d{0,2}_/, '');
  const [words, tokenClass] = CLASSES.find(([pattern]) => pattern.test(`_${body}`)) ?? [];
  const rest = words === undefined ? '' : (`_${body}`.replace(words, '\0').split('\0')[1] ?? '');
  const tier = TIERS.find((name) => new RegExp(`[-_]${name}(?:[-_]|$)`, 'i').test(rest));
  return {
    ...{ tokenClass, isGlobal: /[-_]global(?:[-_]|$)/i.test(rest), body },
    serviceTier: tokenClass === undefined ? undefined : (tier ?? 'standard'),
  };
}

/** Tokens of one unit. Undefined where a row does not say. */
export function tokensEach(unit: string | undefined, description: string | undefined): number | undefined {
  const words = unit ?? '';
  if (/^1?\s*M\b|million/i.test(words)) return 1_000_000;
  if (/^1?\s*K\b|thousand|^1,?000\b/i.test(words)) return 1_000;
  if (/^tokens?$/i.test(words)) return 1;
  // Of AWS Marketplace, units are whatever the description sells: "…|us-east-1|Million Input Tokens".
  if (/million .*tokens/i.test(description ?? '')) return 1_000_000;
  if (/thousand .*tokens|\b1K tokens/i.test(description ?? '')) return 1_000;
  return undefined;
}

/** As the dimension region has it: what Bedrock puts before the id of a model. */
export function regionOf(code: string | undefined, isGlobal: boolean): string | undefined {
  if (isGlobal) return 'global';
  const found = REGIONS.find(([pattern]) => pattern.test(code ?? ''));
  return found?.[1] ?? code;
}

const REGIONS: readonly (readonly [code: RegExp, region: string])[] = [
  [/^us-gov-/, 'us-gov'],
  [/^us-/, 'us'],
  [/^eu-/, 'eu'],
  [/^ap-northeast-[13]$/, 'jp'],
  [/^ap-southeast-[24]$/, 'au'],
  [/^ap-/, 'apac'],
];
