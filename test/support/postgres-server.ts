/** A real PostgreSQL, started for one test file in a folder of its own. Its binaries refuse to run as root: then they run as nobody. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type BackendName, findBackend } from './backends-find.ts';
import { freePort } from './backends-run.ts';
import { IDENTITY, initializedFolder, inMemoryFolder, NOBODY, readableCopy, USER } from './postgres-folders.ts';
import { waitFor } from './wait.ts';

export type PostgresVersion = 15 | 18;
export const POSTGRES_VERSIONS: readonly PostgresVersion[] = [15, 18];
export const backendOf = (version: PostgresVersion): Extract<BackendName, `postgres${number}`> => `postgres${version}`;

export interface PostgresOptions {
  readonly version?: PostgresVersion;
  /** Survives being killed. Default: false, which is faster. */
  readonly isDurable?: boolean;
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
  /** Of a standby: the server it follows. */
  readonly standbyOf?: RunningPostgres;
}

export interface RunningPostgres {
  readonly version: PostgresVersion;
  readonly port: number;
  readonly folder: string;
  /** postgres://ledgerline@127.0.0.1:port/name of a new database: empty, or a copy of the one at this address, to which nobody is connected. */
  createDatabase(copied?: string): Promise<string>;
  /** With all that is connected to it: what is written of it to the disk until then may be a lot. */
  dropDatabase(url: string): Promise<void>;
  urlOf(database: string): string;
  /** 'immediate' and 'kill' are what a machine that fails does. */
  stop(how?: 'fast' | 'immediate' | 'kill'): Promise<void>;
  /** After stop(), on the same data and port. */
  start(): Promise<void>;
  /** Makes a primary of a standby. */
  promote(): Promise<void>;
  log(): string;
  /** Stops it and removes its folder. */
  destroy(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;

export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const { version = 15, isDurable = false, standbyOf } = options;
  const programs = programsOf(version);
  const folder = mkdtempSync(join(isDurable ? tmpdir() : inMemoryFolder(), 'ledgerline-postgres-'));
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  if (standbyOf === undefined) copyInitialized(programs, data);
  else await copyOf(standbyOf, data);
  const port = await freePort();
  const server = new Server(programs, { ...options, version }, folder, port);
  await server.start();
  return server;
}

interface Programs {
  readonly bin: string;
  readonly env: NodeJS.ProcessEnv;
}

function programsOf(version: PostgresVersion): Programs {
  const backend = findBackend(backendOf(version));
  if (backend.kind !== 'native') throw new Error(backend.kind === 'none' ? backend.reason : 'PostgreSQL in a container is not written yet');
  const bin = version === 18 ? readableCopy(dirname(dirname(backend.path))) : dirname(backend.path);
  return { bin, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: join(bin, '../lib') } };
}

/** Whether a server of this version can load it: not all packages bring those that come with PostgreSQL's sources. */
export function hasExtension(version: PostgresVersion, name: string): boolean {
  const backend = findBackend(backendOf(version));
  return backend.kind === 'native' && existsSync(join(dirname(realpathSync(backend.path)), '../lib', `${name}.so`));
}

