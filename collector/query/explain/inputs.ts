/** Findings about what is sent along: prompts far beyond the usual, priced higher for their length, or growing with a conversation. */

import { showValue } from '../../catalog/values.ts';
import { priceAt } from '../../pricing/price-book.ts';
import { type Course, type CourseRequest, isMain } from './courses.ts';
import type { Facts } from './facts.ts';
import { type Evidence, estimated, type Found, MIN_SHARE, shareOf } from './finding.ts';
import { median, normalOf, normalOfModel } from './normal.ts';
import { costAt, inputShare, tokensOf } from './rates.ts';
import { counted, percent, short, timesWords, usd } from './words.ts';

const INPUT_TIMES = 1.5;
const INPUT_REQUESTS_MIN = 5;
const SHOWN = 5;

export function largeInputs({ now, days, prices, atMs }: Facts): Found[] {
  const large = now.by('model').flatMap(([model, slice]) => {
    const prompt = slice.inputPerRequest;
    const normal = normalOfModel(days, model, ({ inputPerRequest }) => inputPerRequest);
    const share = inputShare(tokensOf(slice), priceAt(prices, model, atMs)?.normal);
    if (prompt === undefined || normal === undefined || share === undefined) return [];
    if (slice.count('requests') < INPUT_REQUESTS_MIN || prompt < INPUT_TIMES * normal) return [];
    return [{ model, prompt, normal, explains: estimated(slice.count('cost') * share * (1 - normal / prompt)) }];
  });
  if (large.length === 0) return [];
  const first = large[0];
  return [
    {
      code: 'large_inputs',
      title: `Prompts are larger than usual${first === undefined ? '' : `: ${short(first.prompt)} tokens on average for ${showValue('model', first.model)}, ${timesWords(first.prompt / first.normal)} the usual ${short(first.normal)}`}.`,
      explains: large.reduce((sum, { explains }) => sum + explains, 0n),
      isEstimated: true,
      evidence: large.slice(0, SHOWN).map(({ model, prompt, normal, explains }) => ({
        text: `${showValue('model', model)}: ${short(prompt)} input tokens for each request, usually ${short(normal)}`,
        ...{
          figure: 'input_tokens_per_request',
          value: Math.round(prompt),
          normal: Math.round(normal),
          model: showValue('model', model),
          cost: explains,
        },
      })),
      advice: ['compact', 'clear', 'smaller_inputs'],
    },
  ];
}

export function longPromptPrice({ courses, prices }: Facts): Found[] {
  const long = courses.flatMap(({ requests, sessionId, user }) =>
    requests.flatMap((request) => {
      const period = priceAt(prices, request.dims.model, request.timeMs);
      if (period === undefined || request.dims.speed === 'fast' || request.prompt <= period.longPromptTokens) return [];
      const more = costAt(request.tokens, period.long) - costAt(request.tokens, period.normal);
      return more > 0 ? [{ request, more, sessionId, user, beyond: period.longPromptTokens }] : [];
    }),
  );
  if (long.length === 0) return [];
  const explains = estimated(long.reduce((sum, { more }) => sum + more, 0));
  const evidence = [...Map.groupBy(long, ({ request, sessionId }) => JSON.stringify([request.dims.model, sessionId])).values()].flatMap(
    ([first, ...rest]): Evidence[] => {
      if (first === undefined) return [];
      const { request, sessionId, user, beyond } = first;
      const cost = estimated([first, ...rest].reduce((sum, { more }) => sum + more, 0));
      const model = showValue('model', request.dims.model);
      return [
        {
          text: `${sessionId} of ${user}: ${counted(rest.length + 1, 'request')} to ${model} beyond ${short(beyond)} tokens`,
          ...{ figure: 'requests', value: rest.length + 1, sessionId, user, model, cost, atMs: request.timeMs },
        },
      ];
    },
  );
  return [
    {
      code: 'long_prompt_price',
      title: `${counted(long.length, 'request')} had prompts so long that they cost more: ${usd(explains)} at list price.`,
      explains,
      isEstimated: true,
      evidence: largestFirst(evidence).slice(0, SHOWN),
      advice: ['shorter_prompts', 'compact'],
    },
  ];
}

const largestFirst = (evidence: readonly Evidence[]): readonly Evidence[] =>
  evidence.toSorted((a, b) => ((a.cost ?? 0n) === (b.cost ?? 0n) ? 0 : (a.cost ?? 0n) < (b.cost ?? 0n) ? 1 : -1));

/** A conversation is long from so many requests on, and has grown when its prompts end beyond so many times their beginning. */
const LONG_REQUESTS = 30;
const GROWN_TIMES = 2;
const FIRST = 5;

/** What its requests carry beyond twice the beginning of the conversation: the most that an earlier /compact could have saved. */
interface Conversation {
  readonly course: Course;
  readonly requests: number;
  readonly began: number;
  readonly ended: number;
  readonly carried: number;
}

export function longConversations({ now, days, courses, prices }: Facts): Found[] {
  const total = now.sum('cost');
  const long = courses.flatMap((course) => conversationOf(course, prices));
  const carried = estimated(long.reduce((sum, one) => sum + one.carried, 0));
  if (long.length === 0 || shareOf(carried, total) < MIN_SHARE) return [];
  const normal = normalOf(days, (all) => (all.count('sessions') > 0 ? all.count('requests') / all.count('sessions') : undefined));
  return [
    {
      code: 'long_conversations',
      title: `${counted(long.length, 'conversation')} grew to more than ${GROWN_TIMES} times their first prompts; what every request carries along cost ${usd(carried)}, ${percent(shareOf(carried, total))} of the whole.`,
      explains: carried,
      isEstimated: true,
      evidence: long
        .toSorted((a, b) => b.carried - a.carried)
        .slice(0, SHOWN)
        .map(({ course, requests, began, ended, carried: own }) => ({
          text: `${course.sessionId} of ${course.user}: ${requests} requests, from ${short(began)} to ${short(ended)} tokens, ${compactionWords(course.compactionsMs.length)}`,
          ...{ figure: 'requests', value: requests, sessionId: course.sessionId, user: course.user, cost: estimated(own) },
          ...(normal !== undefined && { normal }),
        })),
      advice: ['compact', 'clear', 'split'],
    },
  ];
}

const compactionWords = (count: number): string => (count === 0 ? 'never compacted' : `compacted ${count === 1 ? 'once' : `${count} times`}`);

function conversationOf(course: Course, prices: Facts['prices']): Conversation[] {
  const main = course.requests.filter(isMain);
  if (main.length < LONG_REQUESTS) return [];
  const began = median(main.slice(0, FIRST).map(({ prompt }) => prompt)) ?? 0;
  const ended = Math.max(...main.map(({ prompt }) => prompt));
  if (began === 0 || ended < GROWN_TIMES * began) return [];
  return [{ course, requests: main.length, began, ended, carried: main.reduce((sum, request) => sum + carriedBy(request, began, prices), 0) }];
}

/** Of what a request cost, what was read from the cache beyond twice the first prompts, in pico-dollars. The rest of a prompt is new. */
function carriedBy(request: CourseRequest, began: number, prices: Facts['prices']): number {
  const rates = priceAt(prices, request.dims.model, request.timeMs)?.normal;
  const carried = Math.min(request.tokens.cacheRead, request.prompt - GROWN_TIMES * began);
  if (rates === undefined || carried <= 0) return 0;
  const all = costAt(request.tokens, rates);
  return all > 0 ? Number(request.cost) * ((carried * rates.cacheRead) / all) : 0;
}
