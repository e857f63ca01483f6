/** One repricing: reads the sessions a page at a time, prices their requests, and hands over what differs before it reads on. */
import { hash } from 'node:crypto';
import type { Dimensions } from '../catalog/measures.ts';
import { formatUsd } from '../core/money.ts';
import { turn } from '../core/turn.ts';
import { createPriceItem } from '../ingest/reprice.ts';
import type { Entry } from '../ledger/entry.ts';
import { type Sums, sumsOf } from '../ledger/priced-sums.ts';
import { type BeyondRepricing, type Correction, correctionsOf, type RepricedPart, type RepricingReader } from '../ledger/repricing.ts';
import type { RepricedShare, RepricingOutcome } from '../ledger/repricing-record.ts';
import type { PriceBook } from '../pricing/price-book.ts';

/** Each is a row of its own in every roll-up: exports that arrive meanwhile wait for no more. */
const ENTRIES_PER_APPEND = 100;
const BOOK_CHARACTERS = 16;

export interface RepriceOptions {
  readonly reader: RepricingReader;
  readonly prices: PriceBook;
  readonly part: RepricedPart;
  /** Omitted: nothing is booked. Resolves when the entries are durable. */
  readonly append?: ((entries: readonly Entry[]) => Promise<unknown>) | undefined;
  /** Entries that were looked at so far. */
  readonly onProgress: (entries: number) => void;
  readonly isCancelled: () => boolean;
}

export async function reprice({ reader, prices, part, append, onProgress, isCancelled }: RepriceOptions): Promise<RepricingOutcome> {
  const shares = new Shares();
  let entries = 0;
  let corrections = 0;
  let after: number | undefined = 0;
  while (after !== undefined && !isCancelled()) {
    const page = await reader.page(part, after);
    const dimensionsOf = (dims: number): Dimensions => page.dimensions.get(dims) ?? {};
    const price = createPriceItem(prices, dimensionsOf);
    const found = page.sessions.flatMap((session) => correctionsOf(session, part, price, dimensionsOf));
    for (let at = 0; append !== undefined && at < found.length; at += ENTRIES_PER_APPEND)
      await append(found.slice(at, at + ENTRIES_PER_APPEND).map(({ entry }) => entry));
    shares.add(found);
    entries += page.entries;
    corrections += found.length;
    onProgress(entries);
    after = page.next;
    await turn();
  }
  return { entries, corrections, shares: shares.rows(), beyond: render(await reader.beyond(part)), isWhole: after === undefined };
}

/** The same prices, the same text: of all models, and of what was agreed. */
export function digestOfBook(prices: PriceBook, terms: unknown): string {
  const all = [terms, ...prices.models.toSorted().map((model) => [model, prices.history(model)])];
  const text = JSON.stringify(all, (_, value) => (typeof value === 'bigint' || value === Number.POSITIVE_INFINITY ? String(value) : value));
  return hash('sha256', text, 'hex').slice(0, BOOK_CHARACTERS);
}

const render = ({ sessions, listCost, unpricedTokens }: BeyondRepricing): RepricingOutcome['beyond'] => ({
  ...{ sessions, list: formatUsd(listCost), unpricedTokens: Number(unpricedTokens) },
});

class Shares {
  readonly #byModel = new Map<string, Map<string, Sums>>();

  add(corrections: readonly Correction[]): void {
    for (const { entry, sums } of corrections) {
      const { model = '', team = '' } = entry.dimensions;
      const byTeam = this.#byModel.getOrInsertComputed(model, () => new Map<string, Sums>());
      byTeam.getOrInsertComputed(team, () => sumsOf()).addSums(sums);
    }
  }

  rows(): RepricedShare[] {
    const inOrder = <Item>(map: Map<string, Item>): [string, Item][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return inOrder(this.#byModel).flatMap(([model, byTeam]) => inOrder(byTeam).map(([team, sums]) => shareOf(model, team, sums)));
  }
}

function shareOf(model: string, team: string, { cost, listCost, amounts }: Sums): RepricedShare {
  const usd = (name: 'cost_contracted' | 'cost_list_uncertain'): string => formatUsd(amounts.get(name) ?? 0n);
  return {
    ...{ model, team, list: formatUsd(listCost), contracted: usd('cost_contracted'), uncertain: usd('cost_list_uncertain') },
    ...{ cost: formatUsd(cost), unpricedTokens: Number(amounts.get('unpriced_tokens') ?? 0n) },
  };
}
