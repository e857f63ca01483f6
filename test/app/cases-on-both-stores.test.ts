/** What is easily booked twice, or not at all, comes to the same in files and on PostgreSQL, where two replicas take the exports in turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HOUR_MS } from '../../collector/core/duration.ts';
import { describeWithBackend } from '../support/backends.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { type Case, casesFrom } from './cases.ts';

const BEGIN_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS;
const CASES = casesFrom(BEGIN_MS);
const HEADERS = { 'content-type': 'application/json' };

describeWithBackend('postgres15', 'cases on both stores', () => {
  let server: RunningPostgres;
  let folder: string;
  const collectors: CollectorProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-cases-'));
    server = await startPostgres();
    const url = await server.createDatabase();
    for (const config of [{}, { storage: { url } }, { storage: { url } }]) {
      collectors.push(await spawnCollector(join(folder, String(collectors.length)), config));
    }
  });
  afterAll(async () => {
    for (const collector of collectors) await collector.stop();
    await server?.destroy();
    rmSync(folder, { recursive: true });
  });

  async function send({ exports }: Case): Promise<void> {
    const [files, ...replicas] = collectors;
    for (const [turn, { path, body }] of exports.entries()) {
      for (const collector of [files, replicas[turn % replicas.length]]) {
        const url = `http://127.0.0.1:${collector?.ports.otlpHttp}${path}`;
        expect((await fetch(url, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) })).status).toBe(200);
      }
    }
  }

  async function asked(collector: CollectorProcess, path: string): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/${path}`);
    return (await response.json()) as Readonly<Record<string, unknown>>;
  }

  test.each(CASES)('$name', async (one) => {
    await send(one);
    for (const collector of collectors) {
      const { total } = await asked(collector, `spend?where=user:${encodeURIComponent(one.user)}`);
      expect(Number(total)).toBe(Number(one.usd));
      if (one.session === undefined) continue;
      expect(await asked(collector, `sessions/${one.session.id}`)).toMatchObject({ requests: one.session.requests });
    }
  });

  test('and in every counter', async () => {
    const [files, ...shared] = await Promise.all(collectors.map((collector) => asked(collector, 'status')));
    for (const status of shared) expect(status).toMatchObject({ entries: files?.entries, counters: files?.counters });
  });
});
