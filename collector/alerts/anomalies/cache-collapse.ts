/** A prompt cache that no longer helps: the share of a team's input that came from it, today against the two weeks before. */

import type { MeasureName } from '../../catalog/measures.ts';
import { showValue } from '../../catalog/values.ts';
import { periodAround, type TimeRange } from '../../core/time-range.ts';
import { readSpend } from '../../ledger/scoped-spend.ts';
import type { Anomaly, Finding } from './anomaly.ts';
import { percent } from './robust-statistics.ts';

const PAST_DAYS = 14;
/** A cache that never helped much cannot collapse. */
const USUAL_MIN = 0.5;
const LEFT_MAX = 0.6;

interface Input {
  readonly cached: bigint;
  readonly all: bigint;
}

export async function findCollapsedCaches({ reader, calendar, nowMs, limits }: Finding): Promise<Anomaly[]> {
  const today = periodAround('day', nowMs, calendar);
  const past = { fromMs: periodAround('day', nowMs, calendar, -PAST_DAYS).fromMs, toMs: today.fromMs };
  const read = async (timeRange: Required<TimeRange>): Promise<ReadonlyMap<string, Input>> => {
    const spendOf = async (measures: readonly MeasureName[]) =>
      (await readSpend([{ timeRange, where: [], measures, per: 'team' }], { reader, calendar })).spends[0]?.members ?? new Map<string, bigint>();
    const cached = await spendOf(['cache_read_tokens']);
    const all = await spendOf(['cache_read_tokens', 'cache_creation_tokens', 'input_tokens']);
    return new Map([...all].map(([team, tokens]) => [team, { cached: cached.get(team) ?? 0n, all: tokens }]));
  };
  const usual = await read(past);
  return [...(await read(today))].sort().flatMap(([team, now]): Anomaly[] => {
    const before = usual.get(team);
    if (before === undefined || now.all < limits.cacheTokens || before.all < limits.cacheTokens) return [];
    const [share, usualShare] = [shareOf(now), shareOf(before)];
    if (usualShare < USUAL_MIN || share > usualShare * LEFT_MAX) return [];
    return [
      {
        kind: 'cache_collapse',
        scope: { dimension: 'team', value: team },
        severity: 'warning',
        atMs: today.fromMs,
        words: `${percent(share)} of the input of ${showValue('team', team)} came from the prompt cache today, compared with ${percent(usualShare)} over the last ${PAST_DAYS} days. Uncached input costs about ten times as much. Likely causes: prompts or tools that change between requests, pauses longer than the cache lifetime, a new client version.`,
        figures: { share: Number(share.toFixed(4)), usual_share: Number(usualShare.toFixed(4)), input_tokens: Number(now.all) },
      },
    ];
  });
}

const shareOf = ({ cached, all }: Input): number => Number((cached * 1_000_000n) / all) / 1e6;
