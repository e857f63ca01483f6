/** Runs a server or a tool, natively or in a container, under the same arguments and the same paths. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Backend, type BackendName, findBackend } from './backends-find.ts';
import { waitFor } from './wait.ts';

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Everything the server has printed so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly name: BackendName;
  /** Given the port, the server's arguments. */
  readonly args: (port: number) => readonly string[];
  /** Answers 2xx once the server is ready. */
  readonly readyPath: string;
  /** Folder of configuration and data; a container sees it under the same path. */
  readonly folder: string;
  readonly port?: number;
  /** IANA name; that of this machine unless given. */
  readonly timeZone?: string | undefined;
}

interface Process {
  log(): string;
  /** Settled when the process is gone. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** Another process may take a free port before the server does; three times in a row is something else. */
const ATTEMPTS = 3;
const PORT_IS_TAKEN = /address already in use/;

/** Starts the server and returns once it is ready. @throws when it is not there, exits, or does not become ready. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const backend = findBackend(options.name);
  if (backend.kind === 'none') throw new Error(backend.reason);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(options.port ?? (await freePort()), backend, options);
    } catch (error) {
      if (options.port !== undefined || attempt === ATTEMPTS || !PORT_IS_TAKEN.test(String(error))) throw error;
    }
  }
}

async function startOn(port: number, backend: Exclude<Backend, { kind: 'none' }>, options: ServerOptions): Promise<RunningServer> {
  const args = options.args(port);
  const zone = options.timeZone === undefined ? {} : { TZ: options.timeZone };
  const server =
    backend.kind === 'native'
      ? startNative(backend.path, args, zone)
      : await startContainer(backend.image, args, options.folder, { environment: zone });
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(options.name, url + options.readyPath, server);
  } catch (error) {
    await server.stop();
    throw new Error(`${options.name} did not start.\n${server.log()}`, { cause: error });
  }
  return { url, port, log: server.log, stop: server.stop };
}

async function ready(name: string, url: string, server: Process): Promise<void> {
  let gone = false;
  server.exited.then(() => {
    gone = true;
  });
  const answered = await waitFor(`${name} at ${url}`, async () => gone || (await fetch(url, { signal: AbortSignal.timeout(10_000) })).ok, {
    context: server.log,
  });
  if (gone || !answered) throw new Error(`${name} exited`);
}

/**
 * The shell in between ends the server when our end of its stdin closes, which happens on stop() and also when this
 * process is killed: nothing is left running either way.
 */
const GUARD = 'exec 3<&0; "$@" </dev/null & pid=$!; (cat >/dev/null; kill "$pid" 2>/dev/null) <&3 & wait "$pid"';

export function startNative(path: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Process {
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', path, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const log = collect(child.stdout, child.stderr);
  child.stdin.on('error', () => {}); // The guard may be gone first.
  // A test that fails before it stops its server must not keep jest waiting; the guard sees to the server.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
  // 'close' comes after the last of its words, which whoever asks why it ended wants to read.
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(() => void child.stdin.destroy());
  const stop = async () => {
    child.stdin.destroy();
    const stubborn = Symbol();
    const deadline = new AbortController();
    const first = await Promise.race([exited, delay(10_000, stubborn, { signal: deadline.signal })]);
    deadline.abort();
    if (first === stubborn && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await closed;
  };
  return { log, exited, stop };
}

/**
 * Host networking: a server in a container and one started natively then reach the collector, each other and our
 * webhooks under the same 127.0.0.1 addresses.
 */
interface ContainerOptions {
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

async function startContainer(image: string, args: readonly string[], folder: string, options: ContainerOptions = {}): Promise<Process> {
  const container = (await newContainer(image, folder, options.entrypoint)).withEnvironment({ ...options.environment });
  const printed: Buffer[] = [];
  const started = await container
    .withCommand([...args])
    .withLogConsumer((stream) => stream.on('data', (chunk: Buffer) => printed.push(chunk)))
    .start();
  const stop = async () => void (await started.stop());
  return { log: () => Buffer.concat(printed).toString(), exited: new Promise(() => {}), stop };
}

async function newContainer(image: string, folder: string, entrypoint?: readonly string[]) {
  const { GenericContainer } = await import('testcontainers');
  const container = new GenericContainer(image).withNetworkMode('host').withBindMounts([{ source: folder, target: folder, mode: 'rw' }]);
  const { getuid, getgid } = process;
  if (getuid && getgid) container.withUser(`${getuid()}:${getgid()}`);
  if (entrypoint) container.withEntrypoint([...entrypoint]);
  return container;
}

/** Playwright's browser server, which the client of the same version connects to. */
export async function startBrowserContainer(image: string, folder: string): Promise<RunningServer> {
  const port = await freePort();
  const version = /:v([\d.]+)/.exec(image)?.[1] ?? '';
  const command = `npx -y playwright@${version} run-server --port ${port} --host 127.0.0.1`;
  const server = await startContainer(image, ['-c', command], folder, { entrypoint: ['/bin/sh'] });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(`Playwright's server at ${url}`, async () => (await fetch(url)).status > 0, { timeoutMs: 120_000 });
  return { url: url.replace('http', 'ws'), port, log: server.log, stop: server.stop };
}

export interface ToolResult {
  readonly code: number;
  /** What it printed on both streams; their order to each other is not kept. */
  readonly output: string;
}

/** Runs promtool or amtool to its end. Files must lie in `folder`, which is also its working directory. */
export async function runTool(name: 'promtool' | 'amtool', args: readonly string[], folder: string): Promise<ToolResult> {
  const backend: Backend = findBackend(name);
  if (backend.kind === 'none') throw new Error(backend.reason);
  if (backend.kind === 'container') return runInContainer(backend.image, [name, ...args], folder);
  const child = spawn(backend.path, [...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collect(child.stdout, child.stderr);
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : 1, output: output() };
}

async function runInContainer(image: string, command: readonly string[], folder: string): Promise<ToolResult> {
  const container = await (await newContainer(image, folder, ['sleep'])).withCommand(['600']).start();
  try {
    const { exitCode, output } = await container.exec([...command], { workingDir: folder });
    return { code: exitCode, output };
  } finally {
    await container.stop();
  }
}

function collect(...streams: readonly Readable[]): () => string {
  const printed: string[] = [];
  for (const stream of streams) stream.setEncoding('utf8').on('data', (chunk: string) => printed.push(chunk));
  return () => printed.join('');
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
