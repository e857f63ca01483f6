/**
 * What the collector remembers about its alerts: which fired, who was notified, and what is still on its way. Kept on disk, so that a
 * restart neither repeats nor forgets. The stores are the files alert-store.ts in storage/.
 */

import { createHash } from 'node:crypto';
import type { Severity } from '../budgets/status.ts';
import type { AlertName } from '../catalog/alert-names.ts';
import { HOUR_MS } from '../core/duration.ts';
import type { AlertMessage } from './message.ts';

export interface AlertRecord {
  /** Of the alert, see alert.ts. */
  readonly id: string;
  readonly name: AlertName;
  readonly severity: Severity;
  readonly team: string;
  readonly group: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'firing' | 'resolved';
  /** pending: hidden by a more severe alert, or waiting for the quiet hours to end. silent: it came back after its notification. */
  readonly notification: 'pending' | 'notified' | 'silent';
  /** See alert.ts. */
  readonly endsMs: number | undefined;
  readonly firedMs: number;
  readonly resolvedMs: number | undefined;
  /** As it was sent; undefined while it was not. */
  readonly message: AlertMessage | undefined;
  /** Channels that were notified: the same hear that it is resolved. */
  readonly channels: readonly string[];
}

/** summary: one message for several of firing or of resolved, see grouping.ts. */
export type DeliveryKind = 'firing' | 'resolved' | 'summary' | 'digest' | 'request' | 'test';

export interface NewDelivery {
  /** The same message to the same channel has the same id, also after a crash: receivers can tell a repetition by it. */
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly channel: string;
  /** Alert or digest it is about. Deliveries of one subject reach a channel in order. */
  readonly subject: string;
  readonly message: AlertMessage;
  /** Of the alert; of a summary those that its alerts share; empty for a digest. */
  readonly labels: Readonly<Record<string, string>>;
  /** E-mail recipients instead of the channel's own, such as those who alone missed a message. */
  readonly to: readonly string[] | undefined;
  readonly createdMs: number;
}

/** Of a message on its way. */
export const DELIVERY_STATUSES = ['waiting', 'folded', 'delivered', 'dead'] as const;

export interface Delivery extends NewDelivery {
  /** folded (the stored word for grouped): part of a summary that waits; it becomes what that becomes. */
  readonly status: (typeof DELIVERY_STATUSES)[number];
  readonly attempts: number;
  /** When it is tried next, while it is waiting. */
  readonly nextMs: number;
  readonly deliveredMs: number | undefined;
  /** Why the last attempt failed; undefined when none did. */
  readonly error: string | undefined;
}

/** A way to people. Throws DeliveryFailure when the message did not arrive. */
export interface Channel {
  deliver(delivery: Delivery): Promise<void>;
}

interface FailureOptions {
  readonly isFinal?: boolean;
  readonly waitMs?: number | undefined;
  readonly missed?: readonly string[];
}

/** Why a delivery failed, in words without secrets. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  /** Trying the same message again is of no use. */
  readonly isFinal: boolean;
  /** How long the other side asks to be left alone. */
  readonly waitMs: number | undefined;
  /** Recipients who alone did not get it; empty when nobody did. */
  readonly missed: readonly string[];

  constructor(message: string, { isFinal = false, waitMs, missed = [] }: FailureOptions = {}) {
    super(message);
    this.isFinal = isFinal;
    this.waitMs = waitMs;
    this.missed = missed;
  }
}

export interface Outbox {
  /** To look at: what fires and the newest of what is over, the newest first. */
  records(): Promise<readonly AlertRecord[]>;
  /** To decide by: whatever fires, and the records of these alerts. However many there are: one that is left out would be notified again. */
  known(ids: readonly string[]): Promise<readonly AlertRecord[]>;
  /** Records and the messages that follow from them, both or neither. A delivery that is already known is left as it is. */
  commit(changes: { readonly records: readonly AlertRecord[]; readonly deliveries: readonly NewDelivery[] }): Promise<void>;
  /**
   * Deliveries to try now, in order; the next of a subject waits for the one before it. What is to wait for longer than WAIT_MAX_MS was
   * written by a clock that was ahead, and is due, too.
   */
  due(nowMs: number, limit: number): Promise<readonly Delivery[]>;
  /** When a channel took messages about alerts since then, the oldest first; a summary counts once. */
  sentMs(channel: string, sinceMs: number): Promise<readonly number[]>;
  /** These are part of the summary from now on, all or none. */
  group(summary: NewDelivery, ids: readonly string[]): Promise<void>;
  delivered(id: string, nowMs: number): Promise<void>;
  /** `nextMs` undefined: not tried again, a dead letter. */
  failed(id: string, error: string, nextMs: number | undefined): Promise<void>;
  /** The newest first; what is part of a summary is not a dead letter of its own. */
  deliveries(status: Delivery['status'] | undefined, limit: number): Promise<readonly Delivery[]>;
  /** Tries dead letters again: one by id, or all. Returns how many. */
  revive(id: string | undefined, nowMs: number): Promise<number>;
  /** When a digest was last due and handed over; undefined when never. */
  digestedMs(name: string): Promise<number | undefined>;
  digested(name: string, dueMs: number, deliveries: readonly NewDelivery[]): Promise<void>;
  /** How far something other than alerts and digests has been handed over; undefined when never. */
  handedOver(what: string): Promise<number | undefined>;
  /** So far from now on, with the messages that follow from it, both or neither. */
  handOver(what: string, upTo: number, deliveries: readonly NewDelivery[]): Promise<void>;
  /** Removes what is over and older than this. */
  forget(beforeMs: number): Promise<void>;
  close(): Promise<void>;
}

/** No message waits longer for its next attempt. */
export const WAIT_MAX_MS = HOUR_MS;

/** The same event for the same channel has the same id, whoever computes it and however often. */
export const deliveryId = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
