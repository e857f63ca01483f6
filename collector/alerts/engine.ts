/**
 * Evaluates and delivers, for those without Prometheus: what is true now becomes records and messages in one step, and messages go out
 * until they arrive or are dead letters. Everything of the outside world is handed in.
 */

import { contributors, ForecastMemo } from '../budgets/evaluate.ts';
import type { Budget } from '../budgets/journal.ts';
import { ALERTS } from '../catalog/alert-names.ts';
import { LABELS } from '../catalog/names.ts';
import type { Config } from '../config/config.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import type { LedgerReader, LedgerSnapshot } from '../ledger/ledger.ts';
import { type Alert, alertsOf } from './alert.ts';
import { decide } from './decide.ts';
import { Dispatcher, type DispatchOptions } from './dispatcher.ts';
import { type FactContext, readFacts } from './facts.ts';
import { fewOfAKind } from './grouping.ts';
import { type AlertMessage, budgetOf, type MessageContext, messageOf, resolvedMessage } from './message.ts';
import type { AlertRecord, DeliveryKind, NewDelivery } from './outbox.ts';
import { deliveryId } from './outbox.ts';
import { channelsFor, isHeldBack } from './routing.ts';

/** What fires, as an Alertmanager gets it. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly message: AlertMessage;
  readonly firedMs: number;
}

/** An Alertmanager, which does its own grouping, inhibition and repetition: it gets what fires again and again. */
export interface Refresher {
  refresh(firing: readonly FiringAlert[], nowMs: number): Promise<void>;
}

export interface EngineOptions extends DispatchOptions {
  readonly reader: LedgerReader;
  readonly calendar: CalendarOptions;
  readonly budgets: () => Promise<readonly Budget[]>;
  readonly rateLimits: Config['rate_limits'];
  readonly refreshers: ReadonlyMap<string, Refresher>;
}

interface Notified {
  readonly record: AlertRecord;
  /** These get it. Those of the record also heard of what it succeeds. */
  readonly channels: readonly string[];
}

