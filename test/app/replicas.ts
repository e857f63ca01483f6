/** Several collectors on one PostgreSQL, each a process with its role. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplicaRole } from '../../collector/config/role.ts';
import { leaseDatabase } from '../storage/postgres/lease-database.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { logs } from './tokens.ts';

export interface Answered {
  readonly status: number;
  readonly text: string;
}

export class Replicas {
  readonly server: RunningPostgres;
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'ledgerline-replicas-'));
  readonly #startedMs = Date.now();
  readonly #running = new Map<string, CollectorProcess>();

  private constructor(server: RunningPostgres, url: string) {
    this.server = server;
    this.url = url;
  }

  static async on(options: PostgresOptions = {}): Promise<Replicas> {
    const server = await startPostgres(options);
    return new Replicas(server, await server.createDatabase());
  }

  async start(
    name: string,
    role: ReplicaRole,
    { storage, ...more }: { readonly storage?: object } & Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    this.#running.set(name, await spawnCollector(join(this.#folder, name), { role, ...more, storage: { url: this.url, ...storage } }));
  }

  get names(): readonly string[] {
    return [...this.#running.keys()];
  }

  process(name: string): CollectorProcess {
    const replica = this.#running.get(name);
    if (replica === undefined) throw new Error(`${name} does not run`);
    return replica;
  }

  async kill(name: string): Promise<void> {
    await this.process(name).kill();
    this.#running.delete(name);
  }

  async get(name: string, path: string, port: 'api' | 'metrics' = 'api', init: RequestInit = {}): Promise<Answered> {
    const response = await fetch(`http://127.0.0.1:${this.process(name).ports[port]}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  /** A request of 0.25 USD, the same export whenever it is sent. Resolves to the status of the answer. */
  async send(name: string, request: string): Promise<number> {
    const claimed = { session: 'one', request, usd: 0.25, atMs: this.#startedMs, attributes: { 'user.email': 'ada@example.com' } };
    const body = JSON.stringify(logs(claimed));
    const target = `http://127.0.0.1:${this.process(name).ports.otlpHttp}/v1/logs`;
    return (await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
  }

  /** Who holds a lease now, as the database has it. */
  async holderOf(lease: string): Promise<string | undefined> {
    const database = leaseDatabase(this.url);
    try {
      const [row] = await database.rows('SELECT owner FROM lease WHERE name = $1 AND until_ms > extract(epoch FROM clock_timestamp()) * 1000', [
        lease,
      ]);
      return row === undefined ? undefined : String(row.owner);
    } finally {
      await database.close();
    }
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#running.values()].map((replica) => replica.stop()));
    await this.server.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
