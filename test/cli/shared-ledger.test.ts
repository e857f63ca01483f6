/** What commands say of a ledger on PostgreSQL: whether collectors run on it, and where they looked. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultConfig } from '../../collector/config/config.ts';
import { openSharedLeases } from '../../collector/storage/postgres/leases.ts';
import { openWriter } from '../../collector/storage/postgres/ledger-writer.ts';
import { describeWithBackend } from '../support/backends.ts';
import { event, NOON } from '../support/entries.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { outcome, printed } from './command.ts';

const TIMEOUT_MS = 240_000;
const { timezone: timeZone, week_start: weekStart } = defaultConfig();

describeWithBackend('postgres15', 'a shared ledger', () => {
  let server: RunningPostgres;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
  }, TIMEOUT_MS);
  afterAll(() => server?.destroy());

  const findings = async (): Promise<string> =>
    (await outcome(['doctor', '-o', 'csv', '--fields', 'code'], { now: NOON, env: { LEDGERLINE_STORAGE_URL: url } })).text;

  test(
    'has a collector while one leases a number to write under, or work for all',
    async () => {
      const writer = await openWriter({ target: targetAt(url), timeZone, weekStart });
      await writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON });
      expect(await findings()).not.toContain('collector_not_running');
      await writer.close();
      expect(await findings()).toContain('collector_not_running');

      const leases = openSharedLeases(targetAt(url));
      expect(await leases.acquire('retention')).toBeDefined();
      expect(await findings()).not.toContain('collector_not_running');
      await leases.close();
      expect(await findings()).toContain('collector_not_running');
    },
    TIMEOUT_MS,
  );

  test(
    'is changed by a command beside a collector, which is a replica for that time',
    async () => {
      const writer = await openWriter({ target: targetAt(url), timeZone, weekStart });
      await writer.append({ entries: [event({ id: 'b', user: 'ann@example.com' })], receivedMs: NOON });
      const erase = ['privacy', 'erase', 'ann@example.com', '--yes'];
      await printed(erase, { now: NOON, env: { LEDGERLINE_STORAGE_URL: url } });
      await writer.append({ entries: [event({ id: 'c', user: 'ben@example.com' })], receivedMs: NOON });
      await writer.close();
      const users = await printed(['report', '--by', 'user', '-o', 'csv'], { now: NOON, env: { LEDGERLINE_STORAGE_URL: url } });
      expect(users).toContain('ben@example.com');
      expect(users).not.toContain('ann@example.com');
    },
    TIMEOUT_MS,
  );

  test(
    'has its own history of what was set at a gateway',
    async () => {
      expect(await printed(['limits', 'push', '--history'], { env: { LEDGERLINE_STORAGE_URL: url } })).toBe(
        'Nothing has been set at a gateway from the ledger in this database.',
      );
    },
    TIMEOUT_MS,
  );
});