export class AlertEngine {
  readonly #options: EngineOptions;
  readonly #dispatcher: Dispatcher;
  readonly #forecastMemo = new ForecastMemo();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(options);
  }

  /** Reads the ledger at one instant, and writes what follows from it. Throws when the ledger or the outbox cannot be read: nothing has changed then. */
  async evaluate(): Promise<void> {
    const nowMs = this.#options.now();
    const { active, asOfMs } = await this.#options.reader.snapshot((ledger) => this.#decide(ledger, nowMs));
    await this.#refresh(active, asOfMs, nowMs);
  }

  async #decide(ledger: LedgerSnapshot, nowMs: number): Promise<{ readonly active: readonly Alert[]; readonly asOfMs: number | undefined }> {
    const { outbox, alerts, calendar } = this.#options;
    const { timeZone } = calendar;
    const active = alertsOf(await readFacts(await this.#factContext(ledger, nowMs)));
    const { asOfMs } = await ledger.status();
    const isHeld = (severity: Alert['severity']) => isHeldBack(severity, alerts.quiet_hours, nowMs, timeZone);
    const known = await outbox.known(active.map(({ id }) => id));
    const decision = decide(known, active, { nowMs, isHeldBack: isHeld });
    const records = new Map(decision.records.map((record) => [record.id, record]));
    const before = new Map([...known.map((record) => [record.id, record] as const), ...records]);
    const notified = await this.#notified(decision.notify, before, ledger, this.#messageContext(asOfMs, nowMs));
    for (const { record } of notified) records.set(record.id, record);
    const groups = new Set(active.map(({ group }) => group));
    const deliveries = [
      ...notified.flatMap(({ record, channels }) => messagesOf({ ...record, channels }, 'firing', nowMs)),
      ...decision.notifyResolved.flatMap((record) => {
        const reason = reasonOf(record, groups, nowMs);
        const message = record.message && resolvedMessage(record.message, record, reason, { nowMs, timeZone, asOfMs });
        return messagesOf({ ...record, message }, 'resolved', nowMs);
      }),
    ];
    await this.#options.confirm?.();
    await outbox.commit({ records: [...records.values()], deliveries });
    return { active, asOfMs };
  }

  /** Records with their messages. The largest contributors are asked for only where the message will be read as one of few. */
  async #notified(
    notify: readonly Alert[],
    records: ReadonlyMap<string, AlertRecord>,
    ledger: LedgerSnapshot,
    context: MessageContext,
  ): Promise<Notified[]> {
    const { nowMs } = context;
    const { calendar } = this.#options;
    const outgoing = notify.map((alert) => ({ alert, channels: this.#outgoing(alert) }));
    const isFew = fewOfAKind(outgoing, this.#options.alerts.messages_at_once);
    const notified: Notified[] = [];
    for (const { alert, channels } of outgoing) {
      const record = records.get(alert.id);
      if (record === undefined) continue;
      const status = isFew(alert, channels) ? budgetOf(alert) : undefined;
      const largest = status === undefined ? [] : await contributors(status, { reader: ledger, calendar, nowMs });
      const heard = [...new Set([...channels, ...record.channels])];
      notified.push({ record: { ...record, notification: 'notified', message: messageOf(alert, context, largest), channels: heard }, channels });
    }
    return notified;
  }

  /** Sends what is due. Resolves when all that could begin was tried once. */
  dispatch = (): Promise<void> => this.#dispatcher.dispatch();

  /** Resolves when nothing is being sent any more. */
  idle = (): Promise<void> => this.#dispatcher.idle();

  async #refresh(active: readonly Alert[], asOfMs: number | undefined, nowMs: number): Promise<void> {
    const { refreshers, outbox, alerts, log } = this.#options;
    if (refreshers.size === 0) return;
    const firedMs = new Map((await outbox.known([])).map((record) => [record.id, record.firedMs]));
    // Contributors are read only for what is sent by itself.
    const context = this.#messageContext(asOfMs, nowMs);
    for (const [name, refresher] of refreshers) {
      const firing = active
        .filter((alert) => channelsFor(alert, alerts).includes(name))
        .map(
          (alert): FiringAlert => ({
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

  async #factContext(reader: LedgerSnapshot, nowMs: number): Promise<FactContext> {
    const { calendar, budgets, rateLimits, alerts } = this.#options;
    return { reader, calendar, nowMs, budgets: await budgets(), rateLimits, alerts, forecastMemo: this.#forecastMemo };
  }

  #messageContext(asOfMs: number | undefined, nowMs: number): MessageContext {
    const { calendar, links } = this.#options;
    return {
      nowMs,
      timeZone: calendar.timeZone,
      asOfMs,
      links,
    };
  }
}

function messagesOf(record: AlertRecord, kind: DeliveryKind, nowMs: number): NewDelivery[] {
  const { message } = record;
  if (message === undefined) return [];
  return record.channels.map((channel) => ({
    id: deliveryId(record.id, String(record.firedMs), kind, channel),
    ...{ kind, channel, message, subject: record.id, labels: record.labels, to: undefined, createdMs: nowMs },
  }));
}

/** Why it is over, as far as the ledger knows. */
function reasonOf({ name, group, labels, endsMs }: AlertRecord, groups: ReadonlySet<string>, nowMs: number): string {
  // A period of once, from a date to a date, has no next one.
  if (endsMs !== undefined && nowMs >= endsMs) return /^\d/.test(labels[LABELS.period] ?? '') ? 'The period has ended.' : 'A new period has begun.';
  if (!group.startsWith('budget/')) return 'The condition no longer holds.';
  const what = name === ALERTS.budgetForecast ? 'The forecast' : 'Spend';
  const others = groups.has(group) ? ' Another threshold of the same budget is still reached.' : '';
  return `${what} is below the threshold, the amount was changed, or the budget was removed.${others}`;
}
