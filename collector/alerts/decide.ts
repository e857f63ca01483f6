/**
 * From what is true now and what was notified before to the next notifications: each alert once, the worst of a matter first, nothing but
 * critical in quiet hours, and that it is over to those who heard of it. Pure: the same inputs give the same decision.
 */

import type { Severity } from '../budgets/status.ts';
import { LABELS } from '../catalog/names.ts';
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
  const heard = over.filter(({ notification }) => notification === 'notified');
  const goesOn = new Set(active.map(matter));
  const succeeded = new Map(heard.map((record) => [matter(record), record]));
  const isNew = new Set(notify.map(({ alert }) => alert.id));
  const current = firing.map(({ alert, record }) => ({ alert, record: successor(record, succeeded.get(matter(alert)), isNew.has(alert.id)) }));
  return {
    notify: notify.map(({ alert }) => alert),
    notifyResolved: heard.filter((record) => !goesOn.has(matter(record))),
    records: [
      ...current.filter(({ alert, record }) => record !== before.get(alert.id)).map(({ record }) => record),
      ...over.map((record): AlertRecord => ({ ...record, state: 'resolved', resolvedMs: context.nowMs })),
    ],
  };
}

/** What goes on under another id: a threshold of an amount that was changed, an anomaly of another severity. That the former one ended is not notified. */
const matter = ({ group, name, labels }: Pick<Alert, 'group' | 'name' | 'labels'>): string =>
  JSON.stringify([group, name, labels[LABELS.budget], labels[LABELS.at]]);

/** Whoever heard of the former one hears of the end of this, and need not hear of it again unless it `isNew`. */
function successor(record: AlertRecord, former: AlertRecord | undefined, isNew: boolean): AlertRecord {
  if (former === undefined) return record;
  const channels = [...new Set([...former.channels, ...record.channels])];
  if (isNew || record.notification === 'notified') return { ...record, channels };
  return { ...record, notification: 'notified', message: former.message, channels, firedMs: former.firedMs };
}

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

/** What came back too soon is notified once its time has come; at once what fired by a clock that was ahead. */
const mayRepeat = ({ againAfterMs, newsMs }: Alert, { firedMs }: AlertRecord, nowMs: number): boolean =>
  (againAfterMs !== undefined && (firedMs > nowMs || nowMs - firedMs >= againAfterMs)) || (newsMs !== undefined && firedMs < newsMs);
