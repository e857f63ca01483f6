/** A user under several names: merged, exported and erased as one, in every file of the data folder. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { openBudgetJournal, openDirectory, openLedgerReader, openLedgerWriter } from '../../collector/storage/open.ts';
import { event, NOON } from '../support/entries.ts';
import { filesWith } from '../support/kept.ts';
import { outcome, printed } from './command.ts';

const NAMES = /ada\.l|account-77|dev-ada|Lovelace/i;
let folder: string;
let data: string;
let configFile: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-names-'));
  data = join(folder, 'data');
  configFile = join(folder, 'ledgerline.yaml');
  const directory = join(folder, 'directory.yaml');
  writeFileSync(directory, 'users: { ada.l@example.com: { aliases: [account-77], memberships: { team: search } } }');
  writeFileSync(configFile, JSON.stringify({ data, attribution: { directory_file: directory }, directory: { feeds: [{ type: 'scim' }] } }));
  const config = configSchema.parse({ data });
  const ledger = await openLedgerWriter(config);
  const entries = [
    event({ id: '1', user: 'ada.l@example.com', cost: '1.00', sessionId: 's1' }),
    event({ id: '2', user: 'account-77', cost: '2.00', sessionId: 's2', team: '' }),
    event({ id: '3', user: 'dev-ada-1', cost: '4.00', sessionId: 's3' }),
    event({ id: '4', user: 'bob@example.com', cost: '8.00', sessionId: 's4' }),
  ];
  await ledger.append({ entries, receivedMs: NOON });
  await ledger.close();
  const budgets = await openBudgetJournal(config);
  const budget = configSchema.parse({ budgets: [{ name: 'hers', scope: { user: 'dev-ada-1' }, period: 'month', amount_usd: '5.00' }] }).budgets[0];
  if (budget !== undefined) await budgets.set(budget, { who: 'admin', atMs: NOON });
  await budgets.close();
  const store = await openDirectory(config);
  const facts = [
    { fact: 'login' as const, value: 'ada.l@example.com' },
    { fact: 'display' as const, value: 'Ada Lovelace' },
  ];
  await store.changing((change) => change.write('User', 'id-1', { userName: 'ada.l@example.com', displayName: 'Ada Lovelace' }, facts, NOON));
  await store.changing((change) =>
    change.write('Group', 'id-2', { displayName: 'Search', members: [{ value: 'id-1' }] }, [{ fact: 'member', value: 'id-1' }], NOON),
  );
  await store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<string> => printed([...args, '--config', configFile], { now: NOON });

async function costs(): Promise<Record<string, bigint>> {
  const reader = await openLedgerReader(configSchema.parse({ data }));
  const { rows } = await reader.query({ measures: ['cost'], by: ['user'], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 100 });
  await reader.close();
  return Object.fromEntries(rows.map(({ key: [user = ''], values: [cost = 0n] }) => [user, cost / 10n ** 12n]));
}

test('a merge should book all of the alias on the user, be recorded, and decide what comes later', async () => {
  expect(await run('directory', 'merge', 'dev-ada-1', 'ada.l@example.com', '--dry-run')).toMatch(
    /^Would merge dev-ada-1 into ada\.l@example\.com\.\n {2}ledger {3}2 comb/,
  );
  expect(await costs()).toEqual({ 'ada.l@example.com': 1n, 'account-77': 2n, 'dev-ada-1': 4n, 'bob@example.com': 8n });
  expect(await run('directory', 'merge', 'Dev-Ada-1', 'Ada.L@example.com')).toContain('1 entries of the journal of budgets');
  expect(await costs()).toEqual({ 'ada.l@example.com': 5n, 'account-77': 2n, 'bob@example.com': 8n });
  expect(await run('directory', 'merges')).toMatch(/^2026-11-20T12:00:00.000Z {2}Dev-Ada-1 is ada\.l@example\.com {2}by cli:/);
  expect(await run('directory', 'show', 'dev-ada-1')).toContain('dev-ada-1 is an alias of ada.l@example.com (merges).');
  expect(await run('directory', 'check', '--max-unallocated', '100%')).toContain('account-77 is ada.l@example.com');
  expect(await outcome(['check', '--data', data])).toMatchObject({ code: 0 });
  await expect(run('directory', 'merge', 'bob@example.com', 'BOB@example.com')).rejects.toThrow('already');
});

test('an erasure under one name should take out all of them, from every file', async () => {
  await run('directory', 'merge', 'dev-ada-1', 'ada.l@example.com');
  const exported = JSON.parse(await run('privacy', 'export', 'account-77'));
  expect(exported.names.toSorted()).toEqual(['account-77', 'ada.l@example.com', 'dev-ada-1']);
  expect(exported.spend_by_month.map(({ cost_usd }: { cost_usd: string }) => Number(cost_usd)).toSorted()).toEqual([2, 5]);
  expect(exported.directory.map(({ feed }: { feed: string }) => feed)).toEqual(['merges', 'directory_file', 'scim']);
  expect(exported.scim).toHaveLength(5);
  const said = await run('privacy', 'erase', 'account-77', '--yes');
  expect(said).toMatch(/^Erased account-77, ada\.l@example\.com, dev-ada-1, from now on erased-/);
  expect(filesWith(data, NAMES)).toEqual([]);
  expect(Object.values(await costs()).toSorted()).toEqual([7n, 8n]);
  expect(await outcome(['check', '--data', data])).toMatchObject({ code: 0 });
  expect(await run('directory', 'merges')).not.toMatch(NAMES);
  // Files of the directory are not ours to change.
  expect(filesWith(folder, NAMES)).toEqual(['directory.yaml']);
});

test('neither should ask another collector than the one that holds the ledger', async () => {
  const ledger = await openLedgerWriter(configSchema.parse({ data }));
  const other = createServer((_request, response) => void response.end('{}')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const elsewhere = ['--config', configFile];
  writeFileSync(configFile, JSON.stringify({ data, server: { api_port: port } }));
  for (const args of [
    ['privacy', 'erase', 'account-77', '--yes'],
    ['directory', 'merge', 'dev-ada-1', 'ada.l@example.com'],
  ])
    await expect(printed([...args, ...elsewhere], { now: NOON })).rejects.toThrow('A collector is running on this ledger, and does not answer.');
  other.close();
  await ledger.close();
});
