/** Findings about the prompt cache: less of the input came from it than usual, and pauses that outlived it. */

import { figureValue } from '../../catalog/figure-values.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { priceAt } from '../../pricing/price-book.ts';
import { type Course, type CourseRequest, isMain } from './courses.ts';
import type { Facts } from './facts.ts';
import { type Evidence, estimated, type Found, MIN_SHARE, shareOf } from './finding.ts';
import { normalOf } from './normal.ts';
import type { Slice } from './slice.ts';
import { counted, pause, percent, usd } from './words.ts';

const MISS_TIMES = 1.3;
const MISS_POINTS = 0.03;
const SHOWN = 5;

export function cacheMisses(facts: Facts): Found[] {
  const { now, days } = facts;
  const missed = now.missRatio;
  const normal = normalOf(days, ({ missRatio }) => missRatio);
  if (missed === undefined || normal === undefined || missed < MISS_TIMES * normal || missed - normal < MISS_POINTS) return [];
  const explains = estimated(now.by('model').reduce((sum, [model, slice]) => sum + lostOf(slice, model, (missed - normal) / missed, facts), 0));
  const savings = figureValue('cache_savings', (measure) => now.sum(measure));
  return [
    {
      code: 'cache_misses',
      title: `${percent(missed)} of the input was not read from the cache, usually ${percent(normal)}; reading it from there would have saved ${usd(explains)} at list price.`,
      explains,
      isEstimated: true,
      evidence: [
        {
          text: `cache reads: ${percent(1 - missed)} of the input, usually ${percent(1 - normal)}`,
          figure: 'cache_hit_ratio',
          value: 1 - missed,
          normal: 1 - normal,
        },
        ...(typeof savings === 'bigint'
          ? [{ text: `the cache saved ${usd(savings)} at list price all the same`, figure: 'cache_savings' as const, cost: savings }]
          : []),
      ],
      advice: ['stable_prefix', 'cache_1h', 'resume_less'],
    },
  ];
}

/** What the part of the misses that is beyond the usual cost more than reading it, in pico-dollars. */
function lostOf(slice: Slice, model: string, part: number, { prices, atMs }: Facts): number {
  const rates = priceAt(prices, model, atMs)?.normal;
  if (rates === undefined) return 0;
  const oneHour = Math.min(slice.count('cache_creation_1h_tokens'), slice.count('cache_creation_tokens'));
  const fiveMinutes = slice.count('cache_creation_tokens') - oneHour;
  const more =
    slice.count('input_tokens') * (rates.input - rates.cacheRead) +
    fiveMinutes * (rates.cacheWrite5m - rates.cacheRead) +
    oneHour * (rates.cacheWrite1h - rates.cacheRead);
  return more * part;
}

/** A request after a pause, whose prompt had to be written to the cache again. */
interface Rewrite {
  readonly course: Course;
  readonly request: CourseRequest;
  readonly pauseMs: number;
  readonly lifetimeMs: number;
  /** Beyond reading it, in pico-dollars. */
  readonly more: number;
}

/** Smaller prompts are written again without anybody noticing. */
const PROMPT_MIN = 10_000;

export function pausesBeyondCache({ now, courses, prices }: Facts): Found[] {
  const rewrites = courses.flatMap((course) => rewritesOf(course, prices));
  const explains = estimated(rewrites.reduce((sum, { more }) => sum + more, 0));
  if (shareOf(explains, now.sum('cost')) < MIN_SHARE) return [];
  const bySession = [...Map.groupBy(rewrites, ({ course }) => course)];
  const within = rewrites.filter(({ pauseMs, lifetimeMs }) => lifetimeMs < HOUR_MS && pauseMs <= HOUR_MS).length;
  return [
    {
      code: 'pauses_beyond_cache',
      title: `After ${counted(rewrites.length, 'pause')} longer than the cache lasts, the prompt was written to it again: ${usd(explains)} at list price.`,
      explains,
      isEstimated: true,
      evidence: bySession
        .map(([course, own]): Evidence => {
          const longest = own.reduce((one, other) => (other.pauseMs > one.pauseMs ? other : one));
          return {
            text: `${course.sessionId} of ${course.user}: ${counted(own.length, 'pause')}, the longest ${pause(longest.pauseMs)}`,
            ...{ figure: 'pauses', value: own.length, sessionId: course.sessionId, user: course.user },
            ...{ atMs: longest.request.timeMs, cost: estimated(own.reduce((sum, { more }) => sum + more, 0)) },
          };
        })
        .sort((a, b) => Number((b.cost ?? 0n) - (a.cost ?? 0n)))
        .slice(0, SHOWN),
      advice: [...(within > 0 ? (['cache_1h'] as const) : []), 'resume_less', 'clear'],
    },
  ];
}

function rewritesOf(course: Course, prices: Facts['prices']): Rewrite[] {
  const main = course.requests.filter(isMain);
  return main.flatMap((request, index) => {
    const last = main[index - 1];
    const rates = priceAt(prices, request.dims.model, request.timeMs)?.normal;
    // Another model has a cache of its own: that is no matter of time.
    if (last === undefined || rates === undefined || last.dims.model !== request.dims.model) return [];
    const pauseMs = request.timeMs - last.timeMs;
    const lifetimeMs = last.tokens.cacheCreation1h > 0 ? HOUR_MS : 5 * MINUTE_MS;
    const { cacheCreation5m, cacheCreation1h, cacheRead } = request.tokens;
    const written = cacheCreation5m + cacheCreation1h;
    if (pauseMs <= lifetimeMs || last.prompt < PROMPT_MIN || written < cacheRead) return [];
    const again = Math.min(written, last.prompt);
    const writing = cacheCreation1h > cacheCreation5m ? rates.cacheWrite1h : rates.cacheWrite5m;
    return [{ course, request, pauseMs, lifetimeMs, more: again * (writing - rates.cacheRead) }];
  });
}
