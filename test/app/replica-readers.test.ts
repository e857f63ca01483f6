/** Readers of a shared ledger: what a real Prometheus makes of several, and what is read from a standby that is behind. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { leaseDatabase } from '../storage/postgres/lease-database.ts';
import { type ConfiguredServer, describeWithBackend, startPrometheus } from '../support/backends.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { read } from '../support/sources.ts';
import { waitFor } from '../support/wait.ts';
import { Replicas } from './replicas.ts';

interface ScrapeConfig {
  readonly job_name: string;
  readonly metrics_path: string;
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

/** As docs/replicas.md has it, with the ports of this test. */
function documented(replicas: Replicas): readonly ScrapeConfig[] {
  const [, block = ''] = /```yaml\n(scrape_configs:[\s\S]*?)```/.exec(read('docs/replicas.md')) ?? [];
  const { scrape_configs: configs } = parse(block) as { readonly scrape_configs: readonly ScrapeConfig[] };
  const addressOf = (target: string): string => {
    const name = target.split(':')[0] === 'ledgerline-reader' ? 'reader-1' : (target.split(':')[0] ?? '');
    return `127.0.0.1:${replicas.process(name).ports.metrics}`;
  };
  return configs.map((config) => ({ ...config, static_configs: [{ targets: config.static_configs[0]?.targets.map(addressOf) ?? [] }] }));
}

describeWithBackend(['postgres15', 'prometheus'], 'readers of a shared ledger', () => {
  let replicas: Replicas;
  let prometheus: ConfiguredServer | undefined;
  let standby: RunningPostgres;

  beforeAll(async () => {
    replicas = await Replicas.on();
    await replicas.start('receiver-1', 'receiver');
    expect(await replicas.send('receiver-1', 'a')).toBe(200);
    standby = await startPostgres({ standbyOf: replicas.server });
    const storage = { read_url: standby.urlOf(new URL(replicas.url).pathname.slice(1)) };
    await Promise.all([
      replicas.start('receiver-2', 'receiver'),
      replicas.start('reader-1', 'reader', { storage }),
      replicas.start('reader-2', 'reader'),
      replicas.start('worker-1', 'worker'),
      replicas.start('worker-2', 'worker'),
    ]);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await replicas?.destroy();
    await standby?.destroy();
  });

  const ask = async (query: string): Promise<readonly string[]> => {
    const response = await fetch(`${prometheus?.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
    return data.result.map(({ value: [, value] }) => value);
  };
  const scrape = async (scrape_configs: readonly unknown[]): Promise<void> => {
    await prometheus?.stop();
    prometheus = await startPrometheus({ config: { global: { scrape_interval: '1s' }, scrape_configs } });
  };

  test('the two jobs of the documentation count the ledger once, and see every replica', async () => {
    await scrape(documented(replicas));
    await waitFor('six replicas', () => ask('count(ledgerline_replica_info)'), { until: ([count]) => count === '6' });
    await waitFor('the ledger', () => ask('sum(ledgerline_cost_usd)'), { until: ([sum]) => sum === '0.25' });
    expect(await ask('count by (__name__) (ledgerline_cost_usd)')).toEqual(['1']);
    expect(await ask('sum(ledgerline_ledger_appended_entries_total)')).toEqual(['1']);
    expect(await ask('min(up)')).toEqual(['1']);
  });

  test('nothing is counted twice either where all are scraped at /metrics', async () => {
    const targets = replicas.names.map((name) => `127.0.0.1:${replicas.process(name).ports.metrics}`);
    await scrape([{ job_name: 'all', static_configs: [{ targets }] }]);
    await waitFor('six replicas', () => ask('count(ledgerline_replica_info)'), { until: ([count]) => count === '6' });
    await waitFor('the ledger', () => ask('sum(ledgerline_cost_usd)'), { until: ([sum]) => sum === '0.25' });
    expect(await ask('count(ledgerline_build_info)')).toEqual(['1']);
  });

  test('a standby that is behind is shown as such, and does not decide what stops users', async () => {
    const database = leaseDatabase(standby.urlOf(new URL(replicas.url).pathname.slice(1)), 'any');
    const total = async (name: string, path: string): Promise<unknown> => JSON.parse((await replicas.get(name, path)).text);
    const behind = async (): Promise<number> => {
      const { standby_behind_seconds: seconds } = JSON.parse((await replicas.get('reader-1', '/readyz')).text);
      return seconds;
    };
    await waitFor('a standby that has caught up', behind, { until: (seconds) => seconds === 0 });
    await database.rows('SELECT pg_wal_replay_pause()');
    await waitFor('a pause', async () => (await database.rows('SELECT pg_get_wal_replay_pause_state() AS state'))[0]?.state === 'paused');
    expect(await replicas.send('receiver-1', 'b')).toBe(200);
    const spend = '/api/v1/spend?from=today&measures=cost';
    expect(await total('reader-2', spend)).toMatchObject({ total: '0.50' });
    expect(await total('reader-1', spend)).toMatchObject({ total: '0.25' });
    expect(await behind()).toBeGreaterThan(0);
    expect((await replicas.get('reader-1', '/metrics/replica', 'metrics')).text).toMatch(/^ledgerline_standby_behind_seconds [\d.e-]+$/m);
    expect(await total('reader-1', '/api/v1/status')).toMatchObject({ entries: 2 });
    await database.rows('SELECT pg_wal_replay_resume()');
    await waitFor('a standby that has caught up', behind, { until: (seconds) => seconds === 0 });
    expect(await total('reader-1', spend)).toMatchObject({ total: '0.50' });
    await database.close();
  });
});
