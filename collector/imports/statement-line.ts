/** A line of a provider's own record of usage or cost: whatever the provider, one shape. Never filled from an estimate of ours. */
import type { PicoUsd } from '../core/money.ts';

/** What a line may say about itself, in the provider's words; `model` as the ledger has it, `user` as in normalizeUser. */
export const STATEMENT_TEXTS = [
  'organization',
  'workspace',
  'user',
  'apiKey',
  'model',
  'region',
  'provider',
  'product',
  'costType',
  'tokenClass',
  'serviceTier',
  'speed',
  'contextWindow',
  'inferenceGeo',
] as const;
export type StatementText = (typeof STATEMENT_TEXTS)[number];

/** Classes of tokens, of all sources. `cache_write`: the source does not say of which lifetime. One that is new stays in the provider's words. */
export const TOKEN_CLASSES = ['input', 'output', 'cache_read', 'cache_write', 'cache_write_5m', 'cache_write_1h'] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];

export const STATEMENT_AMOUNTS = ['billed', 'list', 'estimated', 'tokens', 'requests'] as const;
export type StatementAmount = (typeof STATEMENT_AMOUNTS)[number];

/** The largest amount of a line, either sign: what 64 bits hold in pico-dollars, rounded down. */
export const LINE_USD_MAX = 9_000_000n;

/** What is not known is absent, never zero. */
export interface StatementAmounts {
  /** What the provider invoices, after discounts: of Anthropic before credits, of clouds with them. May be negative: a refund, a credit. */
  readonly billed?: PicoUsd | undefined;
  readonly list?: PicoUsd | undefined;
  /** The provider's own estimate, which no invoice has to agree with. */
  readonly estimated?: PicoUsd | undefined;
  readonly tokens?: number | undefined;
  /** Requests; of the cost type `web_search`, searches. */
  readonly requests?: number | undefined;
}

/** A line of a source's day: see NewDay in statements.ts. */
export type StatementLine = { readonly [Text in StatementText]?: string | undefined } & StatementAmounts;
