/** PostgreSQL with two collectors beside the compose file: what Compose takes, and what Prometheus asks whom for. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { PORTS, PRODUCT, ROUTES } from '../../collector/catalog/names.ts';
import { configSchema } from '../../collector/config/config.ts';
import { assertHost } from '../../collector/server/host-names.ts';
import { prometheusConfig } from '../../dashboards/build.ts';
import { describeWithBackend, runTool } from '../support/backends.ts';
import { PROJECT, read } from '../support/sources.ts';

interface Service {
  readonly secrets?: readonly string[];
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } };
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
}

interface ScrapeJob {
  readonly job_name: string;
  readonly metrics_path: string;
  readonly static_configs: readonly { readonly targets: readonly string[]; readonly labels?: Readonly<Record<string, string>> }[];
}

interface PrometheusFile {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly ScrapeJob[];
}

// Their shape is what this suite checks. `!override` is a word of Compose.
const compose = parse(read('deploy/compose/postgres.yaml').replaceAll('!override', ''), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, object>>;
};
const CONFIG = 'deploy/compose/prometheus-postgres.yaml';
const prometheus = parse(read(CONFIG)) as PrometheusFile;
const generated = prometheusConfig() as PrometheusFile;
const collectors = ['collector', 'collector-2'];

describe('PostgreSQL beside the compose file', () => {
  test('has its password in a file that Git ignores, the only secret that a read-only file system takes', () => {
    expect(compose.secrets).toEqual({ postgres: { file: './secrets/postgres' } });
    expect(read('.gitignore').split('\n')).toContain('deploy/compose/secrets/');
    const readers = Object.entries(compose.services).filter(([, { secrets = [] }]) => secrets.includes('postgres'));
    expect(readers.map(([name]) => name).sort()).toEqual([...collectors, 'postgres']);
  });

  test('is ready when it answers over the network, which it does not while it is made', () => {
    expect(compose.services.postgres?.healthcheck?.test).toEqual(expect.arrayContaining(['pg_isready', '--host=127.0.0.1']));
  });

  test('starts Prometheus with the configuration of two collectors', () => {
    const { command, volumes } = compose.services.prometheus ?? {};
    expect(volumes).toEqual(['./prometheus-postgres.yaml:/etc/prometheus-postgres.yaml:ro']);
    expect(command).toContain('--config.file=/etc/prometheus-postgres.yaml');
    const base = parse(read('deploy/compose/compose.yaml'), { merge: true }) as typeof compose;
    const others = (args: readonly string[] = []) => args.filter((arg) => !arg.startsWith('--config.file='));
    expect(others(command)).toEqual(others(base.services.prometheus?.command));
    expect(prometheus).toMatchObject({
      ...generated,
      rule_files: generated.rule_files.map((file) => `/etc/prometheus/${file}`),
      scrape_configs: expect.anything(),
    });
  });

  test('has the ledger scraped once, at the name of both collectors and with the labels of one', () => {
    const [ledger, replicas] = prometheus.scrape_configs;
    const [one] = generated.scrape_configs;
    expect(ledger).toEqual({
      job_name: PRODUCT,
      metrics_path: ROUTES.ledgerSeries,
      static_configs: [{ targets: [`ledger:${PORTS.metrics}`], labels: { instance: one?.static_configs[0]?.targets[0] } }],
    });
    expect(one?.job_name).toBe(PRODUCT);
    expect(replicas).toMatchObject({
      metrics_path: ROUTES.replicaSeries,
      static_configs: [{ targets: collectors.map((name) => `${name}:${PORTS.metrics}`) }],
    });
    for (const name of collectors) expect([name, compose.services[name]?.networks?.default.aliases]).toEqual([name, ['ledger']]);
  });

  test('asks collectors by names that they answer to', () => {
    const { server } = configSchema.parse(parse(read('deploy/compose/ledgerline-postgres.yaml')));
    const targets = prometheus.scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap((some) => some.targets));
    expect(targets).toHaveLength(3);
    for (const target of targets) expect(() => assertHost(target, server, false)).not.toThrow();
    expect(() => assertHost('elsewhere:9464', server, false)).toThrow('is not a name of this collector');
  });
});

describeWithBackend('promtool', 'its Prometheus', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-compose-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('takes the configuration', async () => {
    cpSync(join(PROJECT, 'dashboards/generated/prometheus'), folder, { recursive: true });
    writeFileSync(join(folder, 'prometheus-postgres.yaml'), read(CONFIG).replaceAll('/etc/prometheus/', ''));
    const { code, output } = await runTool('promtool', ['check', 'config', 'prometheus-postgres.yaml'], folder);
    expect([code, output]).toEqual([0, expect.stringContaining('1 rule files found')]);
  });
});
