/** Sends what waits, each channel by itself: one that is slow or fails holds up no other. Everything of the outside world is handed in. */

import type { LinkBases } from '../catalog/alert-links.ts';
import type { Log } from '../catalog/log-codes.ts';
import type { AlertsConfig } from '../config/alerts.ts';
import { HOUR_MS } from '../core/duration.ts';
import { planSending } from './grouping.ts';
import { type Channel, type Delivery, DeliveryFailure, deliveryId, type NewDelivery, type Outbox, WAIT_MAX_MS } from './outbox.ts';

export interface DispatchOptions {
  readonly alerts: AlertsConfig;
  readonly links: LinkBases;
  readonly outbox: Outbox;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly now: () => number;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  readonly log: Log;
  /** Asked before each effect; rejects when another replica delivers now. Omitted: there is none. */
  readonly confirm?: () => Promise<void>;
}

/** Of one attempt: delivered, with the message for those who missed it; or when it is tried next, which is never for a dead letter. */
type Outcome =
  | { readonly deliveredMs: number; readonly again: NewDelivery | undefined }
  | { readonly error: string; readonly nextMs: number | undefined };

/** Read in one go: enough to see a burst whole. */
const DUE_MAX = 50_000;

export class Dispatcher {
  readonly #options: DispatchOptions;
  /** Channels that are being sent to. */
  readonly #busy = new Map<string, Promise<void>>();
  /** What became of messages, as long as the outbox could not be written: whoever has one would get it again every second. */
  readonly #unwritten = new Map<string, Outcome>();
  /** What is due is being read. */
  #looking: Promise<Promise<void>[]> | undefined;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  /** Sends what is due to every channel that is not being sent to. Resolves when what it began was tried once. */
  async dispatch(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await Promise.all(await this.#looking);
  }

  /** One at a time, and without the channels that were busy as it began: what they send meanwhile is still due in what it has read. */
  async #look(): Promise<Promise<void>[]> {
    const { outbox, now } = this.#options;
    const busy = new Set(this.#busy.keys());
    const due = Map.groupBy(await outbox.due(now(), DUE_MAX), ({ channel }) => channel);
    return [...due].filter(([channel]) => !busy.has(channel)).map(([channel, list]) => this.#begin(channel, list));
  }

  /** Resolves when nothing is being sent any more. */
  async idle(): Promise<void> {
    await this.#looking?.catch(() => undefined);
    await Promise.allSettled(this.#busy.values());
  }

  #begin(channel: string, due: readonly Delivery[]): Promise<void> {
    const sending = this.#sendAll(channel, due).finally(() => this.#busy.delete(channel));
    this.#busy.set(channel, sending);
    return sending;
  }

  async #sendAll(channel: string, all: readonly Delivery[]): Promise<void> {
    const { outbox, now, alerts, links, log } = this.#options;
    const due = await this.#untried(all);
    const nowMs = now();
    const { single, grouped } = planSending(due, { alerts, links, nowMs, sentMs: await outbox.sentMs(channel, nowMs - HOUR_MS) });
    for (const { summary, ids } of grouped) {
      await outbox.group(summary, ids);
      log('messages_grouped', `${channel}: ${ids.length} messages are sent as one.`, { fields: { channel } });
    }
    // Summaries as the book has them now; of the others only what the plan lets through.
    const chosen = new Set([...single.map(({ id }) => id), ...grouped.map(({ summary }) => summary.id)]);
    const waiting = grouped.length === 0 ? single : (await outbox.due(nowMs, DUE_MAX)).filter(({ id }) => chosen.has(id));
    for (const delivery of waiting) await this.#write(delivery.id, await this.#attempt(delivery));
  }

  /** Without those that were tried before; of these it is written now. */
  async #untried(due: readonly Delivery[]): Promise<Delivery[]> {
    const untried: Delivery[] = [];
    for (const delivery of due) {
      const outcome = this.#unwritten.get(delivery.id);
      if (outcome === undefined) untried.push(delivery);
      else await this.#write(delivery.id, outcome);
    }
    return untried;
  }

  async #attempt(delivery: Delivery): Promise<Outcome> {
    const { channels, now, confirm } = this.#options;
    await confirm?.();
    try {
      const channel = channels.get(delivery.channel);
      if (channel === undefined) throw new DeliveryFailure(`alerts.channels no longer has a channel ${delivery.channel}.`, { isFinal: true });
      await channel.deliver(delivery);
      return { deliveredMs: now(), again: undefined };
    } catch (thrown) {
      const failure = thrown instanceof DeliveryFailure ? thrown : unexpected(thrown);
      const { missed } = failure;
      const nextMs = missed.length > 0 ? now() : this.#nextMs(delivery, failure);
      this.#logFailure(delivery, failure, nextMs);
      if (missed.length > 0) return { deliveredMs: now(), again: forMissed(delivery, missed, now()) };
      return { error: failure.message, nextMs };
    }
  }

  async #write(id: string, outcome: Outcome): Promise<void> {
    const { outbox } = this.#options;
    this.#unwritten.set(id, outcome);
    if ('error' in outcome) await outbox.failed(id, outcome.error, outcome.nextMs);
    else {
      if (outcome.again !== undefined) await outbox.commit({ records: [], deliveries: [outcome.again] });
      await outbox.delivered(id, outcome.deliveredMs);
    }
    this.#unwritten.delete(id);
  }

  #logFailure({ channel }: Delivery, { message }: DeliveryFailure, nextMs: number | undefined): void {
    const { log } = this.#options;
    const fields = { channel };
    if (nextMs !== undefined) log('delivery_failed', `${channel}: ${message}`, { fields });
    else log('delivery_dead', `${channel}: ${message} It is a dead letter now; \`ledgerline alerts retry\` sends it again.`, { fields });
  }

  /** Doubled for each attempt, half of it by chance, so that many messages do not come back at once. */
  #nextMs({ attempts }: Delivery, { isFinal, waitMs = 0 }: DeliveryFailure): number | undefined {
    const { alerts, now, random } = this.#options;
    if (isFinal || attempts + 1 >= alerts.attempts) return undefined;
    const wait = Math.min(WAIT_MAX_MS, alerts.retry_seconds * 1000 * 2 ** attempts);
    return now() + Math.round(Math.max(Math.min(waitMs, WAIT_MAX_MS), (wait * (1 + random())) / 2));
  }
}

/** A message of its own, so that nobody gets it twice. It goes where the first one came from, and is tried and given up by itself. */
function forMissed(delivery: Delivery, to: readonly string[], createdMs: number): NewDelivery {
  return { ...delivery, id: deliveryId(delivery.id, 'missed', ...to), to, createdMs };
}

/** What nobody expected may name anything, even an address that is a secret: only its kind is reported. */
function unexpected(thrown: unknown): DeliveryFailure {
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code).slice(0, 40)})` : '';
  return new DeliveryFailure(`The channel failed unexpectedly: ${kind}${code}.`);
}
