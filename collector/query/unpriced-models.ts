/** Models that tokens were booked of without a list price, and what is to be done about them. */
import type { Filter } from '../catalog/values.ts';
import { DAY_MS } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { type PriceBook, priceAt } from '../pricing/price-book.ts';

export interface UnpricedModel {
  readonly model: string;
  readonly isFast: boolean;
  readonly tokens: bigint;
  /** Is there a price of the days of these tokens now, which came after they were booked? */
  readonly hasPrice: boolean;
  /** In fast mode: the first price is of a later day than these tokens. */
  readonly pricedFromMs?: number | undefined;
}

const MODELS_MAX = 10_000;
const RECENT_DAYS = 30;
const NAMED_MAX = 3;

type Asked = Pick<LedgerSnapshot, 'query'>;

const QUESTION = { measures: ['unpriced_tokens'], timeZone: 'UTC', rowsMax: MODELS_MAX, beyond: 'other' } as const;

/** Most tokens first. A model is there twice where some of its tokens are older than its first price. */
export async function unpricedModels(ledger: Asked, prices: PriceBook, nowMs: number, fromMs?: number): Promise<UnpricedModel[]> {
  const range = fromMs === undefined ? {} : { fromMs };
  const { rows } = await ledger.query({ ...QUESTION, ...range, by: ['model', 'speed'], grain: 'total', where: [] });
  const found: UnpricedModel[] = [];
  for (const {
    key: [model = '', speed = ''],
    values: [tokens = 0n],
  } of rows) {
    if (tokens <= 0n) continue;
    const isFast = speed === 'fast';
    if (rateAt(prices, model, isFast, nowMs)) found.push(...(await byDays(ledger, prices, { model, speed, isFast, range })));
    else found.push({ model, isFast, tokens, hasPrice: false });
  }
  return found.sort((one, other) => Number(other.tokens - one.tokens) || (one.model < other.model ? -1 : 1));
}

function rateAt(prices: PriceBook, model: string, isFast: boolean, atMs: number): boolean {
  const period = priceAt(prices, model, atMs);
  return (isFast ? period?.fast : period?.normal) !== undefined;
}

interface Priced {
  readonly model: string;
  /** As stored. */
  readonly speed: string;
  readonly isFast: boolean;
  readonly range: { readonly fromMs?: number };
}

/** Requests are priced at their own day: rates of fast mode that came with a later row are none of theirs. */
async function byDays(ledger: Asked, prices: PriceBook, { model, speed, isFast, range }: Priced): Promise<UnpricedModel[]> {
  const where: Filter[] = [
    { dimension: 'model', values: [model] },
    { dimension: 'speed', values: [speed] },
  ];
  const { rows } = await ledger.query({ ...QUESTION, ...range, by: [], grain: 'day', where });
  let [since, before] = [0n, 0n];
  for (const { startMs = 0, values } of rows) {
    const [tokens = 0n] = values;
    if (rateAt(prices, model, isFast, startMs)) since += tokens;
    else before += tokens;
  }
  const pricedFromMs = prices.history(model).find(({ fast }) => !isFast || fast !== undefined)?.fromMs;
  return [
    ...(since > 0n ? [{ model, isFast, tokens: since, hasPrice: true }] : []),
    ...(before > 0n ? [{ model, isFast, tokens: before, hasPrice: false, pricedFromMs }] : []),
  ];
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
