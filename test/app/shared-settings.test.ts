/** Replicas that would book otherwise do not start; what is shown is as the latest has it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { adoptSettings, agreeOnSettings, type SettingsAgreement } from '../../collector/app/shared-settings.ts';
import type { LogCode } from '../../collector/catalog/log-codes.ts';
import { type Config, configSchema, defaultConfig } from '../../collector/config/config.ts';
import { sharedSettings } from '../../collector/config/shared-settings.ts';
import { migrate } from '../../collector/storage/postgres/schema.ts';
import { leaseDatabase } from '../storage/postgres/lease-database.ts';
import { describeWithBackend } from '../support/backends.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const textsOf = (config: Config): Record<string, string> => Object.fromEntries([...sharedSettings(config)].map(([key, { text }]) => [key, text]));

test('plain values are shown, and long or confidential ones by their digest', () => {
  const texts = textsOf(configSchema.parse({ timezone: 'Europe/Berlin', prices: { discounts: [{ percent: 20 }] } }));
  expect(texts).toMatchObject({ timezone: '"Europe/Berlin"', week_start: '"monday"', 'retention.entries_days': '400' });
  expect(texts['prices.discounts']).toMatch(/^sha256 [\da-f]{16}$/);
});

test('what belongs to one replica alone is no setting of all', () => {
  const one = configSchema.parse({ data: '/a', role: 'all', server: { api_port: 1 }, log: { level: 'debug' }, limits: { connections: 7 } });
  expect(textsOf(one)).toEqual(textsOf(defaultConfig()));
});

test('files count by what is in them, and not by their names', () => {
  const [a, b, c] = ['a.yaml', 'b.yaml', 'c.yaml'].map((name) => join(folder, name));
  writeFileSync(a ?? '', 'users: []');
  writeFileSync(b ?? '', 'users: []');
  writeFileSync(c ?? '', 'users: [1]');
  const withFile = (file: string | undefined) => textsOf(configSchema.parse({ directory: { feeds: [{ type: 'yaml', file }] } }))['directory.feeds'];
  expect(withFile(a)).toBe(withFile(b));
  expect(withFile(a)).not.toBe(withFile(c));
});

describeWithBackend('postgres15', 'replicas on one database', () => {
  let server: RunningPostgres;
  let url: string;
  const open: SettingsAgreement[] = [];
  const logged: [LogCode, string][] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.destroy());
  beforeEach(async () => {
    logged.length = 0;
    url = await server.createDatabase();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  const makeTables = async (): Promise<void> => {
    const database = leaseDatabase(url);
    await migrate(database);
    await database.close();
  };
  const replica = async (more: object = {}): Promise<SettingsAgreement> => {
    const config = configSchema.parse({ storage: { url }, ...more });
    const made = await agreeOnSettings({ config, log: (code, message) => logged.push([code, message]), lookMs: 20 });
    open.push(made);
    return made;
  };

  test('the first one decides, and one that is the same may start', async () => {
    await (await replica({ timezone: 'Europe/Berlin' })).check();
    await makeTables();
    await (await replica({ timezone: 'Europe/Berlin' })).check();
    await (await replica({ timezone: 'Europe/Berlin', data: '/elsewhere' })).check();
  });

  test('one that would book otherwise is refused with both values and the remedy', async () => {
    await makeTables();
    await (await replica()).check();
    const other = await replica({ timezone: 'Europe/Berlin', attribution: { claims: 'client' }, prices: { discounts: [{ percent: 20 }] } });
    await expect(other.check()).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(
        /^This replica would book otherwise than the others of its ledger: timezone is "Europe\/Berlin" here and "UTC" there; attribution\.claims is "client" here and "token" there; prices\.discounts is sha256 \w+ here and sha256 \w+ there\.$/,
      ),
      hint: expect.stringContaining('ledgerline storage adopt-settings'),
    });
  });

  test('a deliberate change holds for those that start after it, and those that run say so', async () => {
    await makeTables();
    const running = await replica();
    await running.check();
    const discounted = { prices: { discounts: [{ percent: 20 }] } };
    const changed = await adoptSettings(configSchema.parse({ storage: { url }, ...discounted }));
    expect(changed.map(({ key }) => key)).toEqual(['prices.discounts']);
    await (await replica(discounted)).check();
    const trouble = await waitFor('what the running one says', () => running.trouble());
    expect(trouble).toBe('Settings of the ledger have changed: prices.discounts. This replica goes by its own until it is restarted with them.');
    expect(logged.filter(([code]) => code === 'settings_differ')).toHaveLength(1);
    await expect((await replica()).check()).rejects.toMatchObject({ code: 'invalid' });
  });

  test('of what is shown the latest is right', async () => {
    await makeTables();
    const first = await replica();
    await first.check();
    await (await replica({ exposition: { community_series: false } })).check();
    expect(await waitFor('what the first one says', () => first.trouble())).toContain('exposition.community_series');
  });

  test('a directory that was changed while a replica runs holds for all', async () => {
    const file = join(folder, 'users.yaml');
    writeFileSync(file, 'users: []');
    const directory = { directory: { feeds: [{ type: 'yaml', file }] } };
    await makeTables();
    const running = await replica(directory);
    await running.check();
    writeFileSync(file, 'users: []\n# and more');
    await expect((await replica(directory)).check()).rejects.toMatchObject({ message: expect.stringContaining('directory.feeds') });
    await running.renewDirectory();
    await (await replica(directory)).check();
  });
});
