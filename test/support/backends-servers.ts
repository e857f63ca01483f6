/** The real Prometheus, Alertmanager, VictoriaMetrics and Chromium, each started for one test file in a folder of its own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { findBackend } from './backends-find.ts';
import { type RunningServer, type ServerOptions, startBrowserContainer, startServer } from './backends-run.ts';

/** YAML text, or an object, which is written as JSON (every JSON document is a YAML document). */
export type YamlSource = string | object;

export interface ConfiguredServerOptions {
  readonly config: YamlSource;
  /** Further files beside the configuration, which names them relatively, such as {'rules.yaml': '…'}. */
  readonly files?: Readonly<Record<string, YamlSource>>;
  readonly args?: readonly string[];
  /** For a server that must come back at the same address; a free port otherwise. */
  readonly port?: number;
  /** IANA name; that of this machine unless given. */
  readonly timeZone?: string;
  /** Puts more into the folder before the server starts, such as history into data/. */
  readonly prepare?: (folder: string) => Promise<void>;
}

export interface ConfiguredServer extends RunningServer {
  /** Holds the configuration and the data; gone after stop(). */
  readonly folder: string;
  /** Writes a file beside the configuration and has the server read all of them again. */
  reload(files: Readonly<Record<string, YamlSource>>): Promise<void>;
}

/** Prometheus with remote write receiver and lifecycle API. */
export function startPrometheus(options: ConfiguredServerOptions): Promise<ConfiguredServer> {
  return startConfigured(options, 'prometheus.yml', (folder) => ({
    name: 'prometheus',
    readyPath: '/-/ready',
    args: (port) => [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--web.enable-lifecycle',
      ...(options.args ?? []),
    ],
  }));
}

/** A single Alertmanager: without the empty cluster address it would open the gossip port. */
export function startAlertmanager(options: ConfiguredServerOptions): Promise<ConfiguredServer> {
  return startConfigured(options, 'alertmanager.yml', (folder) => ({
    name: 'alertmanager',
    readyPath: '/-/ready',
    args: (port) => [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      ...(options.args ?? []),
    ],
  }));
}

export interface RunningStore extends RunningServer {
  /** Makes what was written visible within a second; a query before it may hide the samples for another 10 s. */
  flush(): Promise<void>;
}

/** VictoriaMetrics that answers with the newest samples too; by default it hides the last 30 s. */
export async function startVictoriaMetrics(options: { readonly args?: readonly string[] } = {}): Promise<RunningStore> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-victoriametrics-'));
  const server = await removing(
    folder,
    startServer({
      name: 'victoriametrics',
      folder,
      readyPath: '/health',
      args: (port) => [
        `-storageDataPath=${join(folder, 'data')}`,
        `-httpListenAddr=127.0.0.1:${port}`,
        '-search.latencyOffset=0s',
        '-retentionPeriod=10y',
        ...(options.args ?? []),
      ],
    }),
  );
  const flush = async () => void (await fetch(`${server.url}/internal/force_flush`));
  return { ...server, flush };
}

/** A browser's start on a busy machine. */
const START_MS = 120_000;
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface RunningBrowser {
  readonly browser: Browser;
  stop(): Promise<void>;
}

/** Headless Chromium, driven through playwright-core. */
export async function launchChromium(): Promise<RunningBrowser> {
  const backend = findBackend('chromium');
  if (backend.kind === 'none') throw new Error(backend.reason);
  if (backend.kind === 'native') {
    const browser = await chromium.launch({ executablePath: backend.path, headless: true, args: CHROMIUM_FLAGS, timeout: START_MS });
    return { browser, stop: () => browser.close() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-chromium-'));
  const server = await removing(folder, startBrowserContainer(backend.image, folder));
  const browser = await chromium.connect(server.url);
  const stop = async () => {
    await browser.close();
    await server.stop();
  };
  return { browser, stop };
}

async function startConfigured(
  options: ConfiguredServerOptions,
  configName: string,
  describeServer: (folder: string) => Omit<ServerOptions, 'folder' | 'port'>,
): Promise<ConfiguredServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-backend-'));
  await writeFiles(folder, { ...options.files, [configName]: options.config });
  await options.prepare?.(folder);
  const port = options.port === undefined ? {} : { port: options.port };
  const server = await removing(folder, startServer({ ...describeServer(folder), folder, ...port, timeZone: options.timeZone }));
  const reload = async (files: Readonly<Record<string, YamlSource>>) => {
    await writeFiles(folder, files);
    const answer = await fetch(`${server.url}/-/reload`, { method: 'POST' });
    if (!answer.ok) throw new Error(`reload was refused: ${await answer.text()}`);
  };
  return { ...server, folder, reload };
}

async function writeFiles(folder: string, files: Readonly<Record<string, YamlSource>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** Ties the folder's life to the server's. */
async function removing(folder: string, starting: Promise<RunningServer>): Promise<RunningServer> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await starting;
    const stop = async () => {
      await server.stop();
      await remove();
    };
    return { ...server, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
