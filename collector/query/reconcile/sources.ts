/**
 * Which of the provider's records is used for what. The same money is in several of them, so for each day and biller one says what is billed,
 * and one what was counted: the first that was imported.
 */
import type { Biller } from '../../catalog/billers.ts';

interface SourcesOf {
  readonly billed: readonly string[];
  readonly counted: readonly string[];
  /** What brings the one, and the other. */
  readonly imports: { readonly billed: string; readonly counted: string };
}

export const SOURCES_OF: Readonly<Record<Biller, SourcesOf>> = {
  anthropic: {
    // The analytics say list prices, products and surcharges; the cost report has amounts alone.
    billed: ['anthropic-analytics', 'anthropic-cost'],
    counted: ['anthropic-analytics', 'anthropic-usage'],
    imports: { billed: 'ledgerline import anthropic-analytics', counted: 'ledgerline import anthropic-usage' },
  },
  aws: { billed: ['aws-cur'], counted: ['aws-cur'], imports: { billed: 'ledgerline import aws-cur', counted: 'ledgerline import aws-cur' } },
  gcp: {
    billed: ['gcp-billing'],
    counted: ['gcp-billing'],
    imports: { billed: 'ledgerline import gcp-billing', counted: 'ledgerline import gcp-billing' },
  },
  azure: { billed: [], counted: [], imports: { billed: '', counted: '' } },
};

/** Who bills what a client sends to its provider (dimension provider). */
const BILLER_OF: Readonly<Record<string, Biller>> = {
  ...{ bedrock: 'aws', mantle: 'aws', anthropicAws: 'aws', vertex: 'gcp', anthropicGoogleCloud: 'gcp', foundry: 'azure' },
};

/** Where nothing else is known, the provider itself. */
export const billerOf = (provider: string, configured: Readonly<Record<string, Biller>>): Biller =>
  configured[provider] ?? BILLER_OF[provider] ?? 'anthropic';

/** What is there of one source's day. */
export interface RecordDay {
  readonly source: string;
  /** UTC. */
  readonly day: string;
  /** Says it what is billed, what tokens were counted? A day without any line says both: nothing. */
  readonly hasBilled: boolean;
  readonly hasTokens: boolean;
  /** Final, as far as the import knows. */
  readonly isComplete: boolean;
}

/** The source that is used, by day; nothing for a day that none has. */
export interface ChosenSources {
  billed(day: string): string | undefined;
  counted(day: string): string | undefined;
}

export function chooseSources(biller: Biller, days: readonly RecordDay[]): ChosenSources {
  const first = (order: readonly string[], has: 'hasBilled' | 'hasTokens') => {
    const chosen = new Map<string, string>();
    for (const source of order.toReversed()) for (const one of days) if (one.source === source && one[has]) chosen.set(one.day, source);
    return (day: string): string | undefined => chosen.get(day);
  };
  const { billed, counted } = SOURCES_OF[biller];
  return { billed: first(billed, 'hasBilled'), counted: first(counted, 'hasTokens') };
}
