/** Spend of a user, workspace or team since midnight, against the same weekday until the same hour of the weeks before. */

import { showValue } from '../../catalog/values.ts';
import { displayUsd, formatUsd } from '../../core/money.ts';
import { floorQuarter, type TimeRange } from '../../core/time-range.ts';
import { readSpend } from '../../ledger/scoped-spend.ts';
import type { Anomaly, Finding } from './anomaly.ts';
import { median, spread, times } from './robust-statistics.ts';

const DIMENSIONS = ['user', 'workspace', 'team'] as const;
type Dimension = (typeof DIMENSIONS)[number];

const WEEKS = 8;
/** So many of those weeks must have spend to compare with. */
const WEEKS_MIN = 4;
/** Beyond the usual by so many spreads, and to so many times of it. */
const SPREADS = 6n;
const TIMES_MIN = 3n;
const TIMES_CRITICAL = 8n;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

interface Window {
  readonly now: Temporal.ZonedDateTime;
  readonly today: Required<TimeRange>;
  readonly before: readonly Required<TimeRange>[];
}

export async function findUnusualSpend(finding: Finding): Promise<Anomaly[]> {
  const window = windowOf(finding);
  if (window === undefined) return [];
  const anomalies: Anomaly[] = [];
  for (const dimension of DIMENSIONS) anomalies.push(...(await findIn(dimension, window, finding)));
  return anomalies;
}

/** Undefined in the first quarter of an hour of a day. */
function windowOf({ nowMs, calendar }: Finding): Window | undefined {
  const now = Temporal.Instant.fromEpochMilliseconds(floorQuarter(nowMs)).toZonedDateTimeISO(calendar.timeZone);
  const upTo = (end: Temporal.ZonedDateTime): Required<TimeRange> => ({ fromMs: end.startOfDay().epochMilliseconds, toMs: end.epochMilliseconds });
  const today = upTo(now);
  if (today.fromMs >= today.toMs) return undefined;
  return { now, today, before: Array.from({ length: WEEKS }, (_, index) => upTo(now.subtract({ weeks: index + 1 }))).filter(isNotEmpty) };
}

/** Where a clock was put forward at midnight, there may be nothing. */
const isNotEmpty = ({ fromMs, toMs }: Required<TimeRange>): boolean => fromMs < toMs;

async function findIn(dimension: Dimension, window: Window, finding: Finding): Promise<Anomaly[]> {
  const measures = ['cost'] as const;
  const spent = await readSpend([{ timeRange: window.today, where: [], measures, per: dimension }], finding);
  const today = spent.spends[0]?.members ?? new Map<string, bigint>();
  const values = [...today].filter(([value, amount]) => value !== '' && amount >= finding.limits.spend).map(([value]) => value);
  if (values.length === 0) return [];
  // Most scopes have spent little: only for the others the weeks before are read.
  const where = [{ dimension, values }];
  const { spends } = await readSpend(
    window.before.map((timeRange) => ({ timeRange, where, measures, per: dimension })),
    finding,
  );
  const anomalies: Anomaly[] = [];
  for (const value of values) {
    const usual = spends.map(({ members }) => members.get(value) ?? 0n).filter((amount) => amount > 0n);
    anomalies.push(...(await judge({ dimension, value, spent: today.get(value) ?? 0n, usual }, window, finding)));
  }
  return anomalies.sort((a, b) => Number(b.figures.times) - Number(a.figures.times));
}

interface Sample {
  readonly dimension: Dimension;
  readonly value: string;
  readonly spent: bigint;
  /** Of the weeks that had any. */
  readonly usual: readonly bigint[];
}

async function judge({ dimension, value, spent, usual }: Sample, window: Window, finding: Finding): Promise<Anomaly[]> {
  if (usual.length < WEEKS_MIN) return [];
  const middle = median(usual);
  const width = spread(usual);
  const isUnusual = spent >= TIMES_MIN * middle && spent > middle + SPREADS * width && spent - middle >= finding.limits.spend;
  if (!isUnusual) return [];
  const clock = window.now.toPlainTime().toString({ smallestUnit: 'minute' });
  const weekday = WEEKDAYS[window.now.dayOfWeek - 1];
  const { text, figures } = await causeOf({ dimension, value, spent }, window, finding);
  return [
    {
      kind: 'spend',
      scope: { dimension, value },
      severity: spent >= TIMES_CRITICAL * middle ? 'critical' : 'warning',
      atMs: window.today.fromMs,
      words: `${showValue(dimension, value)} spent ${displayUsd(spent)} today until ${clock}, ${times(spent, middle)} times the median of ${displayUsd(middle)} for a ${weekday} until that time (${usual.length} weeks, spread ${displayUsd(width)})${text}.`,
      figures: {
        ...{ spent_usd: formatUsd(spent), usual_usd: formatUsd(middle), spread_usd: formatUsd(width), times: times(spent, middle) },
        ...{ weeks: usual.length, ...figures },
      },
    },
  ];
}

/** What most of the unusual spend went to: a model, and where it was spent or by whom. */
async function causeOf({ dimension, value, spent }: Omit<Sample, 'usual'>, { today }: Window, finding: Finding) {
  const largest = async (per: 'model' | 'workspace' | 'user') => {
    const { spends } = await readSpend([{ timeRange: today, where: [{ dimension, values: [value] }], measures: ['cost'], per }], finding);
    return [...(spends[0]?.members ?? [])].sort((a, b) => (a[1] < b[1] ? 1 : -1))[0] ?? ['', 0n];
  };
  const other = dimension === 'user' ? 'workspace' : 'user';
  const [model, modelSpent] = await largest('model');
  const [place, placeSpent] = await largest(other);
  const part = (amount: bigint): string => `${Number((amount * 100n) / spent)} %`;
  const text = `; ${part(modelSpent)} of it on ${showValue('model', model)}, ${part(placeSpent)} ${other === 'user' ? 'by' : 'in'} ${showValue(other, place)}`;
  return { text, figures: { model: showValue('model', model), [other]: showValue(other, place) } };
}
