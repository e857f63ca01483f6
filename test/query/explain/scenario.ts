/** Made-up days of a team: usual ones, and one that is to be explained. */
import type { Dimensions } from '../../../collector/catalog/measures.ts';
import type { Amounts, Entry } from '../../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import { event } from '../../support/entries.ts';

export const DAY = 86_400_000;
export const MINUTE = 60_000;
/** The day that is asked about: 20 November 2026. */
export const TODAY = Date.parse('2026-11-20T00:00:00Z');
export const QUESTION = 'from=2026-11-20&to=2026-11-21';

const prices = loadPriceBook();

export interface RequestPlan {
  readonly session: string;
  readonly user?: string;
  readonly team: string;
  readonly atMs: number;
  readonly model?: string;
  readonly read?: number;
  readonly written?: number;
  /** Written with the one-hour lifetime. */
  readonly written1h?: number;
  readonly input?: number;
  readonly output?: number;
  readonly dimensions?: Dimensions;
  readonly amounts?: Amounts;
  /** Default: list price, or a cent where there is none. */
  readonly cost?: bigint;
}

let made = 0;

/** A request at list price. Its usual prompt has 21,050 tokens. */
export function request(plan: RequestPlan): Entry {
  const {
    session,
    user = 'ada',
    team,
    atMs,
    model = 'claude-opus-5-5',
    read = 20_000,
    written = 1_000,
    written1h = 0,
    input = 50,
    output = 500,
  } = plan;
  const tokens = { input, output, cacheRead: read, cacheCreation5m: written, cacheCreation1h: written1h };
  const speed = plan.dimensions?.speed ?? 'normal';
  const list = prices.listPrice(model, tokens, atMs, { speed });
  const amounts: Amounts = {
    ...{ requests: 1, input_tokens: input, output_tokens: output, cache_read_tokens: read, cache_creation_tokens: written + written1h },
    ...(written1h > 0 && { cache_creation_1h_tokens: written1h }),
    ...(list === undefined ? { unpriced_tokens: input + output + read + written + written1h } : { cost_list_uncached: Number(list.uncached) }),
    ...plan.amounts,
  };
  const dimensions = {
    query_source: 'main',
    query_source_detail: 'repl_main_thread',
    entry_point: 'cli',
    client_version: '2.1.400',
    effort: 'medium',
    speed,
    ...plan.dimensions,
  };
  return {
    ...event({ id: `request ${made++}`, sessionId: session, timeMs: atMs, model, team, user, amounts, dimensions }),
    cost: plan.cost ?? list?.cost ?? 10_000_000_000n,
    listCost: list?.cost ?? 0n,
  };
}

/** Something of a session that costs nothing: an error, a compaction. */
export const incident = (team: string, session: string, atMs: number, amounts: Amounts, dimensions: Dimensions = {}): Entry => ({
  ...event({ id: `incident ${made++}`, sessionId: session, timeMs: atMs, cost: '0', team, user: 'ada', amounts, dimensions }),
  listCost: 0n,
});

export const USERS = ['ada', 'bob', 'cleo'] as const;
const REQUESTS = 8;

/** What a team does on a day: a session for each of three users, of eight requests two minutes apart. */
export function usualDay(
  team: string,
  startMs: number,
  change: (plan: RequestPlan, index: number, user: string) => Partial<RequestPlan> = () => ({}),
): Entry[] {
  return USERS.flatMap((user, place) =>
    Array.from({ length: REQUESTS }, (_, index) => {
      const plan = { session: `${team} ${user} ${startMs}`, team, user, atMs: startMs + (9 + place) * 60 * MINUTE + index * 2 * MINUTE };
      return request({ ...plan, ...change(plan, index, user) });
    }),
  );
}

/** The 14 days before. */
export const usualDays = (team: string, change?: Parameters<typeof usualDay>[2]): Entry[] =>
  Array.from({ length: 14 }, (_, index) => usualDay(team, TODAY - (index + 1) * DAY, change)).flat();

export const costOf = (entries: readonly Entry[]): bigint => entries.reduce((sum, { cost }) => sum + cost, 0n);
