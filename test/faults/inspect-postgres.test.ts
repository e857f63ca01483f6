/** As inspect.test.ts: the harness has to see what is damaged on purpose, in a shared ledger, too. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Database, type Sql } from '../../collector/storage/postgres/connection.ts';
import { openFolding } from '../../collector/storage/postgres/folding.ts';
import { describeWithBackend } from '../support/backends.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { Random } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import { Inspector, noFindings } from './inspect.ts';
import { Load } from './load.ts';
import { ledgerOnPostgres } from './opened-ledger.ts';
import { Replicas } from './replicas.ts';
import { Traffic } from './traffic.ts';
import { Truth } from './truth.ts';

describeWithBackend('postgres18', 'a damaged ledger on PostgreSQL', () => {
  let server: RunningPostgres;
  let folder: string;
  let url: string;
  let database: Database;
  const truth = new Truth();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
    server = await startPostgres({ version: 18 });
    url = await server.createDatabase();
    database = new Database(targetAt(url), { name: 'damage', max: 1, wants: 'primary', statementMs: 0 });
    const replicas = new Replicas({ folder, url, count: 1, random: new Random(7) });
    try {
      await fill(replicas);
    } finally {
      await replicas.close();
    }
    const folding = openFolding(targetAt(url), { timeZone: 'UTC', weekStart: 'monday' });
    await folding.over(Date.now(), new AbortController().signal);
    await folding.close();
  });
  afterAll(async () => {
    await database?.close();
    await server?.destroy();
    rmSync(folder, { recursive: true });
  });

  async function fill(replicas: Replicas): Promise<void> {
    const random = new Random(7);
    const load = new Load(new Traffic(random, Date.now()), random, truth);
    await replicas.start();
    const running = load.run(replicas);
    await waitFor('50 acknowledged exports', () => truth.acknowledgedExports >= 50, { timeoutMs: 200_000 });
    load.stop();
    await running;
    await load.settle(replicas);
  }

  async function inspected() {
    const inspector = new Inspector(ledgerOnPostgres(targetAt(url)), truth);
    await inspector.look(truth.sessions);
    await inspector.lookInside();
    return inspector.findings;
  }

  /** What the inspector finds; afterwards the ledger is as it was. */
  async function findingsAfter(damage: string, repair: string) {
    const run = (text: string): ReturnType<Sql['run']> => database.run(text);
    await run(damage);
    const findings = await inspected();
    await run(repair);
    expect(await inspected()).toEqual(noFindings());
    return findings;
  }

  const copyAs = (changes: string) =>
    `INSERT INTO entries SELECT (jsonb_populate_record(NULL::entries, to_jsonb(e) || '${changes}')).* FROM (SELECT * FROM entries LIMIT 1) e`;
  const UNDO = `DELETE FROM entries WHERE identity = 'another identity'`;

  test('a lost record is seen', async () => {
    // An event's: what a lost reading of a running total would have said, the next reading says, too.
    const lost = 'SELECT identity FROM entries WHERE cost > 0 AND flags & 1 = 0 ORDER BY identity LIMIT 1';
    await database.run(`CREATE TABLE lost AS SELECT * FROM entries WHERE identity = (${lost})`);
    const { missing, differences } = await findingsAfter(
      'DELETE FROM entries WHERE identity = (SELECT identity FROM lost)',
      'INSERT INTO entries SELECT * FROM lost',
    );
    expect(missing).toBe(1);
    expect(differences).not.toEqual([]);
  });

  test('a record under another identity is seen as counted twice', async () => {
    expect(await findingsAfter(copyAs('{"identity": "another identity"}'), UNDO)).toMatchObject({ twice: 1, missing: 0 });
  });

  test('an entry that nobody sent is seen', async () => {
    expect(await findingsAfter(copyAs('{"identity": "another identity", "time_ms": 1}'), UNDO)).toMatchObject({ invented: 1 });
  });

  test.each(['sessions', 'rollup_total_person', 'rollup_quarter_hour'])('one pico-dollar too much in %s is seen', async (table) => {
    const changed = (by: number) =>
      `UPDATE ${table} SET cost = cost + ${by} WHERE ctid = (SELECT ctid FROM ${table} WHERE cost > 0 ORDER BY cost DESC LIMIT 1)`;
    expect((await findingsAfter(changed(1), changed(-1))).differences).not.toEqual([]);
  });

  test('one pico-dollar too much in what is not added up yet is seen', async () => {
    const added = 'INSERT INTO recent (slot, start_s, dims, replica, cost) SELECT 0, start_s, dims, 1, 1 FROM rollup_quarter_hour LIMIT 1';
    expect((await findingsAfter(added, 'DELETE FROM recent')).differences).not.toEqual([]);
  });
});
