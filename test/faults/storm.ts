/** Kills a collector under load again and again, and after every restart holds its ledger against the truth. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CollectorPorts } from '../../collector/app/collector.ts';
import type { Random } from '../support/random.ts';
import { CollectorProcess } from './collector-process.ts';
import { type Findings, Inspector } from './inspect.ts';
import { Load, type LoadCounts } from './load.ts';
import { ledgerInFile } from './opened-ledger.ts';
import { Traffic } from './traffic.ts';
import { Truth } from './truth.ts';

/** After the load is one (Load.warm), so that a busy machine's kills meet it, too. At random, for a kill must meet every state. */
const KILL_AFTER_MS = { least: 20, most: 500 };
/** So many of the kills are followed by another while the next collector is still starting. */
const KILL_WHILE_STARTING = 0.1;
const STARTING_MS_MOST = 250;

export interface StormOptions {
  /** An empty folder. */
  readonly data: string;
  readonly kills: number;
  readonly random: Random;
  /** The whole ledger is recomputed and its file checked after every so many kills, and at the end. */
  readonly lookInsideEvery: number;
  readonly onKill?: (kill: number, storm: Storm) => void;
}

export interface StormResult extends Findings, LoadCounts {
  readonly kills: number;
  readonly killsWhileStarting: number;
  readonly acknowledgedExports: number;
  readonly acknowledgedRecords: number;
  /** Exports that a kill met between their commit and their answer. */
  readonly committedUnanswered: number;
}

export async function runStorm(options: StormOptions): Promise<StormResult> {
  const storm = new Storm(options);
  try {
    return await storm.run();
  } finally {
    await storm.close();
  }
}

export class Storm {
  readonly truth = new Truth();
  readonly load: Load;
  readonly inspector: Inspector;
  readonly #options: StormOptions;
  #current = new CollectorProcess();
  #next = new CollectorProcess();
  #killsWhileStarting = 0;

  constructor(options: StormOptions) {
    this.#options = options;
    this.load = new Load(new Traffic(options.random, Date.now()), options.random, this.truth);
    this.inspector = new Inspector(ledgerInFile(join(options.data, 'ledger.sqlite')), this.truth);
  }

  async run(): Promise<StormResult> {
    const { kills, random, lookInsideEvery, onKill } = this.#options;
    let ports = await this.#start();
    for (let kill = 1; kill <= kills; kill++) {
      const gone = this.load.run(ports);
      await Promise.race([this.load.warm, gone]);
      await delay(KILL_AFTER_MS.least + random.below(KILL_AFTER_MS.most - KILL_AFTER_MS.least));
      await this.#current.kill();
      await gone;
      ports = await this.#restart();
      await this.inspector.look(this.truth.takeTouched());
      if (kill % lookInsideEvery === 0) await this.inspector.lookInside();
      onKill?.(kill, this);
    }
    await this.#finish(ports);
    return this.#result();
  }

  /** Nothing that this started is left running. */
  async close(): Promise<void> {
    await Promise.all([this.#current.kill(), this.#next.kill()]);
  }

  #start(): Promise<CollectorPorts> {
    return this.#current.start({ data: this.#options.data });
  }

  async #restart(): Promise<CollectorPorts> {
    const { random } = this.#options;
    this.#replace();
    while (random.chance(KILL_WHILE_STARTING)) {
      await this.#current.loaded();
      const started = this.#start().catch(() => undefined);
      await delay(random.below(STARTING_MS_MOST));
      await this.#current.kill();
      await started;
      this.#killsWhileStarting++;
      this.#replace();
    }
    return this.#start();
  }

  #replace(): void {
    this.#current = this.#next;
    this.#next = new CollectorProcess();
  }

  /** Ends all doubt: what nobody answered is sent until it is, the collector stops, and every record is looked at once more. */
  async #finish(ports: CollectorPorts): Promise<void> {
    await this.load.settle(ports);
    const { code } = await this.#current.stop();
    if (code !== 0) throw new Error(`The collector ended with ${code} after SIGTERM.\n${this.#current.said}`);
    await this.inspector.look(this.truth.sessions);
    await this.inspector.lookInside();
  }

  #result(): StormResult {
    const { acknowledgedExports, acknowledgedRecords } = this.truth;
    const { committedUnanswered, findings } = this.inspector;
    const seen = { acknowledgedExports, acknowledgedRecords, committedUnanswered };
    return { kills: this.#options.kills, killsWhileStarting: this.#killsWhileStarting, ...seen, ...this.load.counts, ...findings };
  }
}
