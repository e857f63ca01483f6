/** Where an alert goes, what hides it, and what waits until the quiet hours end. The generated configurations say the same. Pure. */

import type { Severity } from '../budgets/status.ts';
import { type AlertsConfig, type QuietHours, WEEKDAYS } from '../config/alerts.ts';
import type { Alert } from './alert.ts';

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };
type Weekday = (typeof WEEKDAYS)[number];

/** Names of the channels: those of the first route that fits, every channel when none does. */
export function channelsFor({ team, severity }: Pick<Alert, 'team' | 'severity'>, { routes, channels }: AlertsConfig): readonly string[] {
  const route = routes.find(
    ({ teams, severities }) => (teams.length === 0 || teams.includes(team)) && (severities.length === 0 || severities.includes(severity)),
  );
  return route?.channels ?? channels.map(({ name }) => name);
}

/** A more severe alert of the same matter says more. A budget that is stopped hides its critical threshold too. */
export function inhibition(active: readonly Alert[]): (alert: Alert) => boolean {
  const groups = Map.groupBy(active, ({ group }) => group);
  return (alert) =>
    (groups.get(alert.group) ?? []).some(
      (other) => RANK[other.severity] > RANK[alert.severity] || (other.subject.kind === 'stopped' && alert.subject.kind === 'threshold'),
    );
}

/** Quiet hours hold back all but what is critical. `timeZone` is that of the ledger. */
export function isHeldBack(severity: Severity, quietHours: readonly QuietHours[], nowMs: number, timeZone: string): boolean {
  return severity !== 'critical' && quietHours.some((hours) => isWithin(hours, nowMs, timeZone));
}

function isWithin({ days, from, to, time_zone }: QuietHours, nowMs: number, timeZone: string): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(time_zone ?? timeZone);
  const clock = local.toPlainTime().toString({ smallestUnit: 'minute' });
  const begins = (dayOfWeek: number): boolean => days.includes(weekday(dayOfWeek));
  if (from < to) return begins(local.dayOfWeek) && clock >= from && clock < to;
  return (begins(local.dayOfWeek) && clock >= from) || (begins(local.dayOfWeek - 1) && clock < to);
}

/** ISO weekday, Monday 1 … Sunday 7; 0 is the Sunday before. */
const weekday = (dayOfWeek: number): Weekday => WEEKDAYS[(dayOfWeek + 6) % 7] ?? 'monday';

export interface ClockInterval {
  readonly days: readonly Weekday[];
  /** "HH:MM"; the end is excluded and may be "24:00". */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

/** Quiet hours as intervals that do not cross midnight, which is how Alertmanager and Grafana want them. */
export function clockIntervals({ days, from, to, time_zone }: QuietHours, timeZone: string): ClockInterval[] {
  const zone = time_zone ?? timeZone;
  if (from < to) return [{ days, from, to, timeZone: zone }];
  const evening: ClockInterval = { days, from, to: '24:00', timeZone: zone };
  if (to === '00:00') return [evening];
  const next = days.map((day) => WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % 7] ?? day);
  return [evening, { days: next, from: '00:00', to, timeZone: zone }];
}
