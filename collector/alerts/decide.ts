/**
 * From what is true now and what was notified before to the next notifications: each alert once, the worst of a matter first, nothing but
 * critical in quiet hours, and that it is over to those who heard of it. Pure: the same inputs give the same decision.
 */

import type { Severity } from '../budgets/status.ts';
import type { Alert } from './alert.ts';
import type { AlertRecord } from './outbox.ts';
import { inhibition } from './routing.ts';

export interface DecisionContext {
  readonly nowMs: number;
  readonly isHeldBack: (severity: Severity) => boolean;
}

export interface Decision {
  /** Alerts to notify of now. */
  readonly notify: readonly Alert[];
  /** Alerts that are over, and whose end is notified. */
  readonly notifyResolved: readonly AlertRecord[];
  /** Records as they are after this decision, only those that changed. Those in `notify` still lack message and channels. */
  readonly records: readonly AlertRecord[];
}

export function decide(known: readonly AlertRecord[], active: readonly Alert[], context: DecisionContext): Decision {
  const before = new Map(known.map((record) => [record.id, record]));
  const now = new Map(active.map((alert) => [alert.id, alert]));
  const isInhibited = inhibition(active);
  const firing = active.map((alert) => ({ alert, record: firingRecord(alert, before.get(alert.id), context.nowMs) }));
  const notify = firing.filter(
    ({ alert, record }) => record.notification === 'pending' && !isInhibited(alert) && !context.isHeldBack(alert.severity),
  );
  const over = known.filter(({ id, state, severity }) => state === 'firing' && !now.has(id) && !context.isHeldBack(severity));
  const replaced = new Set(notify.map(({ alert }) => matter(alert)));
  return {
    notify: notify.map(({ alert }) => alert),
    notifyResolved: over.filter((record) => record.notification === 'notified' && !replaced.has(matter(record))),
    records: [
      ...firing.filter(({ alert, record }) => record !== before.get(alert.id)).map(({ record }) => record),
      ...over.map((record): AlertRecord => ({ ...record, state: 'resolved', resolvedMs: context.nowMs })),
    ],
  };
}

/** An amount that was raised and is reached again is notified anew; the end of the old one is not notified beside it. */
const matter = ({ group, name, labels }: Pick<Alert, 'group' | 'name' | 'labels'>): string => JSON.stringify([group, name, labels.at]);

function firingRecord(alert: Alert, record: AlertRecord | undefined, nowMs: number): AlertRecord {
  if (record?.state === 'firing' && (record.notification !== 'silent' || !mayRepeat(alert, record, nowMs))) return record;
  const { id, name, severity, team, group, labels, endsMs } = alert;
  const fresh: AlertRecord = {
    ...{ id, name, severity, team, group, labels, endsMs, state: 'firing', notification: 'pending', firedMs: nowMs },
    ...{ resolvedMs: undefined, message: undefined, channels: [] },
  };
  // What ended before its notification is new to everybody.
  if (record === undefined || record.notification === 'pending') return fresh;
  return mayRepeat(alert, record, nowMs) ? fresh : { ...record, state: 'firing', notification: 'silent', resolvedMs: undefined };
}

/** What came back too soon is notified once its time has come. */
const mayRepeat = ({ againAfterMs, newsMs }: Alert, { firedMs }: AlertRecord, nowMs: number): boolean =>
  (againAfterMs !== undefined && nowMs - firedMs >= againAfterMs) || (newsMs !== undefined && firedMs < newsMs);
