/** Collectors that share a ledger, as processes that are killed and started again, behind a balancer that knows which of them are there. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CollectorPorts } from '../../collector/app/collector.ts';
import type { Random } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import type { StartOrder } from './collector-child.ts';
import { CollectorProcess } from './collector-process.ts';
import type { Route } from './routes.ts';
import { type Reply, type Sender, senderTo, type Transport } from './senders.ts';
import type { PlannedExport } from './traffic.ts';

/** Only a hang gets there. */
const PATIENCE = { timeoutMs: 200_000 };
/** So many exports of it make a replica one that is under load, however slow the machine. */
const WARM_EXPORTS = 5;
/** Of a collector that could not start, such as while the database was away. */
const RESTART_MS = 200;

/** One place of a collector: whoever is killed in it is followed by another. */
export class Replica {
  #process = new CollectorProcess();
  #next = new CollectorProcess();
  #ports: CollectorPorts | undefined;
  #isClosed = false;
  #following: Promise<void> = Promise.resolve();
  readonly #order: StartOrder;
  /** Exports that it took since it is there. */
  taken = 0;
  /** Starts that were refused. */
  refused = 0;
  /** Ended although nobody had killed it. */
  lost: string | undefined;

  constructor(order: StartOrder) {
    mkdirSync(order.data, { recursive: true });
    this.#order = order;
  }

  /** Undefined while nobody is there. */
  get ports(): CollectorPorts | undefined {
    return this.#ports;
  }

  get said(): string {
    return this.#process.said;
  }

  async start(): Promise<void> {
    while (!this.#isClosed) {
      const started = this.#process;
      try {
        this.#ports = await started.start(this.#order);
        this.taken = 0;
        void started.exited.then(() => this.#ended(started));
        return;
      } catch {
        this.refused++;
      }
      this.#replace();
      await delay(RESTART_MS);
    }
  }

  /** Resolves when it is dead; the next one is then on its way. */
  async kill(): Promise<void> {
    this.#ports = undefined;
    const killed = this.#process;
    this.#replace();
    await killed.kill();
    this.#following = this.start();
  }

  /** Does nothing for so long, and goes on if nobody has killed it meanwhile. */
  async freeze(ms: number): Promise<void> {
    const frozen = this.#process;
    frozen.pause();
    await delay(ms);
    frozen.resume();
  }

  /** SIGTERM. Resolves to the exit code. */
  async stop(): Promise<number | null> {
    await this.#following;
    this.#isClosed = true;
    const { code } = await this.#process.stop();
    return code;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#process.kill(), this.#next.kill()]);
    await this.#following;
  }

  #replace(): void {
    this.#process = this.#next;
    this.#next = new CollectorProcess();
    if (this.#isClosed) void this.#next.kill();
  }

  #ended(process: CollectorProcess): void {
    if (process !== this.#process || this.#isClosed) return;
    this.lost = process.said;
    this.#ports = undefined;
  }
}

export interface ReplicasOptions {
  /** Of their data folders, one each. */
  readonly folder: string;
  readonly url: string;
  readonly count: number;
  readonly random: Random;
}

export class Replicas {
  readonly all: readonly Replica[];
  /** The exports of a session go to one replica as long as it is there; otherwise to any. */
  isSticky = true;
  /** Acknowledged exports that were sent once more to another replica. */
  repeatedElsewhere = 0;
  readonly #random: Random;

  constructor({ folder, url, count, random }: ReplicasOptions) {
    this.all = Array.from({ length: count }, (_, index) => new Replica({ data: join(folder, `replica-${index}`), storage: { url } }));
    this.#random = random;
  }

  /** One after the other, so that the first makes the tables. */
  async start(): Promise<void> {
    for (const replica of this.all) await replica.start();
  }

  /** Nothing that this started is left running. */
  async close(): Promise<void> {
    await Promise.all(this.all.map((replica) => replica.close()));
  }

  open(transport: Transport): Sender {
    return new BalancedSender(transport, this);
  }

  /** Resolves when all are there. Rejects when one ended by itself. */
  async allThere(): Promise<void> {
    await waitFor('all replicas', () => this.all.every(({ ports, lost }) => ports !== undefined || lost !== undefined), {
      ...PATIENCE,
      context: () => this.all.map(({ said }) => said.slice(-2_000)).join('\n'),
    });
    const lost = this.all.find((replica) => replica.lost !== undefined);
    if (lost !== undefined) throw new Error(`A collector ended by itself.\n${lost.lost?.slice(-4_000)}`);
  }

  /** Any that is there. Resolves when there is one. */
  pick(): Promise<Replica> {
    return this.#pick('a replica', ({ ports }) => ports !== undefined);
  }

  /** Any that is under load. */
  pickWarm(): Promise<Replica> {
    return this.#pick('a replica under load', ({ ports, taken }) => ports !== undefined && taken >= WARM_EXPORTS);
  }

  async #pick(what: string, isWanted: (replica: Replica) => boolean): Promise<Replica> {
    const wanted = await waitFor(what, () => this.all.filter(isWanted), { ...PATIENCE, until: (found) => found.length > 0 });
    return this.#random.pick(wanted);
  }

  /** Where an export goes: what is repeated on purpose to another than `taken`. */
  async replicaFor(sent: PlannedExport, taken: Replica | undefined): Promise<Replica> {
    const there = await this.pick();
    const others = this.all.filter((replica) => replica.ports !== undefined && replica !== taken);
    if (sent.acknowledged && others.length > 0) {
      this.repeatedElsewhere++;
      return this.#random.pick(others);
    }
    return this.isSticky ? this.#home(sent) : there;
  }

  #home({ records }: PlannedExport): Replica {
    const first = numberOf(records[0]?.session ?? '') % this.all.length;
    const inTurn = [...this.all.slice(first), ...this.all.slice(0, first)];
    const home = inTurn.find(({ ports }) => ports !== undefined);
    if (home === undefined) throw new Error('No replica is there.');
    return home;
  }
}

const numberOf = (text: string): number => [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1_000_003, 7);

/** One connection to each replica. */
class BalancedSender implements Sender {
  readonly transport: Transport;
  readonly hasOthers = true;
  readonly #replicas: Replicas;
  readonly #open = new Map<Replica, { readonly ports: CollectorPorts; readonly sender: Sender }>();
  static readonly #takenBy = new WeakMap<PlannedExport, Replica>();

  constructor(transport: Transport, replicas: Replicas) {
    this.transport = transport;
    this.#replicas = replicas;
  }

  async send(sent: PlannedExport, route: Route): Promise<Reply> {
    const replica = await this.#replicas.replicaFor(sent, BalancedSender.#takenBy.get(sent));
    const reply = (await this.#senderTo(replica)?.send(sent, route)) ?? 'unanswered';
    if (reply !== 'taken') return reply;
    BalancedSender.#takenBy.set(sent, replica);
    replica.taken++;
    return reply;
  }

  close(): void {
    for (const { sender } of this.#open.values()) sender.close();
  }

  /** Undefined when it is not there any more. */
  #senderTo(replica: Replica): Sender | undefined {
    const open = this.#open.get(replica);
    const { ports } = replica;
    if (ports === undefined) return undefined;
    if (open?.ports === ports) return open.sender;
    open?.sender.close();
    const sender = senderTo(this.transport, ports);
    this.#open.set(replica, { ports, sender });
    return sender;
  }
}
