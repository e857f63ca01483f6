/** At which hours of the week people work. */

import type { GaugeName } from '../../catalog/gauges.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { periodAround } from '../../core/time-range.ts';
import type { GaugeContext, GaugeReading, GaugeSample } from './gauge.ts';

const WEEKS = 4;
const HOURS_MAX = 28 * 25;

/** Every hour of the week, also those in which nobody asked anything; no hour at all while there is no request. */
async function requestsByHour({ reader, calendar, nowMs, where }: GaugeContext): Promise<GaugeSample[]> {
  const { rows } = await reader.query({
    measures: ['requests'],
    by: [],
    fromMs: periodAround('day', nowMs, calendar, 1 - 7 * WEEKS).fromMs,
    toMs: periodAround('day', nowMs, calendar).toMs,
    grain: 'hour',
    timeZone: calendar.timeZone,
    where,
    rowsMax: HOURS_MAX,
  });
  if (rows.length === 0) return [];
  const counts = new Map<string, number>();
  for (const {
    startMs = 0,
    values: [requests = 0n],
  } of rows) {
    const time = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(calendar.timeZone);
    const cell = `${time.dayOfWeek} ${time.hour}`;
    counts.set(cell, (counts.get(cell) ?? 0) + Number(requests));
  }
  return [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
    Array.from({ length: 24 }, (_, hour) => ({
      labels: [String(weekday), String(hour).padStart(2, '0')],
      value: counts.get(`${weekday} ${hour}`) ?? 0,
    })),
  );
}

export const HOUR_READINGS = {
  requests_by_hour: {
    maxAgeMs: 15 * MINUTE_MS,
    read: requestsByHour,
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
