/**
 * Several senders at once, each as the real client is: over HTTP what was not answered or was answered 503 is sent again,
 * after newer ones too; over gRPC the client gives up. Now and then an export is sent twice at once, and one that
 * was answered 200 once more. Each sending takes a route of its own, so that what comes twice seldom comes alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import { DIRECT, pickRoute } from './routes.ts';
import { type Destination, openSender, type Sender, type Transport } from './senders.ts';
import type { PlannedExport, Traffic } from './traffic.ts';
import type { Truth } from './truth.ts';

export const SENDERS: readonly Transport[] = ['protobuf', 'json', 'grpc', 'protobuf', 'json', 'grpc', 'protobuf', 'json'];
const REMEMBERED = 400;
/** A sender rests up to so long between two exports, so that a kill meets senders, queues and commits in every state. */
const REST_MS = 8;
const AGAIN_MS = 50;
/** So many records acknowledged in a run make it a load, however slow the machine. */
const WARM_RECORDS = 25;

interface Waiting {
  readonly sent: PlannedExport;
  readonly why: 'retried' | 'repeated';
}

export interface LoadCounts {
  /** Exports to which no answer came. */
  unanswered: number;
  /** Answers of 503. */
  refused: number;
  /** Exports sent although they were answered 200, or sent by two senders at once. */
  repeated: number;
  /** Exports sent again because no answer or a 503 came. */
  retried: number;
  /** Sendings that a hop in between rewrote. */
  rewritten: number;
}

export class Load {
  readonly counts: LoadCounts = { unanswered: 0, refused: 0, repeated: 0, retried: 0, rewritten: 0 };
  readonly #traffic: Traffic;
  readonly #random: Random;
  readonly #truth: Truth;
  /** To be sent again over HTTP. */
  readonly #again: Waiting[] = [];
  /** Given up by gRPC senders. Whether they are in the ledger nobody knows. */
  readonly #givenUp: PlannedExport[] = [];
  /** Some of those that were acknowledged. */
  readonly #taken: PlannedExport[] = [];
  #stopping = false;
  #warm = Promise.withResolvers<void>();
  #recordsBefore = 0;

  constructor(traffic: Traffic, random: Random, truth: Truth) {
    this.#traffic = traffic;
    this.#random = random;
    this.#truth = truth;
  }

  /** Sends until `stop`, and to a single collector until it does not answer any more. */
  async run(to: Destination): Promise<void> {
    this.#stopping = false;
    this.#warm = Promise.withResolvers<void>();
    this.#recordsBefore = this.#truth.acknowledgedRecords;
    const senders = SENDERS.map((transport) => openSender(transport, to));
    try {
      await Promise.all(senders.map((sender) => this.#drive(sender)));
    } finally {
      for (const sender of senders) sender.close();
    }
  }

  /** Resolves when the present run is a load: WARM_RECORDS of it are acknowledged. */
  get warm(): Promise<void> {
    return this.#warm.promise;
  }

  /** Lets every sender finish what it is waiting for. */
  stop(): void {
    this.#stopping = true;
  }

  /** Sends everything whose fate is not known, until it is acknowledged. */
  async settle(to: Destination): Promise<void> {
    const open = [...this.#again.splice(0).map(({ sent }) => sent), ...this.#givenUp.splice(0)].filter((sent) => !sent.acknowledged);
    const senders = SENDERS.map((transport) => openSender(transport, to));
    const next = async (sender: Sender): Promise<void> => {
      for (let sent = open.pop(); sent !== undefined; sent = open.pop()) await this.#insist(sender, sent);
    };
    await Promise.all(senders.map(next));
    for (const sender of senders) sender.close();
  }

  async #insist(sender: Sender, sent: PlannedExport): Promise<void> {
    this.counts.retried++;
    const reply = await this.#send(sender, sent);
    if (reply !== 'taken') throw new Error(`Export ${sent.number} was not taken at the end: ${reply}.`);
  }

  async #drive(sender: Sender): Promise<void> {
    for (;;) {
      if (this.#stopping) return;
      const sent = this.#choose(sender.transport);
      const reply = await this.#send(sender, sent);
      if (reply === 'unanswered') {
        if (!sent.acknowledged) this.#keep(sent, sender.transport);
        if (!sender.hasOthers) return;
      }
      if (reply === 'again') this.#again.push({ sent, why: 'retried' });
      const restMs = reply !== 'taken' ? AGAIN_MS : this.#random.below(REST_MS);
      if (restMs > 0) await delay(restMs);
    }
  }

  async #send(sender: Sender, sent: PlannedExport) {
    this.#truth.sending(sent);
    const route = pickRoute(this.#random);
    if (route !== DIRECT) this.counts.rewritten++;
    const reply = await sender.send(sent, route);
    if (reply === 'unanswered') this.counts.unanswered++;
    if (reply === 'again') this.counts.refused++;
    if (reply !== 'taken') return reply;
    this.#truth.acknowledge(sent);
    if (this.#truth.acknowledgedRecords - this.#recordsBefore >= WARM_RECORDS) this.#warm.resolve();
    this.#remember(sent);
    return reply;
  }

  #choose(transport: Transport): PlannedExport {
    if (transport !== 'grpc' && this.#again.length > 0 && this.#random.chance(0.5)) {
      const [waiting] = this.#again.splice(this.#random.below(this.#again.length), 1);
      if (waiting !== undefined) {
        this.counts[waiting.why]++;
        return waiting.sent;
      }
    }
    if (this.#taken.length > 0 && this.#random.chance(0.06)) {
      this.counts.repeated++;
      return this.#random.pick(this.#taken);
    }
    const sent = this.#traffic.next();
    if (this.#random.chance(0.06)) {
      // Another sender picks it up while this one's copy is under way.
      this.#again.push({ sent, why: 'repeated' });
    }
    return sent;
  }

  #keep(sent: PlannedExport, transport: Transport): void {
    if (transport === 'grpc') this.#givenUp.push(sent);
    else this.#again.push({ sent, why: 'retried' });
  }

  #remember(sent: PlannedExport): void {
    if (this.#taken.length < REMEMBERED) this.#taken.push(sent);
    else this.#taken[this.#random.below(REMEMBERED)] = sent;
  }
}
