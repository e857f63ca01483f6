/** For each finding a day that has it, and one near it that does not. The money is added up here, from entries, in another way than there. */

import type { Entry } from '../../../collector/ledger/entry.ts';
import type { FindingCode } from '../../../collector/query/explain/finding.ts';
import { costOf, incident, MINUTE, type RequestPlan, request, TODAY, usualDay, usualDays } from './scenario.ts';

export interface Scenario {
  readonly code: FindingCode;
  /** The day with it. */
  readonly has: (team: string) => Entry[];
  /** A day near it, without. */
  readonly near: (team: string) => Entry[];
  /** The days before, where they matter. */
  readonly before?: (team: string) => Entry[];
  /** What it explains, by hand. */
  readonly explains?: (day: readonly Entry[], before: readonly Entry[]) => bigint;
  /** In what is read: names and figures. */
  readonly says: readonly (string | RegExp)[];
}

const NIGHT = TODAY + 2 * 60 * MINUTE;
const NOON = TODAY + 12 * 60 * MINUTE;

/** `count` requests of one session, `everyMs` apart. */
const session = (
  team: string,
  name: string,
  count: number,
  everyMs: number,
  plan: (index: number) => Partial<RequestPlan> = () => ({}),
  startMs = NOON,
): Entry[] =>
  Array.from({ length: count }, (_, index) => request({ session: `${team} ${name}`, team, atMs: startMs + index * everyMs, ...plan(index) }));

const ofSession = (day: readonly Entry[], name: string): bigint => costOf(day.filter(({ sessionId }) => sessionId.endsWith(` ${name}`)));
const by = (day: readonly Entry[], dimension: 'entry_point' | 'query_source' | 'query_source_detail', value: string): bigint =>
  costOf(day.filter(({ dimensions }) => dimensions[dimension] === value));
const token = (entry: Entry, name: 'cache_read_tokens' | 'cache_creation_tokens'): bigint => BigInt(entry.amounts[name] ?? 0);

const SEARCH = { query_source: 'auxiliary', query_source_detail: 'web_search_tool' };
const SUBAGENT = { query_source: 'subagent', query_source_detail: 'agent:builtin:Explore' };
const TITLES = { query_source: 'auxiliary', query_source_detail: 'generate_session_title' };
const SDK = { entry_point: 'sdk-ts' };

