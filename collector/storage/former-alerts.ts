/** Alerts as earlier versions wrote them, under the names of today. */
import type { AlertRecord } from '../alerts/outbox.ts';
import { withCurrentScope } from '../catalog/former-names.ts';
import { LABELS } from '../catalog/names.ts';

/** What the body of a record says. */
export type RecordBody = Omit<AlertRecord, 'id' | 'state' | 'firedMs' | 'resolvedMs'>;

/** The state of the notification, before it was called so. */
interface Former {
  readonly telling?: 'pending' | 'told' | 'silent';
}

export function currentRecord({ telling, ...body }: RecordBody & Former): RecordBody {
  const labels = currentLabels(body.labels);
  return telling === undefined ? { ...body, labels } : { ...body, labels, notification: telling === 'told' ? 'notified' : telling };
}

/** A scope names dimensions. */
export function currentLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const scope = labels[LABELS.scope];
  return scope === undefined ? labels : { ...labels, [LABELS.scope]: withCurrentScope(scope) };
}
