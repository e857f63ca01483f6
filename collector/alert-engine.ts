/**
 * Evaluates and delivers, for those without Prometheus: what is true now becomes records and messages in one step, and messages go out
 * until they arrive or are dead letters. Everything of the outside world is handed in.
 */
import { createHash } from 'node:crypto';
import { type Alert, alertsOf } from './alert.ts';
import { type AlertBook, type AlertRecord, type Channel, type Delivery, DeliveryFailure, type DeliveryKind, type NewDelivery } from './alert-book.ts';
import type { AlertsConfig } from './alert-config.ts';
import { type FactContext, readFacts } from './alert-facts.ts';
import { type AlertMessage, type MessageContext, messageOf, resolvedMessage } from './alert-message.ts';
import { channelsFor, isHeldBack } from './alert-routing.ts';
import { decide } from './alert-state.ts';
import { contributors } from './budget.ts';
import type { Budget } from './budget-book.ts';
import type { CalendarOptions } from './calendar.ts';
import type { LedgerReader } from './ledger.ts';

/** What fires, as an Alertmanager is told. */
export interface FiringAlert {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly message: AlertMessage;
  readonly firedMs: number;
}

/** An Alertmanager, which does its own grouping, inhibition and repetition: it is told again and again what fires. */
export interface Refresher {
  refresh(firing: readonly FiringAlert[], nowMs: number): Promise<void>;
}

export interface EngineOptions {
  readonly alerts: AlertsConfig;
  readonly reader: LedgerReader;
  readonly calendar: CalendarOptions;
  readonly budgets: () => readonly Budget[];
  readonly book: AlertBook;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly refreshers: ReadonlyMap<string, Refresher>;
  readonly now: () => number;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  readonly log: (line: string) => void;
}

const DUE_MAX = 100;
const WAIT_MAX_MS = 3_600_000;