export const SCENARIOS: readonly Scenario[] = [
  {
    code: 'largest_sessions',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'huge', 60, 2 * MINUTE)],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'ninth', 9, 2 * MINUTE)],
    explains: (day) => ofSession(day, 'huge'),
    says: ['1 session cost', /huge of ada: \$\d/, 'a session usually costs $0.15'],
  },
  {
    code: 'unusual_users',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'bob', 30, 2 * MINUTE, () => ({ user: 'bob' }))],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'bob', 8, 2 * MINUTE, () => ({ user: 'bob' }))],
    explains: (day, before) => costOf(ofUser(day, 'bob')) - costOf(ofUser(before, 'bob')) / 14n,
    says: [/bob: \$\d.*4\.8 times the usual/],
  },
  {
    code: 'more_requests',
    has: (team) =>
      [0, 1, 2].flatMap((round) => usualDay(team, TODAY, (plan) => ({ session: `${plan.session} ${round}`, atMs: plan.atMs + round * MINUTE }))),
    near: (team) => usualDay(team, TODAY),
    explains: (day) => (costOf(day) * 2n) / 3n,
    says: ['72 requests are 3.0 times the usual 24'],
  },
  {
    code: 'high_request_rate',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'loop', 40, 2_000)],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'loop', 40, 8_000)],
    explains: (day) =>
      ofSession(day, 'loop') - costOf(day.filter(({ sessionId, timeMs }) => sessionId.endsWith(' loop') && timeMs >= NOON + MINUTE + MINUTE)),
    says: ['up to 30 times a minute', /loop of ada: 30 requests/],
  },
  {
    code: 'automation',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'nightly', 12, 2 * MINUTE, () => ({ dimensions: SDK }), NIGHT)],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'nightly', 12, 2 * MINUTE, () => ({}), NIGHT)],
    explains: (day) => by(day, 'entry_point', 'sdk-ts'),
    says: ['33 % of the whole; it is usually 0 %', 'sdk-ts: 12 requests', '12 requests between 22:00 and 06:00'],
  },
  {
    code: 'large_inputs',
    has: (team) => usualDay(team, TODAY, () => ({ read: 80_000 })),
    near: (team) => usualDay(team, TODAY, () => ({ read: 25_000 })),
    // The input of a request beyond 21,050 tokens, as a part of what its 81,050 cost.
    explains: (day) => {
      const input = costOf(day) - BigInt(day.length) * 500n * 20_000_000n;
      return (input * 60_000n) / 81_050n;
    },
    says: ['81k tokens on average for claude-opus-5-5, 3.9 times the usual 21k'],
  },
  {
    code: 'long_prompt_price',
    before: (team) => usualDays(team, () => ({ model: 'claude-haiku-5-5', read: 150_000 })),
    has: (team) => usualDay(team, TODAY, () => ({ model: 'claude-haiku-5-5', read: 150_000 })),
    near: (team) => usualDay(team, TODAY, () => ({ model: 'claude-haiku-5-5', read: 90_000 })),
    // Five times the price for all tokens.
    explains: (day) => (costOf(day) * 4n) / 5n,
    says: ['24 requests had prompts so long that they cost more', 'beyond 100k tokens'],
  },
  {
    code: 'long_conversations',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'endless', 80, 2 * MINUTE, (index) => ({ read: 20_000 + index * 5_000 }))],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'endless', 80, 2 * MINUTE)],
    // What is read beyond twice the first prompts, whose median has 31,050 tokens, at the price of cache reads.
    explains: (day) =>
      day
        .filter(({ sessionId }) => sessionId.endsWith(' endless'))
        .map((entry) => token(entry, 'cache_read_tokens') + 1_050n - 62_100n)
        .reduce((sum, beyond) => (beyond > 0n ? sum + beyond * 200_000n : sum), 0n),
    says: [/endless of ada: 80 requests, from \d+k to 416k tokens, never compacted/],
  },
  {
    code: 'cache_misses',
    has: (team) => usualDay(team, TODAY, () => ({ read: 11_000, written: 10_000 })),
    near: (team) => usualDay(team, TODAY, () => ({ read: 19_900, written: 1_100 })),
    // The same input with the usual 1,050 of 21,050 tokens missed; writes and input in proportion.
    explains: (day) => {
      const missed = 10_050n;
      const perRequest = 10_000n * (5_000_000n - 200_000n) + 50n * (4_000_000n - 200_000n);
      return (BigInt(day.length) * perRequest * (missed - 1_050n)) / missed;
    },
    says: ['48 % of the input was not read from the cache, usually 5.0 %'],
  },
  {
    code: 'pauses_beyond_cache',
    has: (team) => usualDay(team, TODAY, (plan, index, user) => resumed(plan, index, user, 20 * MINUTE)),
    near: (team) => usualDay(team, TODAY, (plan, index, user) => resumed(plan, index, user, 2 * MINUTE)),
    explains: (day) => day.filter((entry) => token(entry, 'cache_read_tokens') === 0n).reduce((sum) => sum + 21_000n * (5_000_000n - 200_000n), 0n),
    says: ['After 12 pauses longer than the cache lasts', /4 pauses, the longest 22 min/, 'one-hour cache'],
  },
  {
    code: 'model_changed',
    has: (team) => usualDay(team, TODAY, (_, index) => (index % 2 === 0 ? { model: 'claude-fable-5-1' } : {})),
    near: (team) => usualDay(team, TODAY, (_, index) => (index % 2 === 0 ? { model: 'claude-sonnet-5-5' } : {})),
    explains: (day) => {
      const [fable, opus] = ['claude-fable-5-1', 'claude-opus-5-5'].map((model) =>
        costOf(day.filter(({ dimensions }) => dimensions.model === model)),
      );
      return (fable ?? 0n) - (opus ?? 0n);
    },
    says: ['claude-fable-5-1 had 50 % of the requests, before 0 %'],
  },
  {
    code: 'client_version_changed',
    has: (team) => usualDay(team, TODAY, () => ({ written: 6_000, read: 15_000, dimensions: { client_version: '2.1.401' } })),
    near: (team) => usualDay(team, TODAY, () => ({ dimensions: { client_version: '2.1.401' } })),
    explains: (day, before) => costOf(day) - costOf(before) / 14n,
    says: [/Claude Code 2\.1\.401 cost \d\.\d times what they did/],
  },
  {
    code: 'higher_effort',
    has: (team) => usualDay(team, TODAY, (_, index) => (index % 2 === 0 ? { output: 4_000, dimensions: { effort: 'high' } } : {})),
    near: (team) => usualDay(team, TODAY, (_, index) => (index % 2 === 0 ? { dimensions: { effort: 'high' } } : {})),
    explains: (day) => BigInt(day.filter(({ dimensions }) => dimensions.effort === 'high').length) * 3_500n * 20_000_000n,
    says: ['50 % of the requests had a high effort, before 0 %'],
  },
  {
    code: 'fast_mode',
    has: (team) => usualDay(team, TODAY, () => ({ dimensions: { speed: 'fast' } })),
    near: (team) => usualDay(team, TODAY),
    // Opus 5.5 costs twice as much.
    explains: (day) => costOf(day) / 2n,
    says: ['24 fast requests'],
  },
  {
    code: 'subagents',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'agents', 10, 2 * MINUTE, () => ({ dimensions: SUBAGENT }))],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'agents', 10, 2 * MINUTE)],
    explains: (day) => by(day, 'query_source', 'subagent'),
    says: ['29 % of the whole; usually 0 %', 'agent:builtin:Explore: 10 requests'],
  },
  {
    code: 'auxiliary',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'titles', 3, 2 * MINUTE, () => ({ dimensions: TITLES }))],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'titles', 1, 2 * MINUTE, () => ({ dimensions: TITLES }))],
    explains: (day) => by(day, 'query_source', 'auxiliary'),
    says: ['Background work cost', 'generate_session_title: 3 requests'],
  },
  {
    code: 'web_search',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'search', 3, 2 * MINUTE, () => ({ dimensions: SEARCH }))],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'search', 3, 2 * MINUTE, () => ({ dimensions: TITLES }))],
    explains: (day) => by(day, 'query_source_detail', 'web_search_tool'),
    says: ['web_search_tool: 3 requests'],
  },
  {
    code: 'failed_requests',
    has: (team) => [
      ...usualDay(team, TODAY),
      ...Array.from({ length: 6 }, (_, index) =>
        incident(team, `${team} failing`, NOON + index, { errors: 1 }, { status: index < 4 ? '529' : '429' }),
      ),
      incident(team, `${team} failing`, NOON + 9, { retries_exhausted: 1 }, { status: '529' }),
    ],
    near: (team) => [
      ...usualDay(team, TODAY),
      ...Array.from({ length: 2 }, (_, index) => incident(team, `${team} failing`, NOON + index, { errors: 1 })),
    ],
    explains: () => 0n,
    says: ['20 % of the requests failed after all retries, usually 0 %: 6 errors', 'status 529: 4 errors', 'gave up after the last retry 1 time'],
  },
  {
    code: 'unbilled_attempts',
    has: (team) => [...usualDay(team, TODAY), incident(team, `${team} broken`, NOON, { unbilled_tokens: 50_000 })],
    near: (team) => [...usualDay(team, TODAY), incident(team, `${team} broken`, NOON, { unbilled_tokens: 50 })],
    explains: () => 0n,
    says: ['50k tokens of attempts'],
  },
  {
    code: 'unallocated',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'nobody', 6, 2 * MINUTE, () => ({ user: '' }))],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'somebody', 6, 2 * MINUTE)],
    explains: (day) => ofSession(day, 'nobody'),
    says: ['20 % of the whole, has no user or no team', 'user unallocated'],
  },
  {
    code: 'unpriced',
    has: (team) => [...usualDay(team, TODAY), ...session(team, 'unknown', 6, 2 * MINUTE, () => ({ model: 'claude-unheard-of-9' }))],
    near: (team) => [...usualDay(team, TODAY), ...session(team, 'unknown', 6, 2 * MINUTE)],
    explains: (day) => ofSession(day, 'unknown'),
    says: ['claude-unheard-of-9: 129k tokens'],
  },
  {
    code: 'not_at_list_price',
    has: (team) => [
      ...usualDay(team, TODAY),
      ...session(team, 'searching', 6, 2 * MINUTE, () => ({ cost: 100_000_000_000n, dimensions: { price_basis: 'surcharge' } })),
    ],
    // So little that nobody needs to know.
    near: (team) => [
      ...usualDay(team, TODAY),
      ...session(team, 'searching', 6, 2 * MINUTE, (index) => ({ ...(index === 0 && { dimensions: { price_basis: 'surcharge' } }) })),
    ],
    explains: (day) =>
      day
        .filter(({ dimensions }) => dimensions.price_basis === 'surcharge')
        .map(({ cost, listCost }) => cost - listCost)
        .reduce((sum, more) => sum + more, 0n),
    says: [/6 requests are reported at \$0\.\d\d more than list price/, 'has a surcharge that list price has not'],
  },
];

function ofUser(entries: readonly Entry[], user: string): Entry[] {
  return entries.filter(({ dimensions }) => dimensions.user === user);
}

/** After every second request there is a pause, and then the whole prompt is written to the cache again. */
function resumed({ atMs }: RequestPlan, index: number, _user: string, pauseMs: number): Partial<RequestPlan> {
  const pauses = Math.floor((index + 1) / 2);
  const isAfter = index % 2 === 1;
  return { atMs: atMs + pauses * pauseMs, ...(isAfter && { read: 0, written: 21_000 }) };
}
