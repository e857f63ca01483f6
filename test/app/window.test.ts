/** A whole collector to which records come that are dated outside the window. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { WholeStatus } from '../../collector/query/status.ts';
import { printed } from '../cli/command.ts';
import { costs, logs, startWithTokens, type TokenCollector } from './tokens.ts';

const DAY = 86_400_000;

let data: string | undefined;
let running: TokenCollector | undefined;
afterEach(async () => {
  await running?.stop();
  if (data !== undefined) await rm(data, { recursive: true, force: true });
});
const start = async (config: object): Promise<TokenCollector> => {
  await running?.stop();
  running = await startWithTokens({ a: {} }, config);
  return running;
};

test('sets them aside and shows them, and books them once the window is wider and they come again', async () => {
  data = await mkdtemp(join(tmpdir(), 'ledgerline-window-'));
  const now = Date.now();
  const [old, early] = [now - 500 * DAY, now + 30 * DAY];
  const user = { attributes: { 'user.email': 'alice@example.com' } };
  const bodies = [
    logs({ session: 's', usd: 2, request: 'old', atMs: old, ...user }, { session: 's', usd: 3, request: 'early', atMs: early, ...user }),
    costs([{ session: 's', usd: 2, atMs: old, ...user }]),
  ];
  const booked = logs({ session: 's', usd: 0.5, request: 'now', atMs: now, ...user });
  const first = await start({ data });
  for (const body of [...bodies, booked, ...bodies]) expect(await first.send('a', body)).not.toContain('rejected');
  expect([await first.spend('user'), await first.spend('user', 'cost_set_aside,requests')]).toEqual([
    { 'alice@example.com': '0.50' },
    { 'alice@example.com': '5.00,1' },
  ]);
  expect(await first.session('s')).toMatchObject({ cost_usd: '0.50', cost_usd_set_aside: '5.00' });
  const { refusals, findings, counters } = await first.get<WholeStatus>('status');
  expect(refusals.map(({ kind, detail, count }) => `${kind} ${detail} ${count}`).sort()).toEqual([
    'outside_window ingest_window.ahead_days 2',
    'outside_window ingest_window.back_days 4',
  ]);
  expect(findings.find(({ code }) => code === 'cost_set_aside')?.message).toMatch(/^\$5\.00 is dated outside ingest_window/);
  expect(counters).toMatchObject({ duplicates: 3, conflicts: 0 });
  expect(await printed(['session', 's', '--url', `http://127.0.0.1:${first.collector.ports.api}`])).toContain('$5.00 is set aside');

  const second = await start({ data, ingest_window: { back_days: 1_000 } });
  for (const body of [...bodies, ...bodies]) await second.send('a', body);
  expect(await second.session('s')).toMatchObject({ cost_usd: '2.50', cost_usd_set_aside: '3.00', requests: 2 });
  expect((await second.get<WholeStatus>('status')).counters).toMatchObject({ conflicts: 0 });
});
