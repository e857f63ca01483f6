/** The chart, rendered by a real Helm: Kubernetes takes what comes out, and the collector the configuration in it. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../collector/config/config.ts';
import { SKIPPED } from '../support/backends.ts';
import { PROJECT } from '../support/backends-find.ts';
import { helm, helmIsMissing, type KubernetesObject, mistakesOf, type Rendered, render } from '../support/helm.ts';
import { read } from '../support/sources.ts';

const CHART = join(PROJECT, 'deploy/helm/ledgerline');
const TOKENS = { auth: { tokens: [{ name: 'laptops', role: 'ingest', token_file: '/etc/ledgerline/secrets/tokens/laptops' }] } };
const EMBEDDED = { config: TOKENS, secrets: [{ name: 'tokens', secretName: 'ledgerline-tokens' }] };
const POSTGRES = {
  ...EMBEDDED,
  mode: 'postgres',
  postgres: {
    url: 'postgres://ledgerline@a.example,b.example:5433/ledgerline',
    passwordSecret: { name: 'database' },
    tls: { caSecret: { name: 'database-ca' } },
  },
};
const EVERYTHING = {
  ...POSTGRES,
  postgres: { ...POSTGRES.postgres, readUrl: 'postgres://ledgerline@c.example/ledgerline', adoptSettings: true },
  imagePullSecrets: [{ name: 'registry' }],
  ingress: {
    enabled: true,
    tlsSecret: 'certificate',
    web: { host: 'ledgerline.example' },
    otlpHttp: { host: 'otlp.example' },
    otlpGrpc: { host: 'otlp-grpc.example' },
  },
  monitoring: { enabled: true, labels: { release: 'prometheus' }, bearerTokenSecret: { name: 'reader' } },
  networkPolicy: { from: [{ namespaceSelector: {} }] },
  podAnnotations: { note: 'x' },
  extraVolumes: [{ name: 'prices', configMap: { name: 'prices' } }],
  extraVolumeMounts: [{ name: 'prices', mountPath: '/etc/ledgerline/prices', readOnly: true }],
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
};
/** As docs/deployment.md has them. */
const DOCUMENTED = parse(/# my-values\.yaml\n[\s\S]*?(?=```)/.exec(read('docs/deployment.md'))?.[0] ?? '');
const VALUES = { embedded: EMBEDDED, postgres: POSTGRES, everything: EVERYTHING, documented: DOCUMENTED };
const PLACEMENT = ['imagePullSecrets', 'nodeSelector', 'tolerations', 'affinity'] as const;

const missing = helmIsMissing();
if (missing === undefined) describe('the chart', theChart);
else describe.skip(`the chart [${SKIPPED}${missing}]`, theChart);

function theChart(): void {
  test('has nothing that Helm finds fault with', () => {
    const { code, output } = helm('lint', '--strict', CHART, '--set', 'config.server.insecure=true');
    expect([code, output]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  describe.each(Object.entries(VALUES))('%s', (_, values) => {
    let objects: readonly KubernetesObject[];
    beforeAll(() => {
      const rendered = render(CHART, values);
      expect([rendered.code, rendered.error]).toEqual([0, '']);
      ({ objects } = rendered);
    });

    test('is what Kubernetes takes', async () => {
      const own = objects.filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com/'));
      expect((await Promise.all(own.map(mistakesOf))).flat()).toEqual([]);
      expect(own.length).toBeGreaterThan(4);
    });

    test('has names of its own for all of it', () => {
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(names).toEqual([...new Set(names)]);
    });

    test('has a configuration that the collector takes, the same for pods and jobs', () => {
      const [text, ...others] = objects.filter(({ kind }) => kind === 'ConfigMap').map(({ data }) => data['ledgerline.yaml']);
      expect(configSchema.safeParse(parse(text))).toMatchObject({ success: true });
      expect(text).not.toMatch(/password: /);
      expect(others).toEqual(objects.some(({ kind }) => kind === 'Job') ? [text] : []);
    });

    test('confines every pod, and bounds its memory', () => {
      const pods = objects.flatMap(({ spec }) => spec?.template?.spec ?? []);
      expect(pods.length).toBeGreaterThan(0);
      for (const pod of pods) {
        expect(pod).toMatchObject({
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        });
        for (const container of pod.containers) {
          expect(container.resources.limits.memory).toBeDefined();
          expect(container.securityContext).toEqual({
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          });
        }
      }
    });

    test('mounts every file that the configuration names', () => {
      const text: string = objects.find(({ kind }) => kind === 'ConfigMap')?.data['ledgerline.yaml'];
      const files = [...text.matchAll(/_file: (\S+)/g)].map(([, file]) => String(file));
      for (const { spec } of objects.flatMap(({ spec: { template } = {} }) => template ?? [])) {
        const mounts: readonly { readonly name: string; readonly mountPath: string }[] = spec.containers[0].volumeMounts;
        for (const file of files) expect(mounts.filter(({ mountPath }) => file.startsWith(`${mountPath}/`))).toHaveLength(1);
        const volumes = spec.volumes.map(({ name }: { readonly name: string }) => name);
        // The volume of a StatefulSet is made from its claim.
        expect(mounts.map(({ name }) => name).filter((name) => name !== 'data' && !volumes.includes(name))).toEqual([]);
      }
    });

    test('sends services to pods that listen on their ports', () => {
      const pods = objects.flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template]));
      for (const { spec, metadata } of objects.filter(({ kind }) => kind === 'Service')) {
        const chosen = pods.filter(({ metadata: { labels } }) => Object.entries(spec.selector).every(([name, value]) => labels[name] === value));
        const listening = chosen.filter(({ spec: { containers } }) =>
          spec.ports.every(({ targetPort }: { readonly targetPort: string }) =>
            (containers[0].ports ?? []).some(({ name }: { readonly name: string }) => name === targetPort),
          ),
        );
        expect([metadata.name, listening.length > 0]).toEqual([metadata.name, true]);
      }
    });
  });

  test('is held against schemas that find a mistake', async () => {
    const [first] = render(CHART, POSTGRES).objects.filter(({ kind }) => kind === 'Deployment');
    expect(await mistakesOf({ ...first, spec: { ...first?.spec, replicas: 'three' } } as KubernetesObject)).toHaveLength(1);
  });

  test('pulls images of all its pods, and places them, as the values say', () => {
    const templates = render(CHART, EVERYTHING).objects.filter(({ spec }) => spec?.template !== undefined);
    expect(templates.map(({ kind }) => kind).sort()).toEqual(['Deployment', 'Deployment', 'Deployment', 'Job', 'Job']);
    for (const { metadata, spec } of templates)
      for (const key of PLACEMENT) expect([metadata.name, key, spec.template.spec[key]]).toEqual([metadata.name, key, EVERYTHING[key]]);
  });

  test('runs jobs before anything else is there, but for what runs before them', () => {
    const { objects } = render(CHART, EVERYTHING);
    const hook = ({ metadata: { annotations = {} } }: KubernetesObject) => ({
      events: annotations['helm.sh/hook']?.split(',') ?? [],
      weight: Number(annotations['helm.sh/hook-weight']),
    });
    const jobs = objects.filter(({ kind }) => kind === 'Job');
    expect(jobs.map((job) => [job.metadata.name, hook(job)])).toEqual([
      // First, since `storage init` is refused where the time zone is another one.
      ['release-ledgerline-adopt-settings', { events: ['pre-upgrade'], weight: 0 }],
      ['release-ledgerline-migration', { events: ['pre-install', 'pre-upgrade'], weight: 5 }],
    ]);
    for (const job of jobs) {
      const { serviceAccountName, volumes } = job.spec.template.spec;
      expect(serviceAccountName).toBeUndefined();
      const named: readonly string[] = volumes.flatMap(({ configMap, secret }: KubernetesObject) => configMap?.name ?? secret?.secretName ?? []);
      expect(named).toEqual(['release-ledgerline-migration', 'ledgerline-tokens', 'database', 'database-ca', 'prices']);
      for (const object of objects.filter(({ kind, metadata }) => ['ConfigMap', 'Secret'].includes(kind) && named.includes(metadata.name))) {
        expect(hook(object).events).toEqual(expect.arrayContaining([...hook(job).events]));
        expect(hook(object).weight).toBeLessThan(hook(job).weight);
      }
    }
  });

  test('gives each role as long to end as its threads may hang', () => {
    const graces = (values: object) =>
      render(CHART, values).objects.flatMap(({ kind, metadata: { name }, spec }) =>
        kind === 'Deployment' || kind === 'StatefulSet' ? [[name.split('-').at(-1), spec.template.spec.terminationGracePeriodSeconds]] : [],
      );
    expect(graces(EMBEDDED)).toEqual([['ledgerline', 180]]);
    expect(Object.fromEntries(graces(POSTGRES))).toEqual({ receiver: 90, reader: 90, worker: 180 });
  });

  test('has ingress-nginx take what the collector takes', () => {
    const annotations = render(CHART, EVERYTHING).objects.flatMap(({ kind, metadata }) => (kind === 'Ingress' ? [metadata.annotations] : []));
    const size = { 'nginx.ingress.kubernetes.io/proxy-body-size': '16m' };
    expect(annotations).toEqual([size, size, { ...size, 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' }]);
  });

  test('lets in by the names of its services whoever may come by names at all', () => {
    const hosts = (server: object) => {
      const { objects } = render(CHART, { ...EMBEDDED, config: { ...TOKENS, server } });
      return configSchema.parse(parse(objects.find(({ kind }) => kind === 'ConfigMap')?.data['ledgerline.yaml'])).server.allowed_hosts;
    };
    expect(hosts({})).toEqual([]);
    const named = hosts({ allowed_hosts: ['ledgerline.example'] });
    expect(named).toEqual(expect.arrayContaining(['ledgerline.example', 'release-ledgerline-otlp', 'release-ledgerline-web.finops.svc']));
  });

  test('keeps the label instance of the only pod, which has another address after each start', () => {
    const relabelings = (values: object) =>
      render(CHART, { ...values, monitoring: { enabled: true } }).objects.find(({ kind }) => kind === 'PodMonitor')?.spec.podMetricsEndpoints[0]
        .relabelings;
    expect(relabelings(EMBEDDED)).toEqual([{ targetLabel: 'instance', replacement: 'release-ledgerline' }]);
    expect(relabelings(POSTGRES)).toBeUndefined();
  });

  test('has the series of the ledger scraped once, and each pod for itself', () => {
    const monitored = (values: object) => render(CHART, { ...values, monitoring: { enabled: true } }).objects;
    const paths = (objects: readonly KubernetesObject[]) =>
      objects.flatMap(({ spec }) => [spec?.metricsPath, spec?.podMetricsEndpoints?.[0].path]).filter((path) => path !== undefined);
    expect(paths(monitored(EMBEDDED))).toEqual(['/metrics']);
    expect(paths(monitored(POSTGRES)).sort()).toEqual(['/metrics/ledger', '/metrics/replica']);
    const [target] = monitored(POSTGRES).find(({ kind }) => kind === 'ScrapeConfig')?.spec.staticConfigs[0].targets ?? [];
    const web = monitored(POSTGRES).find(({ kind, metadata }) => kind === 'Service' && `${metadata.name}.finops.svc:9464` === target);
    expect(web?.spec.ports).toContainEqual({ name: 'metrics', port: 9464, targetPort: 'metrics' });
  });

  test('takes from the configuration what it sets itself, where both are the same', () => {
    const server = { host: '0.0.0.0', otlp_grpc_port: 4317, otlp_http_port: 4318, api_port: 8484, metrics_port: 9464 };
    expect(render(CHART, { ...EMBEDDED, config: { ...TOKENS, server, role: 'all' } }).error).toBe('');
  });

  test('takes a heading without anything below it for one that is left out', () => {
    const configOf = ({ error, objects }: Rendered) => [error, objects.find(({ kind }) => kind === 'ConfigMap')?.data];
    expect(configOf(render(CHART, { ...EMBEDDED, config: { ...TOKENS, server: null } }))).toEqual(configOf(render(CHART, EMBEDDED)));
    expect(render(CHART, { config: null }).error).toContain('set config.auth.tokens');
  });

  test('runs every role on PostgreSQL, and one pod on a volume', () => {
    const kinds = (values: object) => render(CHART, values).objects.filter(({ spec }) => spec?.template !== undefined);
    expect(kinds(EMBEDDED).map(({ kind, spec }) => [kind, spec.replicas])).toEqual([['StatefulSet', 1]]);
    expect(kinds(POSTGRES).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Deployment release-ledgerline-receiver',
      'Deployment release-ledgerline-reader',
      'Deployment release-ledgerline-worker',
      'Job release-ledgerline-migration',
    ]);
  });

  test.each([
    ['nobody has to prove who they are', {}, 'set config.auth.tokens'],
    ['the mode is unknown', { ...EMBEDDED, mode: 'mysql' }, 'it must be embedded or postgres'],
    ['TLS is to end in the pods', { config: { ...TOKENS, server: { tls: { cert_file: 'a', key_file: 'b' } } } }, 'End TLS at the ingress'],
    [
      'pods are scraped by addresses that they refuse',
      { config: { ...TOKENS, server: { allowed_hosts: ['a.example'] } }, monitoring: { enabled: true } },
      'leave one of both out',
    ],
    ['there is no database', { ...EMBEDDED, mode: 'postgres' }, 'set it to postgres://USER@HOST:5432/DATABASE'],
    ['a password stands in the address', { ...POSTGRES, postgres: { url: 'postgres://a:secret@b/c' } }, 'put it into a Secret'],
    [
      'a password stands in the address of the standby',
      { ...POSTGRES, postgres: { ...POSTGRES.postgres, readUrl: 'postgres://a:secret@b/c' } },
      'postgres.readUrl has a password',
    ],
    ['pods are to listen on another port', { config: { ...TOKENS, server: { api_port: 9000 } } }, 'config.server.api_port: services, probes'],
    ['pods are to listen on their loopback', { config: { ...TOKENS, server: { host: '127.0.0.1' } } }, 'config.server.host is the loopback'],
    ['pods are to have one role', { config: { ...TOKENS, role: 'reader' } }, 'config.role comes from the chart'],
  ])('refuses with the remedy where %s', (_, values, sentence) => {
    const { code, error } = render(CHART, values);
    expect([code, error]).toEqual([1, expect.stringContaining(sentence)]);
    expect(error).not.toContain('secret@');
  });
}
