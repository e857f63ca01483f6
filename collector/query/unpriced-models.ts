/** Models that tokens were booked of without a list price, and what is to be done about them. */
import { DAY_MS } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { type PriceBook, priceAt } from '../pricing/price-book.ts';

export interface UnpricedModel {
  readonly model: string;
  readonly isFast: boolean;
  readonly tokens: bigint;
  /** Is there a price now, which came after the tokens were booked? */
  readonly hasPrice: boolean;
}

const MODELS_MAX = 10_000;
const RECENT_DAYS = 30;
const NAMED_MAX = 3;

/** Most tokens first. */
export async function unpricedModels(
  ledger: Pick<LedgerSnapshot, 'query'>,
  prices: PriceBook,
  nowMs: number,
  fromMs?: number,
): Promise<UnpricedModel[]> {
  const { rows } = await ledger.query({
    measures: ['unpriced_tokens'],
    by: ['model', 'speed'],
    grain: 'total',
    timeZone: 'UTC',
    where: [],
    ...(fromMs !== undefined && { fromMs }),
    rowsMax: MODELS_MAX,
    beyond: 'other',
  });
  return rows
    .flatMap(({ key: [model = '', speed = ''], values: [tokens = 0n] }): UnpricedModel[] => {
      const isFast = speed === 'fast';
      const period = priceAt(prices, model, nowMs);
      return tokens <= 0n ? [] : [{ model, isFast, tokens, hasPrice: (isFast ? period?.fast : period?.normal) !== undefined }];
    })
    .sort((one, other) => Number(other.tokens - one.tokens) || (one.model < other.model ? -1 : 1));
}

/** For `ledgerline doctor`: what was used lately and still has no price. */
export async function unpricedFindings(ledger: Pick<LedgerSnapshot, 'query'>, prices: PriceBook, nowMs: number): Promise<Finding[]> {
  const sinceMs = (Math.floor(nowMs / DAY_MS) - RECENT_DAYS) * DAY_MS;
  const models = (await unpricedModels(ledger, prices, nowMs, sinceMs)).filter(({ hasPrice }) => !hasPrice);
  if (models.length === 0) return [];
  const tokens = models.reduce((sum, one) => sum + one.tokens, 0n);
  const named = models.slice(0, NAMED_MAX).map(({ model, isFast }) => `${model || 'an unknown model'}${isFast ? ' in fast mode' : ''}`);
  const others = models.length > named.length ? ` and ${models.length - named.length} more` : '';
  return [
    {
      code: 'unpriced_tokens',
      severity: 'warning',
      message: `${tokens.toLocaleString('en')} tokens of the last ${RECENT_DAYS} days have no list price: ${named.join(', ')}${others}.`,
      remedy: '`ledgerline prices check` says how to price each.',
    },
  ];
}
