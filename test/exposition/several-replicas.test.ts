/** Where several replicas share a ledger: what each path of /metrics shows, so that nothing is counted twice. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import { createOwnExposition, createScopedExpositions } from '../../collector/exposition/scoped-expositions.ts';
import { standbyBehind } from '../../collector/query/standby.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(handler: RequestListener): Promise<(path: string) => Promise<string>> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  stops.push(() => server.close());
  const { port } = server.address() as AddressInfo; // It listens on a port.
  return async (path) => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).text();
}

async function* ledger(): AsyncGenerator<string, void> {
  yield 'ledger 1\n';
}

const TEAM: ReadScope = [{ dimension: 'team', values: ['a'] }];

function replica(showsLedger: boolean, scope: ReadScope = 'all') {
  return serve(
    createScopedExpositions({
      ledgerText: () => ledger,
      selfText: async () => 'self 1\n',
      scopeOf: () => scope,
      showsLedger: () => showsLedger,
    }),
  );
}

test('one replica shows the ledger beside its own series, the others their own', async () => {
  const [holder, other] = [await replica(true), await replica(false)];
  expect(await holder('/metrics')).toBe('ledger 1\nself 1\n');
  expect(await other('/metrics')).toBe('self 1\n');
});

test('the ledger has a path of its own, the same on each, and so has what each says of itself', async () => {
  for (const ask of [await replica(true), await replica(false)]) {
    expect(await ask('/metrics/ledger')).toBe('ledger 1\n');
    expect(await ask('/metrics/ledger?x=1')).toBe('ledger 1\n');
    expect(await ask('/metrics/replica')).toBe('self 1\n');
  }
});

test('who sees a part sees nothing of the replica', async () => {
  const [holder, other] = [await replica(true, TEAM), await replica(false, TEAM)];
  expect(await holder('/metrics')).toBe('ledger 1\n');
  expect(await other('/metrics')).toBe('');
  expect(await other('/metrics/ledger')).toBe('ledger 1\n');
  expect(await holder('/metrics/replica')).toBe('');
});

test('a replica that does not read shows its own series', async () => {
  expect(await (await serve(createOwnExposition(async () => 'self 1\n')))('/metrics')).toBe('self 1\n');
});

const at = (asOfMs: number | undefined) => ({
  status: async () => ({ asOfMs, entries: 0, sessions: 0, schemaVersion: 1, counters: COUNTERS, heldBack: 0, overflow: {} }),
});
const COUNTERS = { appended: 0, duplicates: 0, conflicts: 0, expired: 0, late: 0 };
const gone = { status: () => Promise.reject(new Error('gone')) };

test('a standby is behind by what it lacks, and not by how long nothing came', async () => {
  expect(await standbyBehind(at(50_000), at(50_000))).toBe(0);
  expect(await standbyBehind(at(50_000), at(47_500))).toBe(2.5);
  expect(await standbyBehind(at(undefined), at(undefined))).toBe(0);
  expect(await standbyBehind(at(50_000), at(undefined))).toBeNull();
  expect(await standbyBehind(at(50_000), gone)).toBeNull();
  expect(await standbyBehind(at(50_000), { status: () => new Promise(() => undefined) })).toBeNull();
  await expect(standbyBehind(gone, at(1))).rejects.toThrow('gone');
});
