/** Small tasks, and searches of subagents, on a large model. */
import { showValue } from '../../catalog/values.ts';
import type { CourseRequest } from '../explain/courses.ts';
import { counted } from '../explain/words.ts';
import type { UserCourse } from './course.ts';
import { asPaid, type Prices, priced, ratesOf } from './money.ts';
import type { Claim, Moment, Rule } from './rule.ts';

const REQUESTS_MAX = 8;
const OUTPUT_MAX = 4_000;
const PROMPT_MAX = 60_000;

/** Largest first. A task is never advised more than one class down, and from these alone. */
const CLASSES: readonly RegExp[] = [/^claude-(?:fable|mythos)\b/, /^claude-(?:[\d-]+-)?opus\b/, /^claude-(?:[\d-]+-)?sonnet\b/];
/** Agents that come with the client, read and change nothing. */
const SEARCHING: ReadonlySet<string> = new Set(['Explore']);

export const SMALLER_MODEL: Rule = {
  code: 'smaller_model',
  title: 'Small tasks on a large model',
  advice: 'Ask short questions of a smaller model (/model), and give searching subagents one in their definition.',
  how: 'The same tokens at list price on the newest model of the next smaller class at the time, beside what they cost; another model may need more or fewer.',
  thresholds: [
    { name: 'requests_max', value: REQUESTS_MAX, unit: 'requests', reason: 'A question and what is read for the answer take no more.' },
    { name: 'output_tokens_max', value: OUTPUT_MAX, unit: 'tokens', reason: 'An answer of some pages; whoever builds something writes more.' },
    { name: 'prompt_tokens_max', value: PROMPT_MAX, unit: 'tokens', reason: 'Nothing large was read.' },
  ],
  find: (course, { prices }) => [
    ...(isSmall(course) ? momentOf(course.main, prices) : []),
    ...momentOf(
      course.requests.filter(({ dims }) => SEARCHING.has(dims.agent)),
      prices,
    ),
  ],
  words: (moments) => {
    const models = [...new Set(moments.flatMap(({ model = '' }) => model))].map((model) => showValue('model', model)).join(', ');
    return `${counted(
      moments.reduce((sum, { claims }) => sum + claims.length, 0),
      'request',
    )} of a small task, or of Explore, on ${models}`;
  },
};

/** A question that changes nothing. */
function isSmall({ main, requests, hasWritten, compactionsMs }: UserCourse): boolean {
  const output = main.reduce((sum, { tokens }) => sum + tokens.output, 0);
  const hasAgents = requests.some(({ dims }) => dims.query_source === 'subagent');
  if (hasWritten || hasAgents || compactionsMs.length > 0) return false;
  return main.length <= REQUESTS_MAX && output <= OUTPUT_MAX && main.every(({ prompt }) => prompt <= PROMPT_MAX);
}

function momentOf(requests: readonly CourseRequest[], prices: Prices): Moment[] {
  const claims = requests.flatMap((request) => claimOf(request, prices));
  return [...Map.groupBy(claims, ({ request }) => request.dims.model)].map(([model, own]) => ({
    atMs: own[0]?.request.timeMs ?? 0,
    claims: own,
    model,
  }));
}

function claimOf(request: CourseRequest, prices: Prices): Claim[] {
  const { dims, timeMs } = request;
  const place = CLASSES.findIndex((one) => one.test(dims.model));
  // Fast mode has prices of its own, and is a choice of its own.
  if (place === -1 || place === CLASSES.length - 1 || dims.speed === 'fast') return [];
  const rates = ratesOf(prices, request);
  const smaller = newestOf(CLASSES[place + 1], timeMs, prices);
  const other = smaller === undefined ? undefined : ratesOf(prices, { ...request, dims: { ...dims, model: smaller } });
  if (rates === undefined || other === undefined) return [{ request, saved: 'price' }];
  const saved = priced(request.tokens, rates) - priced(request.tokens, other);
  return saved > 0n ? [{ request, saved: asPaid(saved, request, rates) }] : [];
}

/** Of those that had a price by then, the one that got it last; of equals the first by name. */
function newestOf(one: RegExp | undefined, atMs: number, prices: Prices): string | undefined {
  const known = prices.models.flatMap((model) => {
    const fromMs = prices.history(model)[0]?.fromMs ?? Number.POSITIVE_INFINITY;
    return one?.test(model) === true && fromMs <= atMs ? [{ model, fromMs }] : [];
  });
  return known.sort((a, b) => b.fromMs - a.fromMs || (a.model < b.model ? -1 : 1))[0]?.model;
}
