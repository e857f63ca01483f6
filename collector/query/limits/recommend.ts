/** What to ask the provider for, and the arithmetic of it in words. Pure. */
import { isSharedEdge, PUBLISHED_RATES, publishedRate } from '../../catalog/published-rates.ts';
import type { Measured } from './measured.ts';
import type { Usage } from './usage.ts';

/** So many minutes with use make a 99th percentile that is not just the busiest of them. */
export const MINUTES_ENOUGH = 300;
/** So many minutes of single users. */
const USER_MINUTES_ENOUGH = 100;
/** Above what is measured, so that an ordinary busy day is no incident. */
export const MARGIN = 1.25;
const TOKENS_STEP = 1_000;

export interface PerMinute {
  readonly tokens: number;
  readonly requests: number;
}

export interface Need extends PerMinute {
  readonly basis: 'measured' | 'published';
  /** How it was computed. */
  readonly words: readonly string[];
}

export interface Recommendation extends Need {
  /** What an ordinary busy minute takes: AWS asks for it beside the peak. */
  readonly steady: PerMinute;
}

const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
const amount = (value: number, unit: 'token' | 'request'): string => `${count(value)} ${unit}${value === 1 ? '' : 's'}`;
const roundUp = (value: number, step: number): number => Math.ceil(Number((value / step).toFixed(6))) * step;
const limitOf = ({ tokens, requests }: PerMinute): PerMinute => ({ tokens: roundUp(tokens, TOKENS_STEP), requests: roundUp(requests, 1) });

/** Undefined for nobody. */
export function recommend(users: number, measured: Measured | undefined, usage: Pick<Usage, 'days'>): Recommendation | undefined {
  return fromMeasured(users, measured, usage) ?? fromPublished(users, measured);
}

function fromMeasured(users: number, measured: Measured | undefined, { days }: Pick<Usage, 'days'>): Recommendation | undefined {
  const [tokens, requests] = [measured?.rates.get('tokens'), measured?.rates.get('requests')];
  if (users < 1 || measured?.users === undefined || measured.users === 0 || measured.minutes < MINUTES_ENOUGH) return undefined;
  if (tokens === undefined || requests === undefined) return undefined;
  const scale = users / measured.users;
  const peak = limitOf({ tokens: tokens.p99 * scale * MARGIN, requests: requests.p99 * scale * MARGIN });
  const sum = (p99: number, unit: 'token' | 'request', result: number): string =>
    `${amount(p99, unit)} per minute (p99 of ${count(measured.minutes)} minutes with use) × ${count(users)} / ${count(measured.users ?? 0)} users × ${MARGIN} = ${count(result)}.`;
  return {
    ...peak,
    basis: 'measured',
    steady: limitOf({ tokens: tokens.p95 * scale, requests: requests.p95 * scale }),
    words: [
      sum(tokens.p99, 'token', peak.tokens),
      sum(requests.p99, 'request', peak.requests),
      `Measured in the last ${days === 1 ? 'day' : `${days} days`}, without cache reads. Peaks of more users even out, so this is a generous estimate.`,
    ],
  };
}

function fromPublished(users: number, measured: Measured | undefined): Recommendation | undefined {
  const row = publishedRate(users);
  if (row === undefined) return undefined;
  const steady = limitOf({ tokens: row.tokens[0] * users, requests: row.requests[0] * users });
  const high = limitOf({ tokens: row.tokens[1] * users, requests: row.requests[1] * users });
  const why =
    measured === undefined
      ? 'Nothing was measured'
      : measured.users === undefined
        ? 'The users of the measured minutes are not known'
        : `Only ${count(measured.minutes)} minutes with use were measured; ${count(MINUTES_ENOUGH)} are needed`;
  return {
    ...high,
    basis: 'published',
    steady,
    words: [
      `${count(row.tokens[1])} tokens per minute and user × ${count(users)} users = ${count(high.tokens)}.`,
      `${count(row.requests[1])} requests per minute and user × ${count(users)} users = ${count(high.requests)}.`,
      `${why}, so this is the provider's table of ${PUBLISHED_RATES.readOn}: the row for ${row.size} users, its larger figures.${edgeWords(users, row.size)}`,
    ],
  };
}

export const edgeWords = (users: number, size: string): string =>
  isSharedEdge(users) ? ` ${count(users)} users are in two rows of the table, and it does not say which holds: ${size} is the larger amount.` : '';

/** Everybody at once, which is what small teams come close to, and a live training session is. */
export function trainingNeed(users: number, measured: Measured | undefined): Need | undefined {
  const own = measured?.perUser;
  if (own !== undefined && own.userMinutes >= USER_MINUTES_ENOUGH) {
    const need = limitOf({ tokens: own.tokens.p95 * users, requests: own.requests.p95 * users });
    const of = `(p95 of ${count(own.userMinutes)} minutes of an active user) × ${count(users)} users`;
    return {
      ...need,
      basis: 'measured',
      words: [
        `${amount(own.tokens.p95, 'token')} per minute ${of} = ${count(need.tokens)}.`,
        `${amount(own.requests.p95, 'request')} per minute ${of} = ${count(need.requests)}.`,
      ],
    };
  }
  const row = publishedRate(1);
  if (row === undefined) return undefined;
  const need = limitOf({ tokens: row.tokens[1] * users, requests: row.requests[1] * users });
  return {
    ...need,
    basis: 'published',
    words: [
      `${count(row.tokens[1])} tokens per minute and user × ${count(users)} users = ${count(need.tokens)}.`,
      `${count(row.requests[1])} requests per minute and user × ${count(users)} users = ${count(need.requests)}.`,
      `Too little was measured, so this is the row for ${row.size} users of the provider's table, however many take part: rows for larger teams count on users who are not active at the same time.`,
    ],
  };
}