export class AlertEngine {
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Reads the ledger once, and writes what follows from it. Throws when the ledger or the book cannot be read: nothing has changed then. */
  async evaluate(): Promise<void> {
    const { book, now, alerts, calendar } = this.#options;
    const nowMs = now();
    const facts = readFacts(this.#factContext(nowMs));
    const active = alertsOf(facts);
    const isHeld = (severity: Alert['severity']) => isHeldBack(severity, alerts.quiet_hours, nowMs, calendar.timeZone);
    const known = book.records();
    const decision = decide(known, active, { nowMs, isHeldBack: isHeld });
    const context = this.#messageContext(nowMs);
    const records = new Map(decision.records.map((record) => [record.id, record]));
    const deliveries: NewDelivery[] = [];
    for (const alert of decision.tell) {
      const record = records.get(alert.id) ?? known.find(({ id }) => id === alert.id);
      if (record === undefined) continue;
      const told: AlertRecord = { ...record, telling: 'told', message: messageOf(alert, context), channels: this.#outgoing(alert) };
      records.set(alert.id, told);
      deliveries.push(...messagesOf(told, 'firing', told.message, nowMs));
    }
    for (const record of decision.tellResolved) {
      const message =
        record.message && resolvedMessage(record.message, record, reasonOf(record, active, nowMs), { nowMs, timeZone: calendar.timeZone });
      deliveries.push(...messagesOf(record, 'resolved', message, nowMs));
    }
    book.commit({ records: [...records.values()], deliveries });
    await this.#refresh(active, nowMs);
  }

  /** Sends what is due, each channel's messages one after the other. Resolves when all were tried once. */
  async dispatch(): Promise<void> {
    const { book, now } = this.#options;
    const due = Map.groupBy(book.due(now(), DUE_MAX), ({ channel }) => channel);
    await Promise.all([...due.values()].map((deliveries) => this.#sendEach(deliveries)));
  }

  async #sendEach(deliveries: readonly Delivery[]): Promise<void> {
    for (const delivery of deliveries) await this.#send(delivery);
  }

  async #send(delivery: Delivery): Promise<void> {
    const { book, channels, now, log } = this.#options;
    try {
      const channel = channels.get(delivery.channel);
      if (channel === undefined) throw new DeliveryFailure(`alerts.channels has no channel ${delivery.channel} any more.`, { isFinal: true });
      await channel.deliver(delivery);
      book.delivered(delivery.id, now());
    } catch (thrown) {
      const failure = thrown instanceof DeliveryFailure ? thrown : new DeliveryFailure(thrown instanceof Error ? thrown.message : String(thrown));
      const nextMs = this.#nextMs(delivery, failure);
      book.failed(delivery.id, failure.message, nextMs);
      log(
        `alerts: ${delivery.channel}: ${failure.message}${nextMs === undefined ? ' It is a dead letter now; `ledgerline alerts retry` sends it again.' : ''}`,
      );
    }
  }

  /** Doubled for each attempt, half of it by chance, so that many messages do not come back at once. */
  #nextMs({ attempts }: Delivery, { isFinal, waitMs = 0 }: DeliveryFailure): number | undefined {
    const { alerts, now, random } = this.#options;
    if (isFinal || attempts + 1 >= alerts.attempts) return undefined;
    const wait = Math.min(WAIT_MAX_MS, alerts.retry_seconds * 1000 * 2 ** attempts);
    return now() + Math.round(Math.max(Math.min(waitMs, WAIT_MAX_MS), (wait * (1 + random())) / 2));
  }

  async #refresh(active: readonly Alert[], nowMs: number): Promise<void> {
    const { refreshers, book, alerts, log } = this.#options;
    if (refreshers.size === 0) return;
    const firedMs = new Map(book.records().map((record) => [record.id, record.firedMs]));
    // Contributors are read only for what is told once.
    const context = { ...this.#messageContext(nowMs), contributorsOf: () => [] };
    for (const [name, refresher] of refreshers) {
      const firing = active
        .filter((alert) => channelsFor(alert, alerts).includes(name))
        .map(
          (alert): FiringAlert => ({
            id: alert.id,
            labels: alert.labels,
            message: messageOf(alert, context),
            firedMs: firedMs.get(alert.id) ?? nowMs,
          }),
        );
      await refresher
        .refresh(firing, nowMs)
        .catch((error: unknown) => log(`alerts: ${name}: ${error instanceof Error ? error.message : String(error)}`));
    }
  }

  /** Where messages are sent; an Alertmanager is refreshed instead. */
  #outgoing(alert: Alert): string[] {
    const { alerts, refreshers } = this.#options;
    return channelsFor(alert, alerts).filter((name) => !refreshers.has(name));
  }

  #factContext(nowMs: number): FactContext {
    const { reader, calendar, budgets, alerts } = this.#options;
    return { reader, calendar, nowMs, budgets: budgets(), alerts };
  }

  #messageContext(nowMs: number): MessageContext {
    const { reader, calendar, alerts } = this.#options;
    return {
      nowMs,
      timeZone: calendar.timeZone,
      asOfMs: reader.status().asOfMs,
      grafanaUrl: alerts.grafana_url,
      runbooksUrl: alerts.runbooks_url,
      contributorsOf: (status) => contributors(status, { reader, calendar, nowMs }),
    };
  }
}

function messagesOf(record: AlertRecord, kind: DeliveryKind, message: AlertRecord['message'], nowMs: number): NewDelivery[] {
  if (message === undefined) return [];
  return record.channels.map((channel) => ({
    id: deliveryId(record.id, String(record.firedMs), kind, channel),
    ...{ kind, channel, message, subject: record.id, labels: record.labels, to: undefined, createdMs: nowMs },
  }));
}

/** The same event for the same channel has the same id, whoever computes it and however often. */
export const deliveryId = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** Why it is over, as far as the ledger tells. */
function reasonOf({ group, endsMs }: AlertRecord, active: readonly Alert[], nowMs: number): string {
  if (endsMs !== undefined && nowMs >= endsMs) return 'A new period has begun.';
  if (!group.startsWith('budget/')) return 'It is over.';
  const others = active.some((alert) => alert.group === group);
  return `It is over: spend is below the threshold, or the amount was raised.${others ? ' Another threshold of the same budget still holds.' : ''}`;
}
