/** Conversations that grow long before they are compacted, or never are: every request carries all of it along. */
import type { PicoUsd } from '../../core/money.ts';
import type { CourseRequest } from '../explain/courses.ts';
import { counted, short } from '../explain/words.ts';
import { type Compaction, compactionsOf, type Leg, legsOf } from './compactions.ts';
import type { UserCourse } from './course.ts';
import { asPaid, between, type Prices, priced, ratesOf } from './money.ts';
import type { Claim, Known, Moment, Rule } from './rule.ts';

const CONTEXT_TOKENS = 100_000;
const CARRYING_MIN = 5;
/** No summary is shorter. */
const SUMMARY_TOKENS_MIN = 2_000;

export const LATE_COMPACTION: Rule = {
  code: 'late_compaction',
  title: 'Long conversations compacted late, or never',
  advice: 'Use /compact when a conversation passes 100,000 tokens, with a word on what to keep, instead of waiting until it is full.',
  how: 'What requests carried along beyond the size that a compaction leaves, after the prompt had passed 100,000 tokens, at the price paid for it; less the cost of a compaction there.',
  thresholds: [
    {
      name: 'context_tokens',
      value: CONTEXT_TOKENS,
      unit: 'tokens',
      reason: 'Half of the usual window of 200,000 tokens, and where the higher price of Haiku 5.5 begins.',
    },
    { name: 'carrying_requests_min', value: CARRYING_MIN, unit: 'requests', reason: 'For fewer requests a compaction costs about what it saves.' },
  ],
  find(course, known) {
    const compactions = compactionsOf(course);
    return legsOf(course).flatMap((leg) => momentOf(leg, course, compactions, known));
  },
  words: (moments) =>
    `prompts of up to ${short(Math.max(...moments.map(({ tokens = 0 }) => tokens)))} tokens, carried along by ${counted(claimsOf(moments), 'request')} beyond what pays for a compaction`,
};

const claimsOf = (moments: readonly Moment[]): number => moments.reduce((sum, { claims }) => sum + claims.length, 0);

function momentOf({ main, endMs }: Leg, course: UserCourse, compactions: readonly Compaction[], { prices, compactedTo }: Known): Moment[] {
  const at = main.findIndex(({ prompt }) => prompt >= CONTEXT_TOKENS);
  const passed = main[at];
  const carrying = passed === undefined ? [] : carryingAfter(passed, main.slice(at + 1));
  if (passed === undefined || carrying.length < CARRYING_MIN) return [];
  const shrunk = compactions.find(({ atMs }) => atMs === endMs)?.after ?? compactedTo;
  const claims = claimsFrom(passed, carrying, { shrunk, began: course.main[0]?.prompt ?? 0, prices });
  if (claims.length === 0) return [];
  return [{ atMs: passed.timeMs, claims, tokens: Math.max(...carrying.map(({ prompt }) => prompt)) }];
}

/** Up to the first that is shorter: something else was taken away then. */
export function carryingAfter({ prompt: least }: CourseRequest, later: readonly CourseRequest[]): readonly CourseRequest[] {
  const end = later.findIndex(({ prompt }) => prompt < least);
  return end === -1 ? later : later.slice(0, end);
}

interface Compacted {
  /** To so many tokens; undefined: not known. */
  readonly shrunk: number | undefined;
  readonly began: number;
  readonly prices: Prices;
}

function claimsFrom(passed: CourseRequest, carrying: readonly CourseRequest[], { shrunk, began, prices }: Compacted): readonly Claim[] {
  if (shrunk === undefined) return carrying.map((request) => ({ request, saved: 'compaction' }));
  if (shrunk >= passed.prompt) return [];
  const rates = ratesOf(prices, passed);
  if (rates === undefined) return carrying.map((request) => ({ request, saved: 'price' }));
  const output = Math.max(SUMMARY_TOKENS_MIN, shrunk - began);
  const compaction = priced({ cacheRead: passed.prompt, output, cacheCreation5m: shrunk }, rates);
  return net(
    carrying.map((request) => carriedBy(request, shrunk, passed.prompt, prices)),
    compaction,
  );
}

/** What lay between two places of a prompt, as it was paid for. */
export function carriedBy(request: CourseRequest, from: number, to: number, prices: Prices): Claim {
  const rates = ratesOf(prices, request);
  return { request, saved: rates === undefined ? 'price' : asPaid(priced(between(request, from, to), rates), request, rates) };
}

/** The first pay for the compaction. Nothing where it costs as much as it saves. */
function net(claims: readonly Claim[], cost: PicoUsd): readonly Claim[] {
  let left = cost;
  const paid = claims.map(({ request, saved }): Claim => {
    if (typeof saved === 'string') return { request, saved };
    const part = saved < left ? saved : left;
    left -= part;
    return { request, saved: saved - part };
  });
  return left > 0n && claims.every(({ saved }) => typeof saved === 'bigint') ? [] : paid;
}
