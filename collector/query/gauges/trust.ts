/** How far the ledger's figures can be trusted: what was rejected, what was lost on the way, which clients count wrongly. */

import { clientFaults } from '../../catalog/client-faults.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import type { MeasureName } from '../../catalog/measures.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { framedKey } from '../../core/framed.ts';
import { toFloatUsd } from '../../core/money.ts';
import { periodStart } from '../../core/time-range.ts';
import type { SequenceGaps } from '../../ledger/ledger.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, isWithin, oncePerContext, shownLabels } from './gauge.ts';

const TEAM = ['organization', 'team'] as const;
const GAP_DAYS = 7;
const FAULT_DAYS = 400;
const ROWS_MAX = 1_000_000;

/** Lifetime counts are of the whole ledger, so a narrowed board has none, and neither has who sees a part. */
async function recordCounts({ reader, where, scope }: GaugeContext): Promise<GaugeSample[]> {
  if (where.length > 0 || scope !== 'all') return [];
  const { counters } = await reader.status();
  return Object.entries(counters).map(([outcome, value]) => ({ labels: [OUTCOMES[outcome] ?? outcome], value }));
}

const OUTCOMES: Readonly<Record<string, string>> = { duplicates: 'duplicate', conflicts: 'conflict' };

const gapsOf = oncePerContext(async ({ reader, nowMs, where }: GaugeContext): Promise<readonly SequenceGaps[]> => {
  const gaps = await reader.gaps(nowMs - GAP_DAYS * DAY_MS);
  return gaps.filter(({ organization, team, user, clientVersion }) => isWithin(where, { organization, team, user, client_version: clientVersion }));
});

async function sumByTeam(context: GaugeContext, of: 'events' | 'missing'): Promise<GaugeSample[]> {
  const sums = new Map<string, { labels: string[]; value: number }>();
  for (const row of await gapsOf(context)) {
    const labels = shownLabels(TEAM, row);
    const sample = sums.getOrInsertComputed(framedKey(labels), () => ({ labels, value: 0 }));
    sample.value += row[of];
  }
  return [...sums.values()];
}

/** The day on which each version with a known fault was first seen, in each of its faults. */
async function faultyClients({ reader, calendar, nowMs, where }: GaugeContext): Promise<GaugeSample[]> {
  const { rows } = await reader.query({
    measures: ['sessions', 'requests', 'cost'],
    by: ['client_version'],
    fromMs: periodStart('day', nowMs - FAULT_DAYS * DAY_MS, calendar),
    grain: 'day',
    timeZone: calendar.timeZone,
    where,
    rowsMax: ROWS_MAX,
    beyond: 'other',
  });
  const firstMs = new Map<string, number>();
  for (const {
    key: [version = ''],
    startMs = 0,
  } of rows)
    firstMs.set(version, Math.min(startMs, firstMs.get(version) ?? startMs));
  return [...firstMs].flatMap(([version, startMs]) =>
    clientFaults(version).map(({ words }) => ({ labels: [version, words], value: startMs / 1000 })),
  );
}

/** Without a dimension in `by` the ledger answers from another roll-up than for the series of people, so that one checks the other. */
async function ledgerTotal({ reader, calendar, where }: GaugeContext, measure: MeasureName): Promise<GaugeSample[]> {
  const { totals, asOfMs } = await reader.query({ measures: [measure], by: [], grain: 'total', timeZone: calendar.timeZone, where, rowsMax: 1 });
  return asOfMs === undefined ? [] : [{ labels: [], value: toFloatUsd(totals[0] ?? 0n) }];
}

export const TRUST_READINGS = {
  client_fault: {
    maxAgeMs: 15 * MINUTE_MS,
    read: faultyClients,
  },
  records: {
    maxAgeMs: 0,
    read: recordCounts,
  },
  sequence_received: {
    maxAgeMs: MINUTE_MS,
    read: (context) => sumByTeam(context, 'events'),
  },
  sequence_missing: {
    maxAgeMs: MINUTE_MS,
    read: (context) => sumByTeam(context, 'missing'),
  },
  ledger_cost: {
    maxAgeMs: 0,
    read: (context) => ledgerTotal(context, 'cost'),
  },
  unreconciled_cost: {
    maxAgeMs: 0,
    read: (context) => ledgerTotal(context, 'cost_unreconciled'),
  },
  set_aside_cost: {
    maxAgeMs: 0,
    read: (context) => ledgerTotal(context, 'cost_set_aside'),
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
