/** No container engine runs these files in the tests, so everything they name is checked against what exists. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { PORTS } from '../../collector/catalog/names.ts';
import { configSchema, defaultConfig } from '../../collector/config/config.ts';
import { WEBHOOK_PLACEHOLDER } from '../../dashboards/alerts/alertmanager.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { prometheusConfig } from '../../dashboards/build.ts';
import { uidFor } from '../../dashboards/grafana/board.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { image?: string; build?: { context: string; dockerfile: string }; ports: string[]; volumes: string[]; environment?: Record<string, string> }
    >
  >;
  readonly volumes: Readonly<Record<string, null>>;
}

describe('the compose file', () => {
  // Its shape is what this suite checks.
  const compose = parse(read('deploy/compose/compose.yaml'), { merge: true }) as Compose;
  const services = Object.entries(compose.services);

  test('runs the four servers, each of a pinned version or built here', () => {
    expect(Object.keys(compose.services)).toEqual(['collector', 'prometheus', 'alertmanager', 'grafana']);
    for (const [name, { image, build }] of services)
      expect([name, image ?? build?.dockerfile]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$|Dockerfile$/)]);
  });

  test('publishes the collector’s ports under their own numbers, and every port on loopback only', () => {
    expect(compose.services.collector?.ports).toEqual(Object.values(PORTS).map((port) => `127.0.0.1:${port}:${port}`));
    for (const [name, { ports }] of services) for (const port of ports) expect([name, port]).toEqual([name, expect.stringMatching(/^127\.0\.0\.1:/)]);
  });

  test('mounts only files that are there, and volumes that are declared', () => {
    const sources = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    for (const source of sources) {
      const exists = source.startsWith('.') ? existsSync(resolve(ROOT, 'deploy/compose', source)) : source in compose.volumes;
      expect([source, exists]).toEqual([source, true]);
    }
  });

  test('has Prometheus scrape the collector and reach Alertmanager by their names', () => {
    expect(JSON.stringify(prometheusConfig())).toContain(`"collector:${PORTS.metrics}"`);
    expect(JSON.stringify(prometheusConfig())).toContain('"alertmanager:9093"');
    expect(parse(read('deploy/grafana/provisioning/datasources/ledgerline.yaml'))).toMatchObject({
      datasources: [{ uid: 'ledgerline-prometheus', type: 'prometheus', url: 'http://prometheus:9090' }],
    });
  });

  test('shows Grafana the folder the boards lie in, and one of them first', () => {
    const [provider] = parse(read('deploy/grafana/provisioning/dashboards/ledgerline.yaml')).providers;
    const { volumes = [], environment = {} } = compose.services.grafana ?? {};
    expect(volumes).toContain(`../../dashboards/generated/grafana:${provider.options.path}:ro`);
    expect(BOARDS.map((board) => `${provider.options.path}/${uidFor(board, 'prometheus')}.json`)).toContain(
      environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH,
    );
  });

  test('gives the collector a configuration it accepts', () => {
    const config = configSchema.parse(parse(read('deploy/compose/ledgerline.yaml')));
    // Prometheus' name for the collector has to be among them.
    expect(config.server.allowed_hosts).toContain('collector');
    expect(config).toMatchObject({ server: { host: '0.0.0.0', insecure: true }, timezone: defaultConfig().timezone });
    expect(config.budgets).toHaveLength(1);
  });
});

describe('the image', () => {
  const dockerfile = read('deploy/docker/Dockerfile');
  const ignored = read('deploy/docker/Dockerfile.dockerignore').split('\n');

  test('copies what exists and what its build context lets through', () => {
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
    expect(copied).toContain('collector');
    for (const source of copied) expect([source, existsSync(join(ROOT, source)), ignored.includes(`!${source}`)]).toEqual([source, true, true]);
  });

  test('exposes the ports and starts the command that package.json names', () => {
    expect(dockerfile).toContain(`EXPOSE ${Object.values(PORTS).join(' ')}`);
    expect(dockerfile).toContain(`ENTRYPOINT ["node", "${JSON.parse(read('package.json')).bin.ledgerline}"]`);
    expect(dockerfile).toContain(`http://127.0.0.1:${PORTS.api}/readyz`);
  });
});

describe('Alertmanager’s start script', () => {
  const start = (url: string): string => {
    const config = join(ROOT, 'dashboards/generated/alertmanager/alertmanager.yaml');
    const environment = { ...process.env, LEDGERLINE_ALERTMANAGER_CONFIG: config, LEDGERLINE_ALERT_WEBHOOK_URL: url };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own syntax.
    const show = 'cat "${1#--config.file=}"; rm "${1#--config.file=}"';
    return execFileSync('sh', [join(ROOT, 'deploy/alertmanager/start.sh'), 'sh', '-c', show, 'sh'], { env: environment, encoding: 'utf8' });
  };

  test('puts the webhook’s address in, whatever characters it has', () => {
    const url = 'https://example.com/hook?a=1&b=2|\\3';
    expect(parse(start(url)).receivers[0].webhook_configs[0].url).toBe(url);
  });

  test('leaves the placeholder when there is none', () => {
    expect(parse(start('')).receivers[0].webhook_configs[0].url).toBe(WEBHOOK_PLACEHOLDER);
  });
});

describe('the settings for Claude Code', () => {
  const settings = ['settings.json', 'managed-settings.json'].map((file) => [file, JSON.parse(read(`deploy/claude-code/${file}`)).env] as const);

  test.each(settings)('%s sends both signals to the OTLP/HTTP port', (_, env) => {
    expect(env).toMatchObject({
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    });
    expect(new URL(env.OTEL_EXPORTER_OTLP_ENDPOINT).port).toBe(String(PORTS.otlpHttp));
    expect(Object.values(env).every((value) => typeof value === 'string')).toBe(true);
  });

  test('name the resource attributes that attribution asks by default', () => {
    const { attribution } = defaultConfig();
    const known = new Set([attribution.team_attributes, attribution.cost_center_attributes].flat());
    const pairs = settings.flatMap(([, env]) => (env.OTEL_RESOURCE_ATTRIBUTES ?? '').split(',').filter(Boolean));
    expect(pairs.length).toBeGreaterThan(0);
    for (const pair of pairs) expect([pair, known.has(pair.split('=')[0])]).toEqual([pair, true]);
  });
});
