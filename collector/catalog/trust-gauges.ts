/** Gauges of how complete the ledger is, and of what it leaves out. */
import { GAUGE_SERIES } from './names.ts';

export const TRUST_GAUGES = {
  records: {
    series: GAUGE_SERIES.records,
    help: 'Records since the beginning, by outcome: appended; late (appended, but received more than an hour after their time); duplicate and conflict (same identity, different content), which were not booked; expired (older than the retention).',
    labels: ['outcome'],
    unit: 'count',
    isOfWhole: true,
  },
  sequence_received: {
    series: GAUGE_SERIES.sequence_received,
    help: 'Numbered events received in sessions seen in the last 7 days. Clients before 2.1.59 do not number events.',
    labels: ['organization', 'team'],
    unit: 'count',
  },
  sequence_missing: {
    series: GAUGE_SERIES.sequence_missing,
    help: 'Events missing between the received ones, in sessions seen in the last 7 days. Events lost before the first or after the last one of a process cannot be detected.',
    labels: ['organization', 'team'],
    unit: 'count',
  },
  ledger_cost: {
    series: GAUGE_SERIES.ledger_cost,
    help: 'Booked cost since the beginning, read separately from the series by user, workspace, team and model, each of which adds up to it.',
    labels: [],
    unit: 'usd',
  },
  unreconciled_cost: {
    series: GAUGE_SERIES.unreconciled_cost,
    help: 'Cost held back since the beginning: reported without session and user, so that it may be what other sessions report too. Not in the booked cost.',
    labels: [],
    unit: 'usd',
  },
  set_aside_cost: {
    series: GAUGE_SERIES.set_aside_cost,
    help: 'Cost set aside since the beginning: its records are dated outside ingest_window. Not in the booked cost.',
    labels: [],
    unit: 'usd',
  },
} as const;
