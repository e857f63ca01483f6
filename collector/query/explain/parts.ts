/** Findings about parts of the cost: fast mode, subagents, background work, web search. */

import { showValue } from '../../catalog/values.ts';
import { priceAt } from '../../pricing/price-book.ts';
import { listCostOf, pricedTokens } from '../token-prices.ts';
import type { AdviceCode } from './advice.ts';
import type { Facts } from './facts.ts';
import { type FindingCode, type Found, MIN_SHARE, shareOf, standsOut } from './finding.ts';
import type { Slice } from './slice.ts';
import { counted, percent, usd } from './words.ts';

const SHOWN = 5;

/** Fast mode has prices of its own; the same tokens at the normal ones are what it costs without. */
export function fastMode({ now, prices, atMs }: Facts): Found[] {
  const fast = now.where('speed', (speed) => speed === 'fast');
  const models = fast.by('model').flatMap(([model, slice]) => {
    const period = priceAt(prices, model, atMs);
    if (period?.fast === undefined) return [];
    const tokens = pricedTokens((measure) => slice.sum(measure));
    return [{ model, slice, more: listCostOf(tokens, period.fast) - listCostOf(tokens, period.normal) }];
  });
  const explains = models.reduce((sum, { more }) => sum + more, 0n);
  if (shareOf(explains, now.sum('cost')) < MIN_SHARE) return [];
  return [
    {
      code: 'fast_mode',
      title: `Fast mode cost ${usd(explains)} more than the same tokens would have at normal speed, at list price.`,
      explains,
      isEstimated: true,
      evidence: models.slice(0, SHOWN).map(({ model, slice, more }) => ({
        text: `${showValue('model', model)}: ${counted(slice.count('requests'), 'fast request')} for ${usd(slice.sum('cost'))}`,
        ...{ figure: 'requests', value: slice.count('requests'), model: showValue('model', model), cost: more },
      })),
      advice: ['no_fast_mode'],
    },
  ];
}

interface Part {
  readonly code: FindingCode;
  readonly of: (slice: Slice) => Slice;
  readonly words: string;
  /** Shares of the cost from which it is one in any case, and from which it is when it was less before. */
  readonly from: { readonly large: number; readonly notable: number };
  readonly advice: readonly AdviceCode[];
}

const PARTS: readonly Part[] = [
  {
    code: 'subagents',
    of: (slice) => slice.where('query_source', (source) => source === 'subagent'),
    words: 'Subagents',
    from: { large: 0.4, notable: 0.1 },
    advice: ['cheaper_subagents', 'split'],
  },
  {
    code: 'auxiliary',
    of: (slice) => slice.where('query_source', (source) => source === 'auxiliary'),
    words: 'Background work',
    from: { large: 0.15, notable: 0.05 },
    advice: ['check_background'],
  },
  {
    code: 'web_search',
    of: (slice) => slice.where('query_source_detail', (source) => source === 'web_search_tool'),
    words: 'Web searches',
    from: { large: 0.1, notable: 0.03 },
    advice: ['fewer_searches'],
  },
];

export const partsOfCost = ({ now, before }: Facts): Found[] =>
  PARTS.flatMap(({ code, of, words, from, advice }) => {
    const own = of(now);
    const cost = own.sum('cost');
    const share = shareOf(cost, now.sum('cost'));
    const was = before.sum('cost') > 0n ? shareOf(of(before).sum('cost'), before.sum('cost')) : undefined;
    if (!standsOut(share, was, from)) return [];
    return [
      {
        code,
        title: `${words} cost ${usd(cost)}, ${percent(share)} of the whole${was === undefined ? '' : `; usually ${percent(was)}`}.`,
        explains: cost,
        isEstimated: false,
        evidence: own
          .by('query_source_detail')
          .filter(([, slice]) => slice.sum('cost') > 0n)
          .slice(0, SHOWN)
          .map(([source, slice]) => ({
            text: `${showValue('query_source_detail', source)}: ${counted(slice.count('requests'), 'request')} for ${usd(slice.sum('cost'))}`,
            ...{ figure: 'requests', value: slice.count('requests'), cost: slice.sum('cost') },
          })),
        advice,
      },
    ];
  });
