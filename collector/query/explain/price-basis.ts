/** Finding about requests that clients do not report at list price, and why not. Without a list price there is nothing to compare: see unpriced. */
import { isPriceBasis, PRICE_BASES, type PriceBasis } from '../../catalog/price-basis.ts';
import type { Facts } from './facts.ts';
import { type Found, MIN_SHARE, shareOf } from './finding.ts';
import type { Slice } from './slice.ts';
import { counted, usd } from './words.ts';

interface Difference {
  readonly basis: PriceBasis;
  readonly slice: Slice;
  /** Reported less list. */
  readonly more: bigint;
}

export function notAtListPrice({ now }: Facts): Found[] {
  const differences = now
    .by('price_basis')
    .flatMap(([basis, slice]): Difference[] => {
      if (!isPriceBasis(basis) || basis === 'list' || basis === 'unknown_model') return [];
      return [{ basis, slice, more: slice.sum('cost_events') - slice.sum('cost_list') }];
    })
    .toSorted((one, other) => Number(size(other.more) - size(one.more)));
  const more = differences.reduce((sum, difference) => sum + difference.more, 0n);
  const moved = differences.reduce((sum, difference) => sum + size(difference.more), 0n);
  if (shareOf(moved, now.sum('cost')) < MIN_SHARE) return [];
  const requests = differences.reduce((sum, { slice }) => sum + slice.count('requests'), 0);
  return [
    {
      code: 'not_at_list_price',
      title: `${counted(requests, 'request')} ${requests === 1 ? 'is' : 'are'} reported at ${moreWords(more)} list price.`,
      explains: more > 0n ? more : 0n,
      isEstimated: false,
      evidence: differences.map(({ basis, slice, more: own }) => ({
        text: `${counted(slice.count('requests'), 'request')}, ${moreWords(own)} list price: the cost ${PRICE_BASES[basis]}`,
        ...{ figure: 'requests', value: slice.count('requests'), cost: own },
      })),
      advice: ['check_price_basis'],
    },
  ];
}

const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
const moreWords = (more: bigint): string => (more === 0n ? 'the same as' : `${usd(size(more))} ${more > 0n ? 'more' : 'less'} than`);
