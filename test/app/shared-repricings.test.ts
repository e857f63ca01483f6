/** Repricings of replicas that share a ledger, on a real PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openRepricings } from '../../collector/app/shared-repricings.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import type { Batch } from '../../collector/ledger/entry.ts';
import type { LedgerWriter } from '../../collector/ledger/ledger.ts';
import { openLedgerReader, openLedgerWriter } from '../../collector/storage/open.ts';
import { openSharedLeases } from '../../collector/storage/postgres/leases.ts';
import { leaseDatabase } from '../storage/postgres/lease-database.ts';
import { describeWithBackend } from '../support/backends.ts';
import { event, NOON } from '../support/entries.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait.ts';

describeWithBackend('postgres15', 'repricings of several replicas', () => {
  let server: RunningPostgres;
  let config: Config;
  beforeAll(async () => {
    server = await startPostgres();
    config = configSchema.parse({ data: mkdtempSync(join(tmpdir(), 'ledgerline-')), storage: { url: await server.createDatabase() } });
  });
  afterAll(async () => {
    await server?.destroy();
    rmSync(config.data, { recursive: true });
  });

  test('end when the lease is lost, also where another one was refused meanwhile', async () => {
    const [writer, reader] = [await openLedgerWriter(config), await openLedgerReader(config)];
    const url = config.storage.url ?? '';
    const [leases, database] = [openSharedLeases(targetAt(url)), leaseDatabase(url)];
    const asked = { asked: {}, who: 'ada', isApplied: true };
    let refused: unknown;
    // Before anything is booked again.
    const noteRepricing: LedgerWriter['noteRepricing'] = async (noted) => {
      refused = await repricings.start(asked).catch((error: unknown) => error);
      await database.run(`UPDATE lease SET owner = 'another' WHERE name = 'repricing'`);
      return writer.noteRepricing(noted);
    };
    const ledger = { append: (batch: Batch) => writer.append(batch), noteRepricing };
    const repricings = await openRepricings({ config, ledger, leases, now: () => NOON, lookMs: 50 });
    try {
      const unpriced = { requests: 1, input_tokens: 1_000_000, output_tokens: 0, unpriced_tokens: 1_000_000 };
      await writer.append({ entries: [{ ...event({ id: 'a', cost: '3', amounts: unpriced }), listCost: 0n }], receivedMs: NOON });
      await repricings.start(asked);
      const state = await waitFor('its end', () => repricings.state(), { until: (seen) => seen?.isRunning === false });
      expect(refused).toMatchObject({ message: 'A repricing is running.' });
      expect(state.failure).toBe('The lease repricing is not held any more.');
      const query = { measures: ['unpriced_tokens'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 } as const;
      expect((await reader.query(query)).totals).toEqual([1_000_000n]);
    } finally {
      await repricings.close();
      await leases.close();
      for (const opened of [database, reader, writer]) await opened.close();
    }
  });
});
