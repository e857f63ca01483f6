/** Kills replicas of a shared ledger, whoever adds up its roll-ups, and its database, all under load; holds the ledger against the truth now and then. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '../../collector/storage/postgres/connection.ts';
import type { Target } from '../../collector/storage/postgres/target.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import type { RunningPostgres } from '../support/postgres-server.ts';
import type { Random } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import { type Findings, Inspector } from './inspect.ts';
import { Load, type LoadCounts } from './load.ts';
import { ledgerOnPostgres } from './opened-ledger.ts';
import { Replica, Replicas } from './replicas.ts';
import { Traffic } from './traffic.ts';
import { Truth } from './truth.ts';

/** Between two faults, at random: they must meet every state. */
const PAUSE_MS = { least: 20, most: 700 };
const AWAY_MOST_MS = 1_000;
/** The database ends a transaction after 5 s in which nobody went on with it. */
const FROZEN_MOST_MS = 8_000;
const REPLICAS = 3;

export interface ReplicaStormOptions {
  readonly server: RunningPostgres;
  /** An empty folder. */
  readonly folder: string;
  /** After each of them everything stands still and is looked at. The exports of a session go to one replica in every other. */
  readonly rounds: number;
  /** Of each round. */
  readonly kills: number;
  readonly databaseStops: number;
  /** Of who adds up roll-ups. */
  readonly foldKills: number;
  /** Replicas that do nothing for some seconds, and then go on. */
  readonly freezes: number;
  /** The whole ledger is recomputed after every so many rounds, and at the end. */
  readonly lookInsideEvery: number;
  readonly random: Random;
  readonly onRound?: (round: number, storm: ReplicaStorm) => void;
}

export interface ReplicaStormResult extends Findings, LoadCounts {
  readonly kills: number;
  readonly databaseStops: number;
  readonly foldKills: number;
  readonly freezes: number;
  readonly refusedStarts: number;
  readonly acknowledgedExports: number;
  readonly acknowledgedRecords: number;
  /** Exports that were in the ledger although nobody had been answered. */
  readonly committedUnanswered: number;
  readonly repeatedElsewhere: number;
  /** Rows that were added up, and those that were not yet. */
  readonly addedUpRows: number;
  readonly recentRows: number;
}

export async function runReplicaStorm(options: ReplicaStormOptions): Promise<ReplicaStormResult> {
  const url = await options.server.createDatabase();
  const storm = new ReplicaStorm(options, url);
  try {
    return await storm.run();
  } finally {
    await storm.close();
  }
}

type Fault = 'kill' | 'foldKill' | 'databaseStop' | 'freeze';

export class ReplicaStorm {
  readonly truth = new Truth();
  readonly load: Load;
  readonly replicas: Replicas;
  readonly inspector: Inspector;
  readonly #options: ReplicaStormOptions;
  readonly #folding: Replica;
  readonly #frozen: Promise<void>[] = [];
  readonly #target: Target;
  readonly #database: Database;

