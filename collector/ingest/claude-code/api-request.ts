/** The api_request event: one successful request to the model, with its tokens and its cost. */
import { mayReportBrokenAttempts } from '../../catalog/client-faults.ts';
import { fromWire, type PicoUsd, parseUsd, RECORD_USD_MAX } from '../../core/money.ts';
import type { Attributes } from '../attribution/claims.ts';
import type { Rejection } from '../usage.ts';
import { EVENT_COUNT_MAX, glimpse, isAbsent, readCount, readLabel, readOptionalCount, toCount } from './attributes.ts';
import { type Draft, type EventReader, rejectCount } from './draft.ts';

export const readApiRequest: EventReader = (attributes, draft) => {
  const cost = readCost(attributes);
  if (typeof cost === 'object') return cost;
  const invalid = readTokens(attributes, draft, cost === 0n && mayReportBrokenAttempts(draft.dimensions.client_version ?? ''));
  if (invalid !== undefined) return invalid;
  draft.cost = cost;
  draft.amounts.requests = 1;
  draft.dimensions.speed = readLabel(attributes, 'speed') ?? 'normal';
  const duration = readOptionalCount(attributes, 'duration_ms');
  if (duration !== undefined) draft.amounts.api_duration_ms = duration;
  const firstToken = readOptionalCount(attributes, 'ttft_ms');
  if (firstToken === undefined) return undefined;
  draft.amounts.ttft_ms = firstToken;
  draft.amounts.ttft_requests = 1;
  return undefined;
};

/**
 * The four classes exclude each other. Cache writes are split by lifetime from 2.1.304 on, with two zeros where the answer of the API did not
 * say it; what the split leaves over is taken for five-minute writes, which is also what clients that do not split write by default.
 */
function readTokens(attributes: Attributes, draft: Draft, isBroken: boolean): Rejection | undefined {
  const input = readCount(attributes, 'input_tokens') ?? 0;
  const output = readCount(attributes, 'output_tokens') ?? 0;
  const cacheRead = readCount(attributes, 'cache_read_tokens') ?? 0;
  const written1h = readCount(attributes, 'cache_creation_1h_tokens');
  const written5m = readCount(attributes, 'cache_creation_5m_tokens');
  const creation = readCount(attributes, 'cache_creation_tokens') ?? (written1h ?? 0) + (written5m ?? 0);
  const total = input + output + cacheRead + creation;
  if (Number.isNaN(total + (written1h ?? 0))) return rejectFirst(attributes);
  if (isBroken) {
    // In no metric, and repeated by the attempt that worked.
    if (total > 0) draft.amounts.unbilled_tokens = total;
    return undefined;
  }
  const cacheCreation1h = Math.min(written1h ?? 0, creation);
  if (creation > 0 && (written1h ?? 0) + (written5m ?? 0) >= creation) draft.hasLifetimes = true;
  draft.tokens = { input, output, cacheRead, cacheCreation5m: creation - cacheCreation1h, cacheCreation1h };
  draft.amounts.input_tokens = input;
  draft.amounts.output_tokens = output;
  draft.amounts.cache_read_tokens = cacheRead;
  draft.amounts.cache_creation_tokens = creation;
  if (written1h !== undefined) draft.amounts.cache_creation_1h_tokens = cacheCreation1h;
  return undefined;
}

const TOKEN_ATTRIBUTES = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_creation_tokens',
  'cache_creation_5m_tokens',
  'cache_creation_1h_tokens',
];

function rejectFirst(attributes: Attributes): Rejection {
  const key = TOKEN_ATTRIBUTES.find((name) => Number.isNaN(readCount(attributes, name))) ?? 'input_tokens';
  return rejectCount(key, attributes.get(key), EVENT_COUNT_MAX);
}

/** cost_usd is exact; cost_usd_micros is rounded for each request, so it only stands in when the other is missing. */
function readCost(attributes: Attributes): PicoUsd | undefined | Rejection {
  const usd = attributes.get('cost_usd');
  if (!isAbsent(usd) && !Number.isNaN(usd)) {
    const cost = typeof usd === 'boolean' ? undefined : fromWire(usd);
    return cost ?? rejectCost('cost_usd', usd);
  }
  const value = attributes.get('cost_usd_micros');
  if (isAbsent(value)) return undefined;
  const micros = toCount(value, RECORD_USD_MAX * 1e6);
  return parseUsd(`${micros}e-6`) ?? rejectCost('cost_usd_micros', value);
}

export const rejectCost = (key: string, value: Parameters<typeof glimpse>[0]): Rejection => ({
  reason: 'invalid_cost',
  message: `${key} is "${glimpse(value)}", expected an amount in 0…${RECORD_USD_MAX} USD. Nothing of this record was booked.`,
});
