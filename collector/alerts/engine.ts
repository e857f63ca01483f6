/**
 * Evaluates and delivers, for those without Prometheus: what is true now becomes records and messages in one step, and messages go out
 * until they arrive or are dead letters. Everything of the outside world is handed in.
 */

import type { Budget } from '../budgets/book.ts';
import { contributors } from '../budgets/evaluate.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import { type Alert, alertsOf } from './alert.ts';
import { decide } from './decide.ts';
import { Dispatcher, type DispatchOptions } from './dispatcher.ts';
import { type FactContext, readFacts } from './facts.ts';
import { fewOfAKind } from './grouping.ts';
import { type AlertMessage, type MessageContext, messageOf, resolvedMessage } from './message.ts';
import type { AlertRecord, DeliveryKind, NewDelivery } from './outbox.ts';
import { deliveryId } from './outbox.ts';
import { channelsFor, isHeldBack } from './routing.ts';

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

export interface EngineOptions extends DispatchOptions {
  readonly reader: LedgerReader;
  readonly calendar: CalendarOptions;
  readonly budgets: () => readonly Budget[];
  readonly refreshers: ReadonlyMap<string, Refresher>;
}

export class AlertEngine {
  readonly #options: EngineOptions;
  readonly #dispatcher: Dispatcher;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(options);
  }

  /** Reads the ledger once, and writes what follows from it. Throws when the ledger or the book cannot be read: nothing has changed then. */
  async evaluate(): Promise<void> {
    const { book, now, alerts, calendar } = this.#options;
    const { timeZone } = calendar;
    const nowMs = now();
    const facts = readFacts(this.#factContext(nowMs));
    const active = alertsOf(facts);
    const isHeld = (severity: Alert['severity']) => isHeldBack(severity, alerts.quiet_hours, nowMs, timeZone);
    const known = book.known(active.map(({ id }) => id));
    const decision = decide(known, active, { nowMs, isHeldBack: isHeld });
    const records = new Map(decision.records.map((record) => [record.id, record]));
    const told = this.#told(decision.tell, new Map([...known.map((record) => [record.id, record] as const), ...records]), nowMs);
    for (const record of told) records.set(record.id, record);
    const groups = new Set(active.map(({ group }) => group));
    const deliveries = [
      ...told.flatMap((record) => messagesOf(record, 'firing', record.message, nowMs)),
      ...decision.tellResolved.flatMap((record) => {
        const reason = reasonOf(record, groups, nowMs);
        return messagesOf(record, 'resolved', record.message && resolvedMessage(record.message, record, reason, { nowMs, timeZone }), nowMs);
      }),
    ];
    book.commit({ records: [...records.values()], deliveries });
    await this.#refresh(active, nowMs);
  }

  /** Records with their messages. The largest contributors are asked for only where the message will be read as one of few. */
  #told(tell: readonly Alert[], records: ReadonlyMap<string, AlertRecord>, nowMs: number): AlertRecord[] {
    const full = this.#messageContext(nowMs);
    const short = { ...full, contributorsOf: () => [] };
    const outgoing = tell.map((alert) => ({ alert, channels: this.#outgoing(alert) }));
    const isFew = fewOfAKind(outgoing, this.#options.alerts.messages_at_once);
    return outgoing.flatMap(({ alert, channels }) => {
      const record = records.get(alert.id);
      if (record === undefined) return [];
      return [{ ...record, telling: 'told' as const, message: messageOf(alert, isFew(alert, channels) ? full : short), channels }];
    });
  }

  /** Sends what is due. Resolves when all that could begin was tried once. */
  dispatch = (): Promise<void> => this.#dispatcher.dispatch();

  /** Resolves when nothing is being sent any more. */
  idle = (): Promise<void> => this.#dispatcher.idle();

  async #refresh(active: readonly Alert[], nowMs: number): Promise<void> {
    const { refreshers, book, alerts, log } = this.#options;
    if (refreshers.size === 0) return;
    const firedMs = new Map(book.known([]).map((record) => [record.id, record.firedMs]));
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
        .catch((error: unknown) =>
          log('refresh_failed', `${name}: ${error instanceof Error ? error.message : String(error)}`, { fields: { channel: name } }),
        );
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

/** Why it is over, as far as the ledger tells. */
function reasonOf({ group, endsMs }: AlertRecord, groups: ReadonlySet<string>, nowMs: number): string {
  if (endsMs !== undefined && nowMs >= endsMs) return 'A new period has begun.';
  if (!group.startsWith('budget/')) return 'The condition no longer holds.';
  return `Spend is below the threshold, or the budget was raised.${groups.has(group) ? ' Another threshold of the same budget is still reached.' : ''}`;
}
