/** What the parts of the suite for outboxes share. */
import type { AlertRecord, Delivery, NewDelivery, Outbox } from '../../../../collector/alerts/outbox.ts';
import { ALERTS } from '../../../../collector/catalog/alert-names.ts';
import { MESSAGE } from '../../../alerts/message.ts';
import type { OpenedPlace, StorePlace } from '../places.ts';

export type OutboxPlace = StorePlace<Outbox>;
/** What the parts of the suite work with: a store opened before each test, and closed after it. */
export interface OutboxSuite extends OpenedPlace<Outbox> {
  /** Takes messages into the outbox, without a record. */
  readonly enqueue: (...deliveries: readonly NewDelivery[]) => Promise<void>;
}

export const record = (id: string, overrides: Partial<AlertRecord> = {}): AlertRecord => ({
  id,
  name: ALERTS.budgetThreshold,
  severity: 'critical',
  team: 'platform',
  group: `group of ${id}`,
  labels: { team: 'platform' },
  state: 'firing',
  notification: 'pending',
  endsMs: undefined,
  firedMs: 10,
  resolvedMs: undefined,
  message: undefined,
  channels: [],
  ...overrides,
});

export const delivery = (id: string, overrides: Partial<NewDelivery> = {}): NewDelivery => ({
  id,
  kind: 'firing',
  channel: 'chat',
  subject: `subject of ${id}`,
  message: MESSAGE,
  labels: { team: 'platform' },
  to: undefined,
  createdMs: 100,
  ...overrides,
});

export const idsOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ id }) => id);
