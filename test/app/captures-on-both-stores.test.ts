/** Every capture gives the same figures in files and on PostgreSQL, where two replicas take its requests in turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithBackend } from '../support/backends.ts';
import { loadCaptures, Replayer } from '../support/captures.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';

interface Catalogue {
  readonly measures: readonly { readonly name: string }[];
  readonly dimensions: readonly { readonly name: string }[];
}
interface Sessions {
  readonly sessions: readonly { readonly session_id: string }[];
}
type Fields = Readonly<Record<string, unknown>>;

const TOGETHER = ['user,model', 'team,origin,model', 'organization,user,team,model,client_version,price_basis', 'model,query_source,effort'];
/** As many as fit into a parameter. */
const MEASURES_AT_ONCE = 16;
/** How fresh an answer is. */
const FRESHNESS = { as_of: null, age_seconds: null };
const GRAINS = ['total', 'quarter_hour', 'hour', 'day', 'week', 'month'];

describeWithBackend('postgres18', 'all captures on both stores', () => {
  let server: RunningPostgres;
  let folder: string;
  const collectors: CollectorProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-stores-'));
    server = await startPostgres({ version: 18 });
    const url = await server.createDatabase();
    for (const config of [{}, { storage: { url } }, { storage: { url } }]) {
      collectors.push(await spawnCollector(join(folder, String(collectors.length)), config));
    }
    const [files, ...replicas] = collectors.map(({ ports }) => new Replayer(ports));
    let turn = 0;
    for (const requests of loadCaptures().values()) {
      for (const request of requests) {
        await Promise.all([files?.send(request), replicas[turn++ % replicas.length]?.send(request)]);
      }
    }
    for (const replayer of [files, ...replicas]) replayer?.close();
  });
  afterAll(async () => {
    for (const collector of collectors) await collector.stop();
    await server?.destroy();
    rmSync(folder, { recursive: true });
  });

  async function asked<Answer = Fields>(collector: CollectorProcess | undefined, path: string): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${collector?.ports.api}${path}`);
    if (response.status !== 200) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** What all three answer, but for how fresh it is. */
  async function same(path: string): Promise<Fields> {
    const [files, ...shared] = await Promise.all(collectors.map((collector) => asked(collector, path)));
    for (const answer of shared) expect({ path, ...answer, ...FRESHNESS }).toEqual({ path, ...files, ...FRESHNESS });
    return files ?? {};
  }

  test('by each dimension, by several, and by each grain, in every measure', async () => {
    const { measures, dimensions } = await asked<Catalogue>(collectors[0], '/api/v1/catalogue');
    const names = measures.map(({ name }) => name);
    while (names.length > 0) {
      const some = names.splice(0, MEASURES_AT_ONCE).join();
      for (const by of [...dimensions.map(({ name }) => name), ...TOGETHER]) {
        const { rows } = await same(`/api/v1/spend?by=${by}&measures=${some}`);
        expect(rows).not.toEqual([]);
      }
      for (const grain of GRAINS) await same(`/api/v1/spend?by=model&grain=${grain}&tz=Asia/Kolkata&measures=${some}`);
    }
  });

  test('session by session', async () => {
    await same('/api/v1/sessions?limit=500');
    await same('/api/v1/sessions?limit=500&order=cost');
    const { sessions } = await asked<Sessions>(collectors[0], '/api/v1/sessions?limit=500');
    expect(sessions.length).toBeGreaterThan(40);
    for (const { session_id: id } of sessions) await same(`/api/v1/sessions/${id}`);
  });

  test('in every counter', async () => {
    const [files, ...shared] = await Promise.all(collectors.map((collector) => asked(collector, '/api/v1/status')));
    for (const status of shared) expect(status).toMatchObject({ entries: files?.entries, counters: files?.counters });
  });
});
