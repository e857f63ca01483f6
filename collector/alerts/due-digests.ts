/** Which digests are due, and their messages. A digest that fell into a pause of the collector is sent once, not once for each time missed. */

import type { AlertsConfig, DigestConfig } from '../config/alerts.ts';
import { DAY_MS } from '../core/duration.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import { type DigestContext, digestOf } from './digest.ts';
import type { NewDelivery, Outbox } from './outbox.ts';
import { deliveryId } from './outbox.ts';

export interface DigestsOptions extends Pick<DigestContext, 'calendar'> {
  readonly reader: LedgerReader;
  readonly alerts: Pick<AlertsConfig, 'digests'>;
  readonly links: DigestContext['links'];
  readonly outbox: Outbox;
  readonly budgets: () => Promise<DigestContext['budgets']>;
  readonly now: () => number;
  /** The next instant of a schedule after another; undefined when there is none. */
  readonly nextDueMs: (schedule: string, timeZone: string, afterMs: number, key: string) => number | undefined;
  readonly failed: (name: string, error: unknown) => void;
}

/** A summary that comes a day late is of no use any more. */
const LATE_MS = DAY_MS;

/** One that fails holds up no other: `failed` hears of it, and it is tried again with the next call. */
export async function handOverDigests(options: DigestsOptions): Promise<void> {
  for (const digest of options.alerts.digests) await handOver(digest, options).catch((error: unknown) => options.failed(digest.name, error));
}

async function handOver(digest: DigestConfig, options: DigestsOptions): Promise<void> {
  const { outbox, now } = options;
  const nowMs = now();
  const known = await outbox.digestedMs(digest.name);
  // A new digest begins with its next time, and so does one that was last due by a clock that was ahead.
  if (known === undefined || known > nowMs) return await outbox.digested(digest.name, nowMs, []);
  const dueMs = lastDue(digest, known, nowMs, options);
  if (dueMs === undefined) return;
  await outbox.digested(digest.name, dueMs, nowMs - dueMs > LATE_MS ? [] : await messagesOf(digest, dueMs, nowMs, options));
}

function lastDue({ name, schedule, time_zone }: DigestConfig, afterMs: number, nowMs: number, { nextDueMs, calendar }: DigestsOptions) {
  const next = (ms: number) => nextDueMs(schedule, time_zone ?? calendar.timeZone, ms, `alerts.digests: ${name}: schedule`);
  let last: number | undefined;
  for (let due = next(afterMs); due !== undefined && due <= nowMs; due = next(due)) last = due;
  return last;
}

async function messagesOf(digest: DigestConfig, dueMs: number, nowMs: number, options: DigestsOptions): Promise<NewDelivery[]> {
  const { reader, calendar, budgets, links } = options;
  const context = { calendar, budgets: await budgets(), dueMs, nowMs, links };
  const message = await reader.snapshot((ledger) => digestOf(digest, { ...context, reader: ledger }));
  return digest.channels.map((channel) => ({
    id: deliveryId(digest.name, String(dueMs), 'digest', channel),
    ...{
      kind: 'digest',
      channel,
      subject: `digest/${digest.name}/${new Date(dueMs).toISOString()}`,
      message,
      labels: {},
      to: digest.to,
      createdMs: nowMs,
    },
  }));
}
