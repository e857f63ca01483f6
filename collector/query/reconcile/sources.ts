/**
 * Which of the provider's records is used for what. The same money is in several of them, so for each day, biller and account one says what is
 * billed, and one what was counted: the first that was imported.
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

/** Read from what the provider writes into a bucket: there are no days of an account before its first row, and no import brings any. */
export const FROM_FILES: ReadonlySet<string> = new Set(['aws-cur', 'gcp-billing']);

/** Who bills what a client sends to its provider (dimension provider). */
const BILLER_OF: Readonly<Record<string, Biller>> = {
  ...{ bedrock: 'aws', mantle: 'aws', anthropicAws: 'aws', vertex: 'gcp', anthropicGoogleCloud: 'gcp', foundry: 'azure' },
};

/** Where nothing else is known, the provider itself. */
export const billerOf = (provider: string, configured: Readonly<Record<string, Biller>>): Biller =>
  configured[provider] ?? BILLER_OF[provider] ?? 'anthropic';

/** What is there of one day of a source and account. */
export interface RecordDay {
  readonly source: string;
  readonly account: string;
  /** UTC. */
  readonly day: string;
  /** Says it what is billed, what tokens were counted? A day without any line says both: nothing. */
  readonly hasBilled: boolean;
  readonly hasTokens: boolean;
  /** Without any line. */
  readonly isEmpty: boolean;
  /** Final, as far as the import knows. */
  readonly isComplete: boolean;
}

/** The source that is used, by account and day: accounts have bills of their own. Undefined for a day that no source of the account has. */
export interface ChosenSources {
  billed(account: string, day: string): string | undefined;
  counted(account: string, day: string): string | undefined;
  /** Does any account say what is billed? */
  isBilled(day: string): boolean;
  /** Does any say what was counted, and every one that says of what it bills? Else tokens of a part were held against the bill of all. */
  isCounted(day: string): boolean;
}

export function chooseSources(biller: Biller, days: readonly RecordDay[]): ChosenSources {
  const first = (order: readonly string[], has: 'hasBilled' | 'hasTokens') => {
    const chosen = new Map<string, Map<string, string>>();
    for (const source of order.toReversed())
      for (const one of days) if (one.source === source && one[has]) chosen.getOrInsertComputed(one.day, () => new Map()).set(one.account, source);
    return chosen;
  };
  const billed = first(SOURCES_OF[biller].billed, 'hasBilled');
  const counted = first(SOURCES_OF[biller].counted, 'hasTokens');
  const empty = new Set(days.filter(({ isEmpty }) => isEmpty).map(placeOf));
  return {
    billed: (account, day) => billed.get(day)?.get(account),
    counted: (account, day) => counted.get(day)?.get(account),
    isBilled: (day) => billed.has(day),
    isCounted(day) {
      const known = counted.get(day);
      const hasTokens = ([account, source]: readonly [string, string]): boolean =>
        known?.has(account) === true || empty.has(placeOf({ source, account, day }));
      return known !== undefined && [...(billed.get(day) ?? [])].every(hasTokens);
    },
  };
}

const placeOf = ({ source, account, day }: Pick<RecordDay, 'source' | 'account' | 'day'>): string => JSON.stringify([source, account, day]);
