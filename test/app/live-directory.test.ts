/** A running collector attributes what it receives by the directory as it is: a changed file, and what came over SCIM, without a restart. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { watchDirectory } from '../../collector/app/live-directory.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { DirectoryReader, DirectoryStore } from '../../collector/directory/store.ts';
import { openDirectoryStore } from '../../collector/storage/sqlite/directory-store.ts';
import { silentLog } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-live-directory-'));
let collector: Collector | undefined;
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tokens = ['scim', 'ingest', 'read'].map((role) => ({ name: role, role, sha256: createHash('sha256').update(`t-${role}`).digest('hex') }));
const bearer = (role: string) => ({ authorization: `Bearer t-${role}`, 'content-type': 'application/json' });

test('a changed file and SCIM should count from the next record on', async () => {
  const file = join(folder, 'directory.yaml');
  writeFileSync(file, 'people: { bob@example.com: { team: search } }');
  const config = configSchema.parse({
    data: join(folder, 'data'),
    server: { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 },
    attribution: { directory_file: file },
    directory: { feeds: [{ type: 'scim' }] },
    auth: { tokens },
  });
  collector = await startCollector(config, silentLog());
  const { otlpHttp, api } = collector.ports;
  let sent = 0;
  /** The team that the next record of the user is booked on. */
  const teamNow = async (user: string): Promise<string | undefined> => {
    const session = `session-${sent++}`;
    const attributes = Object.entries({
      ...{ 'event.name': 'api_request', 'session.id': session, 'user.email': user, model: 'claude-opus-5-5', cost_usd: '0.5', request_id: session },
    }).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const record = { timeUnixNano: String(BigInt(Date.now()) * 1_000_000n), body: { stringValue: 'claude_code.api_request' }, attributes };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'claude-code' } }] };
    const body = JSON.stringify({
      resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events' }, logRecords: [record] }] }],
    });
    const answer = await fetch(`http://127.0.0.1:${otlpHttp}/v1/logs`, { method: 'POST', headers: bearer('ingest'), body });
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    const read = await fetch(`http://127.0.0.1:${api}/api/v1/sessions/${session}`, { headers: bearer('read') });
    return ((await read.json()) as { team?: string }).team;
  };
  const scim = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${api}/scim/v2${path}`, { method: 'POST', headers: bearer('scim'), body: JSON.stringify(body) });
    return String(((await answer.json()) as { id?: string }).id);
  };
  expect([await teamNow('bob@example.com'), await teamNow('ada@example.com')]).toEqual(['search', 'unallocated']);
  const ada = await scim('/Users', { userName: 'ada@example.com' });
  await scim('/Groups', { displayName: 'Platform', members: [{ value: ada }] });
  await waitFor('SCIM counts', async () => (await teamNow('ada@example.com')) === 'Platform');
  writeFileSync(file, 'people: { bob@example.com: { team: data } }');
  await waitFor('the file counts', async () => (await teamNow('bob@example.com')) === 'data');
  writeFileSync(file, 'people: { bob@example.com: [');
  const shown = await fetch(`http://127.0.0.1:${api}/api/v1/directory/users/ada%40example.com`, { headers: bearer('read') });
  expect(await shown.json()).toMatchObject({ team: 'Platform', feeds: ['scim'] });
}, 240_000);

describe('what comes over SCIM', () => {
  const config = configSchema.parse({ directory: { feeds: [{ type: 'scim' }] } });
  const stores: DirectoryStore[] = [];
  const storeIn = (name: string): DirectoryStore => {
    const store = openDirectoryStore(join(folder, name));
    stores.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });
  /** The user has one more address with each change. */
  const change = (store: DirectoryStore, count: number) =>
    store.changing((own) =>
      own.write(
        'User',
        'a',
        {},
        [
          { fact: 'login', value: 'ada' },
          { fact: 'name', value: `name-${count}` },
        ],
        count,
      ),
    );

  test('should be read when it has been still for a while, within half a minute while it goes on, and at once when asked', async () => {
    const store = storeIn('pace.sqlite');
    let [elapsedMs, looks, reads, changes] = [0, 0, 0, 0];
    const reader: DirectoryReader = {
      revision: () => store.revision().finally(() => looks++),
      stored: () => store.stored().finally(() => reads++),
      close: async () => undefined,
    };
    const live = await watchDirectory({ config, store: reader, lookMs: 5, elapsedMs: () => elapsedMs });
    /** Another look has begun and ended since. */
    const looked = async (): Promise<number> => {
      const before = looks;
      await waitFor('two looks', () => looks > before + 1);
      return reads;
    };
    const second = async ({ isChanged }: { isChanged: boolean }): Promise<number> => {
      if (isChanged) await change(store, changes++);
      const seen = await looked();
      elapsedMs += 1_000;
      return seen;
    };
    try {
      for (let count = 0; count < 10; count++) expect(await second({ isChanged: true })).toBe(1);
      expect(live.now().canonical('name-0', 1)).toBe('name-0');
      for (let count = 0; count < 3; count++) await second({ isChanged: false });
      await waitFor('the change', () => live.now().canonical('name-9', 10) === 'ada');
      expect(reads).toBe(2);
      const seen: number[] = [];
      for (let count = 0; count < 40; count++) seen.push(await second({ isChanged: true }));
      expect([seen[20], seen.at(-1)]).toEqual([2, 3]);
      await change(store, changes);
      await live.look();
      expect([reads, live.now().canonical(`name-${changes}`, changes)]).toEqual([4, 'ada']);
    } finally {
      await live.close();
    }
  });

  test('should be read in turns with everything else, however many users there are', async () => {
    const store = storeIn('many.sqlite');
    const ids = Array.from({ length: 2_000 }, (_, index) => `u${index}`);
    await store.changing(async (own) => {
      for (const id of ids)
        await own.write(
          'User',
          id,
          {},
          [
            { fact: 'login', value: id },
            { fact: 'email', value: `${id}@example.com` },
          ],
          1,
        );
      const members = ids.map((value) => ({ fact: 'member' as const, value }));
      await own.write('Group', 'g', {}, [{ fact: 'title', value: 'Everyone' }, ...members], 1);
    });
    let [turns, isOver] = [0, false];
    const counting = (): void => {
      turns++;
      if (!isOver) setImmediate(counting);
    };
    counting();
    const live = await watchDirectory({ config, store });
    isOver = true;
    await live.close();
    expect(live.now().person('u7@example.com', 1)).toEqual({ team: 'Everyone' });
    // Six thousand rows and then their users, several times, some hundreds in each turn.
    expect(turns).toBeGreaterThan(20);
  });
});
