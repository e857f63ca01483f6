/**
 * Tokens that are in the cost of an event and not in its tokens. How many is not on the wire, so nothing here is exact: what the cost has
 * beyond list price could be paid for whole tokens. It is looked for last, and in versions alone that are known to report so.
 */
import { CLIENT_TRAITS, isWithin } from '../../catalog/client-faults.ts';
import type { PicoUsd } from '../../core/money.ts';
import { greatestCommonDivisor } from '../fraction.ts';
import { priceAt, type TokenRates } from '../price-book.ts';
import { multipleOf } from './agreement.ts';
import type { Case, FindCause } from './case.ts';
import { costOf } from './cost-of.ts';

/** Attempts of the client. */
const RETRIES_MAX = 10n;

/** A model that costs more was asked for advice: its input and output are in the cost. */
export const withAdvisor: FindCause = (found) => {
  if (!isWithin(found.request.clientVersion ?? '', CLIENT_TRAITS.advisorIncluded)) return undefined;
  const beyond = beyondList(found);
  if (beyond === undefined) return undefined;
  const isAdvice = ({ input, output }: TokenRates): boolean =>
    beyond >= BigInt(input + output) && multipleOf(beyond, greatestCommonDivisor(BigInt(input), BigInt(output)), found.reported) !== undefined;
  return advisorsOf(found).some(isAdvice)
    ? { basis: 'advisor', detail: 'probably, as what is beyond list price comes to whole tokens of a model that costs more' }
    : undefined;
};

/** Of the models that are out and cost more. */
function advisorsOf({ prices, rates, request: { timeMs } }: Case): TokenRates[] {
  return prices.models.flatMap((model) => {
    const period = priceAt(prices, model, timeMs);
    return period === undefined || period.fromMs > timeMs || period.normal.input <= (rates?.input ?? 0) ? [] : [period.normal];
  });
}

/** The stream was cut and the request sent again: the cost is that of all attempts. */
export const withLostAttempts: FindCause = (found) => {
  const { rates, request, reported } = found;
  if (rates === undefined || !isWithin(request.clientVersion ?? '', CLIENT_TRAITS.retriesIncluded)) return undefined;
  const beyond = beyondList(found);
  if (beyond === undefined || beyond > RETRIES_MAX * (reported - beyond)) return undefined;
  const unit = Object.values(rates).map(BigInt).reduce(greatestCommonDivisor);
  if (multipleOf(beyond, unit, reported) === undefined) return undefined;
  return { basis: 'client_version', detail: 'probably attempts that were cut and repeated: their cost is reported, their tokens are not' };
};

/** Undefined where the cost is not more than list price. */
function beyondList({ rates, readings: [reading], reported }: Case): PicoUsd | undefined {
  if (rates === undefined || reading === undefined) return undefined;
  const beyond = reported - costOf(reading, rates);
  return beyond > 0n ? beyond : undefined;
}
