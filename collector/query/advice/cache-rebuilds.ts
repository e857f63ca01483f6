/** After a pause longer than the prompt cache lasts, the conversation is written to it again. */
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import type { CourseRequest } from '../explain/courses.ts';
import { counted, pause, short } from '../explain/words.ts';
import type { UserCourse } from './course.ts';
import { asPaid, priced, ratesOf } from './money.ts';
import type { Moment, Rule } from './rule.ts';

const TOKENS_MIN = 10_000;

export const CACHE_REBUILDS: Rule = {
  code: 'cache_rebuilds',
  title: 'Cache written again after pauses',
  advice:
    'Go on before the cache expires, five minutes or an hour after the last request; after a longer pause begin with /clear and a short summary.',
  how: 'Tokens that were in the cache before the pause and were written to it again, at the price of writing less that of reading them.',
  thresholds: [{ name: 'tokens_min', value: TOKENS_MIN, unit: 'tokens', reason: 'A prompt without a conversation is about as long.' }],
  find: (course, { prices }) =>
    rebuildsOf(course).map(({ request, again, pauseMs }) => {
      const rates = ratesOf(prices, request);
      const cacheCreation5m = Math.min(again, request.tokens.cacheCreation5m);
      const written = { cacheCreation5m, cacheCreation1h: again - cacheCreation5m };
      const saved = rates === undefined ? 'price' : asPaid(priced(written, rates) - priced({ cacheRead: again }, rates), request, rates);
      return { atMs: request.timeMs, claims: [{ request, saved }], tokens: again, pauseMs };
    }),
  words: (moments) =>
    `${counted(moments.length, 'pause')} longer than the cache lasts, the longest ${pause(longest(moments))}: ${short(tokensOf(moments))} tokens written again`,
};

const longest = (moments: readonly Moment[]): number => Math.max(...moments.map(({ pauseMs = 0 }) => pauseMs));
const tokensOf = (moments: readonly Moment[]): number => moments.reduce((sum, { tokens = 0 }) => sum + tokens, 0);

interface Rebuild {
  readonly request: CourseRequest;
  /** Tokens that had been in the cache and were written again. */
  readonly again: number;
  readonly pauseMs: number;
}

function rebuildsOf({ main, compactionsMs }: UserCourse): Rebuild[] {
  let lifetimeMs = 5 * MINUTE_MS;
  return main.flatMap((request, index) => {
    const last = main[index - 1];
    if (last === undefined) return [];
    lifetimeMs = lifetimeOf(last, lifetimeMs);
    // A request is dated when it ends, and the cache lasts from when it was used last.
    const pauseMs = request.timeMs - request.durationMs - last.timeMs;
    const again = writtenAgain(last, request);
    // Another model has a cache of its own, and a compaction makes another prompt: neither is a matter of time.
    const isOther = last.dims.model !== request.dims.model || compactionsMs.some((atMs) => atMs >= last.timeMs && atMs < request.timeMs);
    return isOther || pauseMs <= lifetimeMs || again < TOKENS_MIN ? [] : [{ request, again, pauseMs }];
  });
}

/** As the last request that wrote anything wrote it. Clients that do not say wrote for five minutes, as far as is known. */
const lifetimeOf = ({ tokens }: CourseRequest, before: number): number =>
  tokens.cacheCreation1h > 0 ? HOUR_MS : tokens.cacheCreation5m > 0 ? 5 * MINUTE_MS : before;

function writtenAgain(last: CourseRequest, { tokens }: CourseRequest): number {
  const cached = last.tokens.cacheRead + last.tokens.cacheCreation5m + last.tokens.cacheCreation1h;
  return Math.min(tokens.cacheCreation5m + tokens.cacheCreation1h, Math.max(0, cached - tokens.cacheRead));
}
