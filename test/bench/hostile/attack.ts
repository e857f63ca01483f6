/** What an attack is, where it takes place, and the count of what came of it. */
import type { CollectorPorts } from '../../../collector/app/collector.ts';
import { type Sending, send } from './wire.ts';

export interface Attack {
  /** For --only, and the first column. */
  readonly name: string;
  /** What is sent, in a few words. */
  readonly what: string;
  /** Runs against the collector that listens with TLS. */
  readonly isTls?: true;
  /** It shows nothing in less time than this. */
  readonly leastSeconds?: number;
  /** It ends when everything is sent, however long that takes. */
  readonly isCounted?: true;
  /** What must be there first; not measured. */
  prepare?(arena: Arena): Promise<void>;
  /** Ends soon after `arena.signal` says so, and leaves no connection behind. */
  run(arena: Arena): Promise<void>;
  /** What is to be seen afterwards, when all is calm; not measured. */
  afterwards?(arena: Arena): Promise<void>;
}

export interface Tokens {
  readonly good: string;
  readonly attacker: string;
  readonly reader: string;
}

/** Outcomes and how often each came. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #notes: string[] = [];

  count(outcome: string): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  of(outcome: string): number {
    return this.#counts.get(outcome) ?? 0;
  }

  /** Answers that say that the collector itself failed: 5xx but 503, and gRPC's INTERNAL and UNKNOWN. */
  get faults(): number {
    let faults = 0;
    for (const [outcome, count] of this.#counts) if (/^5(?!03)\d\d$|^grpc (2|13)$/.test(outcome)) faults += count;
    return faults;
  }

  /** The most frequent first. */
  get text(): string {
    const counted = [...this.#counts].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${outcome} × ${count.toLocaleString('en')}`);
    return [...counted.slice(0, 6), ...this.#notes].join(', ');
  }
}

export interface ArenaOptions {
  readonly ports: CollectorPorts;
  readonly tokens: Tokens;
  readonly pid: number;
  readonly seconds: number;
  /** Of the full count of everything; at most 1. */
  readonly share: number;
  readonly signal: AbortSignal;
  readonly ca?: Buffer | undefined;
  readonly tally?: Tally;
}

/** Loopback addresses other than the good clients' own; only Linux has them without being asked. */
const ADDRESSES = 8;

export class Arena {
  readonly tally: Tally;
  readonly ports: CollectorPorts;
  readonly tokens: Tokens;
  readonly pid: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly ca: Buffer | undefined;
  /** Resolves when time is up. */
  readonly over: Promise<void>;
  readonly #share: number;

  constructor(options: ArenaOptions) {
    this.tally = options.tally ?? new Tally();
    this.ports = options.ports;
    this.tokens = options.tokens;
    this.pid = options.pid;
    this.seconds = options.seconds;
    this.signal = options.signal;
    this.ca = options.ca;
    this.#share = options.share;
    this.over = new Promise((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** So many of what a whole run has `full` of. */
  times(full: number): number {
    return Math.max(1, Math.round(full * this.#share));
  }

  address(index: number): string {
    return process.platform === 'linux' ? `127.0.0.${2 + (index % ADDRESSES)}` : '127.0.0.1';
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Shoots `total` times, `atOnce` at a time, or until time is up. */
  async volley({ total, atOnce }: { readonly total: number; readonly atOnce: number }, shoot: (index: number) => Promise<string>): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < total && !this.isOver) this.tally.count(await shoot(next++));
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, total) }, lane));
  }

  /** Until time is up. */
  async siege(atOnce: number, shoot: (index: number) => Promise<string>): Promise<void> {
    await this.volley({ total: Number.POSITIVE_INFINITY, atOnce }, shoot);
  }

  /** With the attacker's token, in time; resolves to the outcome. */
  async send(sending: Omit<Sending, 'signal' | 'ca'>, token = this.tokens.attacker): Promise<string> {
    const headers = { authorization: `Bearer ${token}`, ...sending.headers };
    return (await send({ ...sending, headers, signal: this.signal, ca: this.ca })).outcome;
  }
}
