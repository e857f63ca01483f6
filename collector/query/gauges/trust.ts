/** How far the ledger's figures can be trusted: what was rejected, what was lost on the way, which clients count wrongly. */
import { clientFaults } from '../../catalog/client-faults.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { toFloatUsd } from '../../core/money.ts';
import { periodStart } from '../../core/time-range.ts';
import type { SequenceGaps } from '../../ledger/ledger.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, isWithin, oncePerContext, shownLabels } from './gauge.ts';

const TEAM = ['organisation', 'team'] as const;
const GAP_DAYS = 7;
const FAULT_DAYS = 400;
const ROWS_MAX = 1_000_000;

/** Lifetime counts are of the whole ledger, so a narrowed board has none. */
const recordCounts = ({ reader, where }: GaugeContext): GaugeSample[] =>
  where.length > 0 ? [] : Object.entries(reader.status().counters).map(([outcome, value]) => ({ labels: [OUTCOMES[outcome] ?? outcome], value }));

const OUTCOMES: Readonly<Record<string, string>> = { duplicates: 'duplicate', conflicts: 'conflict' };

const gapsOf = oncePerContext(({ reader, nowMs, where }: GaugeContext): readonly SequenceGaps[] =>
  reader
    .gaps(nowMs - GAP_DAYS * DAY_MS)
    .filter(({ organisation, team, user, clientVersion }) => isWithin(where, { organisation, team, user, client_version: clientVersion })),
);

function sumByTeam(context: GaugeContext, of: 'events' | 'missing'): GaugeSample[] {
  const sums = new Map<string, { labels: string[]; value: number }>();
  for (const row of gapsOf(context)) {
    const labels = shownLabels(TEAM, row);
    const sample = sums.getOrInsertComputed(labels.join('\u001f'), () => ({ labels, value: 0 }));
    sample.value += row[of];
  }
  return [...sums.values()];
}

/** The day on which each version with a known fault was first seen, in each of its faults. */
function faultyClients({ reader, calendar, nowMs, where }: GaugeContext): GaugeSample[] {
  const { rows } = reader.query({
    measures: ['sessions', 'requests', 'cost'],
    by: ['client_version'],
    fromMs: periodStart('day', nowMs - FAULT_DAYS * DAY_MS, calendar),
    grain: 'day',
    timeZone: calendar.timeZone,
    where,
    rowsMax: ROWS_MAX,
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
function ledgerCost({ reader, calendar, where }: GaugeContext): GaugeSample[] {
  const { totals, asOfMs } = reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: calendar.timeZone, where, rowsMax: 1 });
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
    read: ledgerCost,
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
