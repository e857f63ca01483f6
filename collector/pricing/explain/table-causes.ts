/** Other rates than those of the request's model and day: of another day or model, of a client's own, of a model that it does not know. */
import { possibleFaults } from '../../catalog/client-faults.ts';
import type { PriceBook, PricePeriod, Rates, TokenRates } from '../price-book.ts';
import { toTokenRates } from '../rates.ts';
import { type FindCause, ratesIn, readingAt } from './case.ts';
import type { ReportedRequest } from './request.ts';

/** What clients charge for a model that they do not know. */
const DEFAULT_RATES: Rates = { input: '5', output: '25', cache_write_5m: '6.25', cache_write_1h: '10', cache_read: '0.50' };

const CHARGED_BY_DEFAULT = toTokenRates(DEFAULT_RATES);

export const ofClientVersion: FindCause = (found) => {
  const { model, clientVersion = '' } = found.request;
  for (const { charges } of possibleFaults(clientVersion)) {
    if (charges === undefined || !charges.models.includes(model)) continue;
    const settles = readingAt(found, toTokenRates(charges.rates));
    const { input, output, cache_write_5m: write, cache_write_1h: writeForAnHour } = charges.rates;
    if (settles === undefined) continue;
    return {
      basis: 'client_version',
      detail: `Claude Code ${clientVersion} charges ${input}/${output} USD`,
      ...(write !== writeForAnHour && { settles }),
    };
  }
  return undefined;
};

/** Another dated row of the same model, at the same speed. A published one, where those of the operator's own hold, is no other day. */
export const ofOtherDay: FindCause = (found) => {
  const { prices, request } = found;
  const isOwn = found.period?.origin === 'own';
  for (const period of prices.history(request.model).toReversed()) {
    const rates = ratesIn(period, request);
    const settles = rates && readingAt(found, rates);
    if (settles === undefined) continue;
    const detail = `at the price from ${dayOf(period)} on`;
    if (isOwn && period.origin !== 'own') return { basis: 'discount', detail: `${detail}, which the price file of your own replaced`, settles };
    return { basis: 'price_date', detail, settles };
  }
  return undefined;
};

const dayOf = ({ fromMs }: PricePeriod): string => new Date(fromMs).toISOString().slice(0, 10);

export const ofUnknownModel: FindCause = (found) => {
  const settles = readingAt(found, CHARGED_BY_DEFAULT);
  return settles && { basis: 'unknown_model', detail: 'at the 5/25 USD that clients charge for a model they do not know', settles };
};

/** Any row of the book: the price of the model that was asked for, of another speed, or one that a promotion sets. */
export const ofOtherModel: FindCause = (found) => {
  const { request, prices } = found;
  const fits = rowsOf(prices).flatMap((row) => {
    const settles = readingAt(found, row.rates);
    return settles === undefined ? [] : [{ row, settles }];
  });
  const [best] = fits.toSorted((one, other) => inOrder(one.row, other.row, request));
  return best && { basis: 'promotion', detail: `at the price of ${best.row.name}`, settles: best.settles };
};

interface Row {
  readonly model: string;
  readonly name: string;
  /** Of the model's first row. */
  readonly firstMs: number;
  readonly fromMs: number;
  /** Of the model's next row. */
  readonly untilMs: number;
  readonly rates: TokenRates;
}

/** Of a book nothing but what it learns changes, and that is nobody's price list. */
const known = new WeakMap<PriceBook, readonly Row[]>();

function rowsOf(prices: PriceBook): readonly Row[] {
  const found = known.get(prices) ?? prices.models.flatMap((model) => rows(model, prices.history(model)));
  known.set(prices, found);
  return found;
}

function rows(model: string, history: readonly PricePeriod[]): Row[] {
  return history.flatMap(({ fromMs, normal, fast, long, longPromptTokens, origin }, index) => {
    if (origin === 'learnt') return [];
    const common = { model, fromMs, firstMs: history[0]?.fromMs ?? fromMs, untilMs: history[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY };
    return [
      { ...common, name: model, rates: normal },
      ...(fast === undefined ? [] : [{ ...common, name: `${model} in fast mode`, rates: fast }]),
      ...(longPromptTokens === Number.POSITIVE_INFINITY ? [] : [{ ...common, name: `${model} for long prompts`, rates: long }]),
    ];
  });
}

type Owner = Pick<ReportedRequest, 'timeMs' | 'model'>;

/** Which of rows with the same rates is meant: one that holds, then one of the model itself, then one of its line, then of the newest. */
const inOrder = (one: Row, other: Row, owner: Owner): number =>
  nearness(other, owner) - nearness(one, owner) || other.firstMs - one.firstMs || other.fromMs - one.fromMs || (one.name < other.name ? -1 : 1);

function nearness({ model, fromMs, untilMs }: Row, { timeMs, model: own }: Owner): number {
  return (fromMs <= timeMs && timeMs < untilMs ? 4 : 0) + (model === own ? 2 : 0) + (lineOf(model) === lineOf(own) ? 1 : 0);
}

const lineOf = (model: string): string => model.replace(/[\d-]+/g, '-');
