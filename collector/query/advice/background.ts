/** What the client asks for by itself: titles, summaries, suggestions, prompts of hooks. */
import type { PicoUsd } from '../../core/money.ts';
import type { CourseRequest } from '../explain/courses.ts';
import { counted, usd } from '../explain/words.ts';
import type { Claim, Rule } from './rule.ts';

/** 0.04 USD. */
const USUAL: PicoUsd = 40_000_000_000n;

/** Reported as auxiliary, and asked for all the same: by the user, or by the model for its answer. */
const ASKED_FOR: ReadonlySet<string> = new Set(['compact', 'web_search_tool', 'web_fetch_apply']);

export const BACKGROUND: Rule = {
  code: 'background',
  title: 'Background work beyond the usual',
  advice: 'Look at hooks that ask a model, at prompt suggestions and at the small model in the settings: background work should be cheap.',
  how: 'Booked cost of background requests beyond 0.04 USD in a session, without compactions and web searches.',
  thresholds: [{ name: 'usual', value: 0.04, unit: 'usd', reason: 'The published figure: background work stays under it in a session.' }],
  find({ requests }) {
    const own = requests.filter(isBackground);
    const claims = beyond(own);
    const [first] = claims;
    return first === undefined ? [] : [{ atMs: first.request.timeMs, claims }];
  },
  words: (moments) => {
    const claims = moments.flatMap((moment) => moment.claims);
    const cost = claims.reduce((sum, { request }) => sum + request.cost, 0n);
    return `${counted(claims.length, 'background request')} for ${usd(cost)} after the first ${usd(USUAL)}`;
  },
};

const isBackground = ({ dims }: CourseRequest): boolean => dims.query_source === 'auxiliary' && !ASKED_FOR.has(dims.query_source_detail);

/** The first requests use up what is usual; what a request cost after that is beyond it. */
function beyond(requests: readonly CourseRequest[]): readonly Claim[] {
  let left = USUAL;
  return requests.flatMap((request) => {
    const within = request.cost < left ? request.cost : left;
    left -= within;
    const saved = request.cost - within;
    return saved > 0n ? [{ request, saved }] : [];
  });
}
