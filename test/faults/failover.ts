/** Under load the primary fails and its standby takes over; collectors that know both hosts follow, and nothing that was acknowledged is lost. */
import { Database } from '../../collector/storage/postgres/connection.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import { type PostgresVersion, type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import type { Random } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import { type Findings, Inspector } from './inspect.ts';
import { Load, type LoadCounts } from './load.ts';
import { ledgerOnPostgres } from './opened-ledger.ts';
import { Replicas } from './replicas.ts';
import { Traffic } from './traffic.ts';
import { Truth } from './truth.ts';

const REPLICAS = 2;
/** Acknowledged before the primary fails, and as many after. */
const EXPORTS = 50;
const PATIENCE = { timeoutMs: 200_000 };

/** The primary is gone; the standby takes writes; an export was acknowledged again. */
export type FailoverStep = 'stopped' | 'promoted' | 'followed';

export interface FailoverOptions {
  readonly version: PostgresVersion;
  /** An empty folder. */
  readonly folder: string;
  readonly random: Random;
  readonly onStep?: (step: FailoverStep) => void;
}

export interface FailoverResult extends Findings, LoadCounts {
  /** Exports, when the primary was gone and at the end. */
  readonly acknowledgedBefore: number;
  readonly acknowledged: number;
}

export async function runFailover(options: FailoverOptions): Promise<FailoverResult> {
  const { version } = options;
  const primary = await startPostgres({ version, isDurable: true });
  try {
    const standby = await startPostgres({ version, isDurable: true, standbyOf: primary });
    try {
      return await underLoad(primary, standby, options);
    } finally {
      await standby.destroy();
    }
  } finally {
    await primary.destroy();
  }
}

async function underLoad(primary: RunningPostgres, standby: RunningPostgres, options: FailoverOptions): Promise<FailoverResult> {
  const { folder, random, onStep } = options;
  const url = await primary.createDatabase();
  await waitForStandby(url);
  const both = url.replace(`:${primary.port}/`, `:${primary.port},127.0.0.1:${standby.port}/`);
  const truth = new Truth();
  const load = new Load(new Traffic(random, Date.now()), random, truth);
  const inspector = new Inspector(ledgerOnPostgres(targetAt(both)), truth);
  const replicas = new Replicas({ folder, url: both, count: REPLICAS, random });
  const acknowledged = (what: string, least: number) => waitFor(what, () => truth.acknowledgedExports >= least, PATIENCE);
  try {
    await replicas.start();
    const running = load.run(replicas);
    const fail = async (): Promise<number> => {
      await acknowledged('a load', EXPORTS);
      await primary.stop('immediate');
      const before = truth.acknowledgedExports;
      onStep?.('stopped');
      await standby.promote();
      onStep?.('promoted');
      await acknowledged('an export at the new primary', before + 1);
      onStep?.('followed');
      await acknowledged('a load at the new primary', before + EXPORTS);
      return before;
    };
    const failed = fail().finally(() => load.stop());
    await running;
    const acknowledgedBefore = await failed;
    await replicas.allThere();
    // Before anything is sent again: what was acknowledged is there by itself.
    await inspector.look(truth.sessions);
    await load.settle(replicas);
    await inspector.look(truth.sessions);
    await inspector.lookInside();
    return { acknowledgedBefore, acknowledged: truth.acknowledgedExports, ...load.counts, ...inspector.findings };
  } finally {
    await replicas.close();
  }
}

/** From now on a commit is answered when the standby has it, too. After its files were copied, so that it waits for nobody once it is the primary. */
async function waitForStandby(url: string): Promise<void> {
  const database = new Database(targetAt(url), { name: 'failover', max: 1, wants: 'primary', statementMs: 0 });
  try {
    await database.run(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
    await database.run('SELECT pg_reload_conf()');
    const state = `SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'`;
    await waitFor('a synchronous standby', async () => (await database.rows(state)).length > 0);
  } finally {
    await database.close();
  }
}