function copyInitialized({ bin, env }: Programs, data: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', initializedFolder(bin, env), data], { ...IDENTITY, cwd: '/', encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** What pg_basebackup does, which the npm package has not: a copy of the files between two calls of the server. */
async function copyOf(primary: RunningPostgres, data: string): Promise<void> {
  const client = new pg.Client(primary.urlOf('postgres'));
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('standby', true)`);
    const skipped = ['postmaster.pid', 'postmaster.opts'].map((name) => join(primary.folder, 'data', name));
    cpSync(join(primary.folder, 'data'), data, { recursive: true, filter: (name) => !skipped.includes(name), force: true });
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    const own = spawnSync(
      'sh',
      [
        '-c',
        `cat > "$1/backup_label" && : > "$1/standby.signal" && chmod 700 "$1"${isRoot ? ` && chown -R ${NOBODY}:${NOBODY} "$1"` : ''}`,
        'sh',
        data,
      ],
      {
        input: rows[0]?.labelfile ?? '',
        encoding: 'utf8',
      },
    );
    if (own.status !== 0) throw new Error(own.stderr);
  } finally {
    await client.end();
  }
}

class Server implements RunningPostgres {
  readonly version: PostgresVersion;
  readonly port: number;
  readonly folder: string;
  readonly #programs: Programs;
  readonly #options: PostgresOptions;
  #child: ChildProcess | undefined;
  #printed = '';
  #databases = 0;

  constructor(programs: Programs, options: PostgresOptions & { readonly version: PostgresVersion }, folder: string, port: number) {
    this.#programs = programs;
    this.#options = options;
    this.version = options.version;
    this.folder = folder;
    this.port = port;
  }

  urlOf(database: string): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const { isDurable = false, settings = [], standbyOf } = this.#options;
    const lines = [
      `port=${this.port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=`,
      ...(isDurable ? [] : ['fsync=off', 'full_page_writes=off']),
      'max_connections=200',
      'max_wal_senders=4',
      ...(standbyOf === undefined ? [] : [`primary_conninfo=host=127.0.0.1 port=${standbyOf.port} user=${USER}`]),
      ...settings,
    ];
    const args = ['-D', join(this.folder, 'data'), ...lines.flatMap((line) => ['-c', line])];
    const child = spawn('/bin/sh', ['-c', GUARD, 'sh', this.folder, join(this.#programs.bin, 'postgres'), ...args], {
      ...{ env: this.#programs.env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], detached: true },
      ...IDENTITY,
    });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => this.#note(text));
    child.stdin.on('error', () => undefined);
    this.#child = child;
    await waitFor(`PostgreSQL ${this.version} on port ${this.port}`, async () => child.exitCode !== null || (await this.#answers()), {
      context: () => this.log(),
    });
    if (child.exitCode !== null) throw new Error(`PostgreSQL exited\n${this.log()}`);
  }

  async createDatabase(copied = this.urlOf('template1')): Promise<string> {
    this.#databases++;
    const name = `test_${process.pid}_${this.#databases}`;
    // By default every page of the copy goes through the write-ahead log.
    await this.#ask(`CREATE DATABASE ${name} TEMPLATE ${nameIn(copied)} STRATEGY file_copy`);
    return this.urlOf(name);
  }

  async dropDatabase(url: string): Promise<void> {
    await this.#ask(`DROP DATABASE IF EXISTS ${nameIn(url)} WITH (FORCE)`);
  }

  async stop(how: keyof typeof SIGNALS = 'fast'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const isOver = () => child.exitCode !== null || child.signalCode !== null;
    const exited = isOver() ? undefined : once(child, 'close');
    this.#signal(SIGNALS[how]);
    const patience = new AbortController();
    await Promise.race([exited, delay(30_000, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    child.stdin?.destroy();
    if (!isOver() && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await exited;
  }

  async promote(): Promise<void> {
    await this.#ask('SELECT pg_promote(true)');
  }

  log(): string {
    return this.#printed;
  }

  async destroy(): Promise<void> {
    await this.stop('immediate');
    // Its processes end one after the other, and write until then.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#pid();
    try {
      if (pid !== undefined) process.kill(pid, signal);
    } catch {
      // It ended by itself, and left the file.
    }
  }

  #pid(): number | undefined {
    const file = join(this.folder, 'data/postmaster.pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
  }

  #note(text: string): void {
    this.#printed = (this.#printed + text).slice(-100_000);
  }

  async #answers(): Promise<boolean> {
    try {
      await this.#ask('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  async #ask(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.urlOf('postgres'), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(sql);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

const nameIn = (url: string): string => new URL(url).pathname.slice(1);

/**
 * Ends the server when our end of its stdin closes, which also happens when this process is killed, and removes its folder then: nothing is left
 * running, and no memory taken.
 */
const GUARD = `folder=$1; shift; exec 3<&0; "$@" </dev/null & pid=$!
(cat >/dev/null; kill -QUIT "$pid" 2>/dev/null || exit; while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done; rm -rf "$folder") <&3 & wait "$pid"`;