  constructor(options: ReplicaStormOptions, url: string) {
    const { random, folder } = options;
    this.#options = options;
    this.#target = targetAt(url);
    this.load = new Load(new Traffic(random, Date.now()), random, this.truth);
    this.replicas = new Replicas({ folder, url, count: REPLICAS, random });
    this.#folding = new Replica({ data: join(folder, 'folding'), storage: { url }, onlyFolds: true });
    this.inspector = new Inspector(ledgerOnPostgres(this.#target), this.truth);
    this.#database = new Database(this.#target, { name: 'storm', max: 1, wants: 'primary', statementMs: 0 });
  }

  async run(): Promise<ReplicaStormResult> {
    const { rounds, lookInsideEvery, onRound } = this.#options;
    await this.replicas.start();
    await this.#folding.start();
    for (let round = 1; round <= rounds; round++) {
      this.replicas.isSticky = round % 2 === 1;
      await this.#round();
      if (round % lookInsideEvery === 0 && round < rounds) await this.inspector.lookInside();
      onRound?.(round, this);
    }
    return this.#finish();
  }

  /** Nothing that this started is left running. */
  async close(): Promise<void> {
    await Promise.all([this.replicas.close(), this.#folding.close()]);
    await this.#database.close();
  }

  async #round(): Promise<void> {
    const running = this.load.run(this.replicas);
    await Promise.race([this.load.warm, running]);
    const faults = this.#faults();
    try {
      await Promise.race([faults, running]);
    } finally {
      await faults;
      this.load.stop();
      await running;
    }
    await this.replicas.allThere();
    await this.#quiet();
    // Before anything is sent again: what was acknowledged is there by itself.
    await this.inspector.look(this.truth.takeTouched());
    await this.load.settle(this.replicas);
    await this.inspector.look(this.truth.takeTouched());
  }

  async #faults(): Promise<void> {
    const { kills, databaseStops, foldKills, freezes, random } = this.#options;
    const faults: Fault[] = [
      ...Array<Fault>(kills).fill('kill'),
      ...Array<Fault>(foldKills).fill('foldKill'),
      ...Array<Fault>(databaseStops).fill('databaseStop'),
      ...Array<Fault>(freezes).fill('freeze'),
    ];
    while (faults.length > 0) {
      await delay(PAUSE_MS.least + random.below(PAUSE_MS.most - PAUSE_MS.least));
      const [fault = 'kill'] = faults.splice(random.below(faults.length), 1);
      await this.#strike(fault);
    }
    await Promise.all(this.#frozen.splice(0));
  }

  async #strike(fault: Fault): Promise<void> {
    const { server, random } = this.#options;
    if (fault === 'kill') return (await this.replicas.pickWarm()).kill();
    if (fault === 'foldKill') {
      await waitFor('whoever adds up', () => this.#folding.ports !== undefined);
      return this.#folding.kill();
    }
    if (fault === 'freeze') {
      // While other things go on.
      this.#frozen.push((await this.replicas.pickWarm()).freeze(random.below(FROZEN_MOST_MS)));
      return;
    }
    await server.stop('immediate');
    await delay(random.below(AWAY_MOST_MS));
    await server.start();
  }

  /** A killed replica's last transaction is over, and nobody does anything that was not answered. */
  async #quiet(): Promise<void> {
    await waitFor('the last transactions', async () => {
      const [row] = await this.#database.rows(
        `SELECT count(*) AS open FROM pg_stat_activity WHERE application_name LIKE 'ledgerline writer%' AND state <> 'idle'`,
      );
      return Number(row?.open) === 0;
    });
  }

  /** The collectors end as they should, and every record is looked at once more. */
  async #finish(): Promise<ReplicaStormResult> {
    for (const replica of [...this.replicas.all, this.#folding]) {
      const code = await replica.stop();
      if (code !== 0) throw new Error(`A collector ended with ${code} after SIGTERM.\n${replica.said.slice(-4_000)}`);
    }
    await this.inspector.look(this.truth.sessions);
    await this.inspector.lookInside();
    return this.#result();
  }

  async #result(): Promise<ReplicaStormResult> {
    const { rounds, kills, databaseStops, foldKills, freezes } = this.#options;
    const { acknowledgedExports, acknowledgedRecords } = this.truth;
    const { committedUnanswered, findings } = this.inspector;
    const [rows] = await this.#database.rows(
      'SELECT (SELECT count(*) FROM rollup_quarter_hour) AS added_up, (SELECT count(*) FROM recent) AS recent',
    );
    return {
      ...{ kills: rounds * kills, databaseStops: rounds * databaseStops, foldKills: rounds * foldKills, freezes: rounds * freezes },
      refusedStarts: [...this.replicas.all, this.#folding].reduce((sum, { refused }) => sum + refused, 0),
      ...{ acknowledgedExports, acknowledgedRecords, committedUnanswered },
      ...{ repeatedElsewhere: this.replicas.repeatedElsewhere, addedUpRows: Number(rows?.added_up), recentRows: Number(rows?.recent) },
      ...this.load.counts,
      ...findings,
    };
  }
}
