/** A model that is used for the first time: often a price that nobody expected. */

import type { MeasureName } from '../../catalog/measures.ts';
import { displayUsd, formatUsd } from '../../core/money.ts';
import { periodAround } from '../../core/time-range.ts';
import { readSpend } from '../../ledger/scoped-spend.ts';
import type { Anomaly, Finding } from './anomaly.ts';

/** New for so many days, where it was not used for so many before. */
const NEW_DAYS = 2;
const PAST_DAYS = 60;
/** With less history everything would be new. */
const KNOWN_DAYS_MIN = 7;
const MEASURES: readonly MeasureName[] = ['requests', 'input_tokens', 'output_tokens'];

export async function findNewModels({ reader, calendar, nowMs }: Finding): Promise<Anomaly[]> {
  const day = (back: number): number => periodAround('day', nowMs, calendar, -back).fromMs;
  const recent = { fromMs: day(NEW_DAYS - 1), toMs: periodAround('day', nowMs, calendar).toMs };
  const past = { fromMs: day(NEW_DAYS - 1 + PAST_DAYS), toMs: recent.fromMs };
  const known = { fromMs: past.fromMs, toMs: day(NEW_DAYS - 1 + KNOWN_DAYS_MIN) };
  const context = { reader, calendar };
  const { spends } = await readSpend(
    [
      { timeRange: recent, where: [], measures: MEASURES, per: 'model' },
      { timeRange: past, where: [], measures: MEASURES, per: 'model' },
      { timeRange: known, where: [], measures: MEASURES },
    ],
    context,
  );
  const [used, before, longAgo] = spends;
  if (used === undefined || (longAgo?.total ?? 0n) === 0n) return [];
  const cost = (await readSpend([{ timeRange: recent, where: [], measures: ['cost'], per: 'model' }], context)).spends[0]?.members;
  return [...used.members.keys()]
    .filter((model) => model !== '' && before?.members.has(model) !== true)
    .sort()
    .map((model): Anomaly => {
      const spent = cost?.get(model) ?? 0n;
      return {
        kind: 'new_model',
        scope: { dimension: 'model', value: model },
        severity: 'info',
        atMs: recent.fromMs,
        words: `${model} was first used yesterday or today, and not in the ${PAST_DAYS} days before. It has cost ${displayUsd(spent)} so far. Check that it has a price and that its use is intended.`,
        figures: { cost_usd: formatUsd(spent), days_without: PAST_DAYS },
      };
    });
}
