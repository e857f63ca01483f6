/** Requests of a made-up organization, for answers that an oracle works out again from these very entries. */
import type { DimensionName, MeasureName } from '../../collector/catalog/measures.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { PICO_PER_USD } from '../../collector/core/money.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { identityOf } from '../support/entries.ts';
import type { Random } from '../support/random.ts';

const DAY_MS = 86_400_000;
const TEAMS = ['platform', 'search', 'payments', ''];
const USERS = ['ada@example.com', 'bob@example.com', 'cy@example.com', 'dee@example.com', 'eve@example.com', ''];
const WORKSPACES = ['web', 'api', 'infra', ''];
const SOURCES = ['repl_main_thread', 'agent:explore', 'compact', ''];
/** The first and the last are known to nobody's price book. */
const MODELS = ['', 'claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-opus-5', 'house-model'];

export interface EntriesOptions {
  readonly count: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export function randomEntries(random: Random, { count, fromMs, toMs }: EntriesOptions): Entry[] {
  return Array.from({ length: count }, (_, index) => {
    const user = random.pick(USERS);
    // Few days are alike, and some have nothing.
    const timeMs = fromMs + Math.floor((toMs - fromMs) * random.next() ** 0.8);
    const written = random.chance(0.5) ? random.below(50_000) : 0;
    const isPriced = random.chance(0.9);
    return {
      // A session is somebody's day, which may begin before midnight.
      sessionId: `session of ${user} ${Math.floor((timeMs + 7_200_000) / DAY_MS)} ${random.below(2)}`,
      identity: identityOf(`entry ${index}`),
      timeMs,
      source: 'events',
      cost: (BigInt(random.below(2 ** 31)) * PICO_PER_USD) / 2n ** 28n + BigInt(random.below(1_000_000)),
      listCost: (BigInt(random.below(2 ** 31)) * PICO_PER_USD) / 2n ** 28n,
      amounts: {
        requests: 1,
        input_tokens: random.below(3_000),
        output_tokens: random.below(2_000),
        cache_read_tokens: random.below(200_000),
        cache_creation_tokens: written,
        cache_creation_1h_tokens: random.chance(0.3) ? written : 0,
        cost_list_uncached: random.below(2 ** 40),
        api_duration_ms: random.below(90_000),
        ...(random.chance(0.1) && { errors: 1 }),
        ...(!isPriced && { unpriced_tokens: random.below(1_000) }),
      },
      dimensions: dimensionsOf({
        user,
        team: random.pick(TEAMS),
        workspace: random.pick(WORKSPACES),
        model: random.pick(MODELS),
        query_source_detail: random.pick(SOURCES),
      }),
    };
  });
}

/** What is not known is absent. */
const dimensionsOf = (values: Partial<Record<DimensionName, string>>): Entry['dimensions'] =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

/** Of these entries, those in a time range that all filters leave. */
export const among = (entries: readonly Entry[], { fromMs, toMs }: { fromMs: number; toMs: number }, where: readonly Filter[] = []): Entry[] =>
  entries.filter(
    ({ timeMs, dimensions }) =>
      timeMs >= fromMs && timeMs < toMs && where.every(({ dimension, values }) => values.includes(dimensions[dimension] ?? '')),
  );

export const costOf = (entries: readonly Entry[]): bigint => entries.reduce((sum, { cost }) => sum + cost, 0n);
export const amountOf = (entries: readonly Entry[], ...measures: MeasureName[]): bigint =>
  entries.reduce((sum, { amounts }) => sum + measures.reduce((all, measure) => all + BigInt(amounts[measure] ?? 0), 0n), 0n);
export const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

/** By the value of a dimension, as stored. */
export const grouped = (entries: readonly Entry[], dimension: DimensionName): Map<string, Entry[]> =>
  Map.groupBy(entries, ({ dimensions }) => dimensions[dimension] ?? '');

/** USD as an independent reader of the API adds it up: in whole pico-dollars. */
export function pico(text: string | null | undefined): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)\.(\d+)$/.exec(text ?? '') ?? [];
  const amount = BigInt(whole + fraction.padEnd(12, '0'));
  return sign === '-' ? -amount : amount;
}
