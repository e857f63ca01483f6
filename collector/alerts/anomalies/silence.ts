/** Telemetry that stopped: of everybody, where the same hours of other weeks were busy; of a user, on the days on which they usually work. */

import { showValue } from '../../catalog/values.ts';
import { DAY_MS, describeAge, HOUR_MS } from '../../core/duration.ts';
import { floorQuarter, periodAround } from '../../core/time-range.ts';
import { ROWS_MAX } from '../../ledger/scoped-spend.ts';
import type { Anomaly, Finding } from './anomaly.ts';

const SILENT_MS = 2 * HOUR_MS;
/** So much time touches three hours of the clock; the first one begins before the silence. */
const NEAR_HOURS = [-1, 0, 1] as const;
const WEEKS = 4;
/** Of those weeks, so many had something at that time. */
const WEEKS_BUSY_MIN = 3;
/** Days back that are looked at, and how many of them a user must have missed, one after another. */
const RECENT_DAYS = 14;
const MISSED_DAYS = 5;
const WEEK = 7;

export async function findSilence(finding: Finding): Promise<Anomaly[]> {
  const everybody = await silenceOfAll(finding);
  // When nobody is heard, each single silence is that one.
  return everybody.length > 0 ? everybody : silentUsers(finding);
}

async function silenceOfAll(finding: Finding): Promise<Anomaly[]> {
  const { asOfMs } = await finding.reader.status();
  if (asOfMs === undefined || finding.nowMs - asOfMs < SILENT_MS) return [];
  const busy = await busyWeeks(finding, asOfMs);
  if (busy < WEEKS_BUSY_MIN) return [];
  const silentMs = finding.nowMs - asOfMs;
  return [
    {
      kind: 'telemetry_stopped',
      scope: { dimension: '', value: '' },
      severity: 'critical',
      atMs: asOfMs,
      words: `No telemetry has arrived for ${describeAge(silentMs)}, although there was some in the same hours of ${busy} of the last ${WEEKS} weeks. Current spend is unknown, and budgets cannot warn.`,
      figures: { silent_seconds: Math.round(silentMs / 1000), busy_weeks: busy, weeks: WEEKS },
    },
  ];
}

/**
 * In how many of the last weeks there was something within the same few hours, of all hours since it stopped those in which it was the most
 * weeks: what began in the day is not over at night. After a week every hour was there.
 */
async function busyWeeks({ reader, calendar, nowMs }: Finding, asOfMs: number): Promise<number> {
  const fromMs = floorQuarter(asOfMs);
  const toMs = floorQuarter(Math.min(nowMs, asOfMs + WEEK * DAY_MS));
  const back = (weeks: number, ms: number): number =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(calendar.timeZone).subtract({ weeks }).epochMilliseconds;
  const question = {
    measures: ['requests'],
    by: [],
    grain: 'hour',
    timeZone: calendar.timeZone,
    where: [],
    rowsMax: ROWS_MAX,
    isInTime: true,
  } as const;
  const weeks: Set<number>[] = [];
  for (let week = 1; week <= WEEKS; week++) {
    const startMs = back(week, fromMs);
    const { rows } = await reader.query({ ...question, fromMs: startMs, toMs: back(week, toMs) });
    const some = rows.filter(({ values: [requests = 0n] }) => requests > 0n);
    weeks.push(new Set(some.map((row) => Math.floor(((row.startMs ?? startMs) - startMs) / HOUR_MS))));
  }
  const busyFrom = (hour: number): number => weeks.filter((hours) => NEAR_HOURS.some((near) => hours.has(hour + near))).length;
  return Math.max(...Array.from({ length: Math.ceil((toMs - fromMs) / HOUR_MS) }, (_, hour) => busyFrom(hour)));
}

/** Whole days before today on which each user made requests, as how many days ago. */
async function activeDays({ reader, calendar, nowMs }: Finding): Promise<{ users: Map<string, Set<number>>; starts: number[] }> {
  const count = RECENT_DAYS + WEEKS * WEEK;
  const starts = Array.from({ length: count + 1 }, (_, back) => periodAround('day', nowMs, calendar, -back).fromMs);
  const ago = new Map(starts.map((start, back) => [start, back]));
  const { rows } = await reader.query({
    ...{ measures: ['requests'], by: ['user'], grain: 'day', timeZone: calendar.timeZone, where: [], rowsMax: ROWS_MAX },
    ...{ fromMs: starts.at(-1) ?? 0, toMs: periodAround('day', nowMs, calendar).toMs },
  });
  const users = new Map<string, Set<number>>();
  for (const { startMs, key } of rows) {
    const back = ago.get(startMs ?? -1);
    if (back !== undefined) users.getOrInsertComputed(key[0] ?? '', () => new Set<number>()).add(back);
  }
  return { users, starts };
}

async function silentUsers(finding: Finding): Promise<Anomaly[]> {
  const { users, starts } = await activeDays(finding);
  const busy = busyDays(users);
  return [...users].sort().flatMap(([user, days]): Anomaly[] => {
    if (user === '') return [];
    const missed = missedDays(days, busy);
    const since = missed.at(-1);
    if (missed.length < MISSED_DAYS || since === undefined) return [];
    const lastSeen = Math.min(...days);
    return [
      {
        kind: 'telemetry_stopped',
        scope: { dimension: 'user', value: user },
        severity: 'info',
        atMs: starts[since] ?? 0,
        words: `No telemetry from ${showValue('user', user)} for ${lastSeen} days, ${missed.length} of which are days they usually work. They may be away, or their client may have stopped sending: \`ledgerline doctor\` shows who still sends.`,
        figures: { missed_days: missed.length, days_since_last: lastSeen },
      },
    ];
  });
}

/** The newest days without the user, among those on which they and others usually work. Empty when they were there today or on the last of them. */
function missedDays(days: ReadonlySet<number>, busy: readonly boolean[]): number[] {
  const missed: number[] = [];
  if (days.has(0)) return missed;
  for (let back = 1; back <= RECENT_DAYS; back++) {
    if (days.has(back)) break;
    const usual = Array.from({ length: WEEKS }, (_, week) => back + WEEK * (week + 1)).filter((day) => days.has(day)).length;
    if (usual >= WEEKS_BUSY_MIN && busy[back] === true) missed.push(back);
  }
  return missed;
}

/** For each of the recent days back: were half as many there as a week before? On a public holiday nobody is missed. */
function busyDays(users: ReadonlyMap<string, ReadonlySet<number>>): boolean[] {
  const there = Array.from({ length: RECENT_DAYS + WEEK + 1 }, () => 0);
  for (const days of users.values()) for (const day of days) there[day] = (there[day] ?? 0) + 1;
  return Array.from({ length: RECENT_DAYS + 1 }, (_, back) => (there[back] ?? 0) * 2 >= (there[back + WEEK] ?? 0));
}
