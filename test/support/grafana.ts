/**
 * A real Grafana: the one that GRAFANA_URL and GRAFANA_TOKEN (a service account, role Editor) name, or each supported version in a
 * container where an engine answers. No distribution packages it, so there is no native one.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerEngineAnswers, PROJECT } from './backends-find.ts';
import { freePort } from './backends-run.ts';
import { waitFor } from './wait.ts';

/** One version of each that the boards must load in. */
const IMAGES = ['grafana/grafana:11.6.0', 'grafana/grafana:12.1.0', 'grafana/grafana:13.0.2'];
const ADMIN = { user: 'admin', password: 'only-in-this-container' };
const PROVISIONING = join(PROJECT, 'deploy/grafana/provisioning');

export type GrafanaSource =
  | { readonly kind: 'running'; readonly name: string; readonly url: string; readonly token: string }
  | { readonly kind: 'container'; readonly name: string; readonly image: string };

export interface TestGrafana {
  readonly url: string;
  readonly token: string;
  /** Of a Prometheus data source. */
  readonly datasourceUid: string;
  stop(): Promise<void>;
}

const { GRAFANA_URL: url = '', GRAFANA_TOKEN: token = '' } = process.env;
const containers = await containerEngineAnswers();

/** Empty where there is none; GRAFANA_MISSING says why. */
export const GRAFANAS: readonly GrafanaSource[] =
  url !== '' && token !== ''
    ? [{ kind: 'running', name: 'the Grafana of GRAFANA_URL', url: url.replace(/\/+$/, ''), token }]
    : (containers ? IMAGES : []).map((image) => ({ kind: 'container', name: image, image }));
export const GRAFANA_MISSING = 'no grafana: no container engine answers, and GRAFANA_URL and GRAFANA_TOKEN name no running one';

/** `withBoards`: a container reads the boards from files, as deploy/ has it. Its data source is the Prometheus at `prometheusUrl`. */
export async function startGrafana(source: GrafanaSource, prometheusUrl: string, withBoards: boolean): Promise<TestGrafana> {
  if (source.kind === 'container') return startContainer(source.image, prometheusUrl, withBoards);
  const running = { url: source.url, token: source.token };
  return { ...running, datasourceUid: await anyPrometheus(running), stop: async () => undefined };
}

export async function askGrafana({ url, token }: Pick<TestGrafana, 'url' | 'token'>, path: string, body?: object): Promise<unknown> {
  return asked(url, path, `Bearer ${token}`, body);
}

async function asked(url: string, path: string, authorization: string, body?: object): Promise<unknown> {
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text.slice(0, 1_000)}`);
  return JSON.parse(text);
}

async function anyPrometheus(running: Pick<TestGrafana, 'url' | 'token'>): Promise<string> {
  if (process.env.GRAFANA_DATASOURCE_UID) return process.env.GRAFANA_DATASOURCE_UID;
  // Grafana's documented answer; a wrong shape fails the test.
  const all = (await askGrafana(running, '/api/datasources')) as { readonly uid: string; readonly type: string }[];
  const found = all.find(({ type }) => type === 'prometheus');
  if (found === undefined) throw new Error('That Grafana has no Prometheus data source; name one in GRAFANA_DATASOURCE_UID.');
  return found.uid;
}

async function startContainer(image: string, prometheusUrl: string, withBoards: boolean): Promise<TestGrafana> {
  const { GenericContainer } = await import('testcontainers');
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-grafana-'));
  const port = await freePort();
  const container = await new GenericContainer(image)
    .withNetworkMode('host')
    .withEnvironment({
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      GF_SERVER_HTTP_PORT: String(port),
      GF_SECURITY_ADMIN_USER: ADMIN.user,
      GF_SECURITY_ADMIN_PASSWORD: ADMIN.password,
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    })
    .withBindMounts([
      { source: await provisioning(folder, prometheusUrl, withBoards), target: '/etc/grafana/provisioning', mode: 'ro' },
      { source: join(PROJECT, 'dashboards/generated/grafana'), target: '/var/lib/grafana/dashboards', mode: 'ro' },
    ])
    .start();
  const address = `http://127.0.0.1:${port}`;
  await waitFor(`Grafana at ${address}`, async () => (await fetch(`${address}/api/health`)).ok, { timeoutMs: 90_000 });
  const stop = async () => {
    await container.stop();
    await rm(folder, { recursive: true });
  };
  return { url: address, token: await editorToken(address), datasourceUid: 'ledgerline-prometheus', stop };
}

/** The files of deploy/, with this test's Prometheus in place of the compose file's. */
async function provisioning(folder: string, prometheusUrl: string, withBoards: boolean): Promise<string> {
  for (const part of ['datasources', 'dashboards']) await mkdir(join(folder, part));
  const datasource = await readFile(join(PROVISIONING, 'datasources/ledgerline.yaml'), 'utf8');
  await writeFile(join(folder, 'datasources/ledgerline.yaml'), datasource.replace('http://prometheus:9090', prometheusUrl));
  if (withBoards) await writeFile(join(folder, 'dashboards/ledgerline.yaml'), await readFile(join(PROVISIONING, 'dashboards/ledgerline.yaml')));
  return folder;
}

async function editorToken(address: string): Promise<string> {
  const basic = `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64')}`;
  // Grafana's documented answers.
  const account = (await asked(address, '/api/serviceaccounts', basic, { name: 'boards', role: 'Editor' })) as { readonly id: number };
  const made = (await asked(address, `/api/serviceaccounts/${account.id}/tokens`, basic, { name: 'boards' })) as { readonly key: string };
  return made.key;
}
