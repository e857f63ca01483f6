/** Three collectors share a ledger, and nothing is lost or counted twice whoever of them dies, or its database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithBackend } from '../support/backends.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { seededRandom } from '../support/random.ts';
import { runFailover } from './failover.ts';
import { noFindings } from './inspect.ts';
import { runReplicaStorm } from './replica-storm.ts';

const ROUNDS = 3;
const OF_EACH_ROUND = { kills: 6, databaseStops: 1, foldKills: 2, freezes: 1 };

describeWithBackend('postgres18', 'replicas on one database', () => {
  let server: RunningPostgres;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
    server = await startPostgres({ version: 18, isDurable: true });
  });
  afterAll(async () => {
    await server?.destroy();
    rmSync(folder, { recursive: true });
  });

  test(`${ROUNDS * OF_EACH_ROUND.kills} kills and ${ROUNDS} stops of the database lose nothing that was acknowledged and count nothing twice`, async () => {
    const random = seededRandom('replicas under load');
    const result = await runReplicaStorm({ server, folder, rounds: ROUNDS, ...OF_EACH_ROUND, lookInsideEvery: 1, random });
    expect(result).toMatchObject(noFindings());
    // The storm was one: kills met exports on their way, and what was sent again had partly been committed before.
    expect(result.acknowledgedRecords).toBeGreaterThan(result.kills * 20);
    expect(result.unanswered).toBeGreaterThan(0);
    expect(result.retried).toBeGreaterThan(0);
    expect(result.repeatedElsewhere).toBeGreaterThan(0);
    expect(result.addedUpRows).toBeGreaterThan(0);
  }, 900_000);

  test('follow the primary when it fails, and nothing that was acknowledged is lost', async () => {
    const result = await runFailover({ version: 18, folder: mkdtempSync(join(folder, 'failover-')), random: seededRandom('a primary that fails') });
    expect(result).toMatchObject(noFindings());
    expect(result.acknowledged).toBeGreaterThan(result.acknowledgedBefore);
  }, 900_000);
});
