/** What the command does where a store is slow, refuses or fails, and where its options cannot be. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { backfillCommand } from '../../../collector/cli/backfill.ts';
import { VERSION } from '../../../collector/core/version.ts';
import { closedPort } from '../../support/closed-port.ts';
import { event } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';

const START = Date.parse('2025-09-01T09:20:00Z');
const NOW = Date.parse('2025-09-01T10:05:00Z');

let ledger: TestLedger;
let empty: TestLedger;
let store: Server;
let url: string;
/** What the store answers next; 204 when there is nothing. */
let answers: number[] = [];
let received: { body: string; authorization: string | undefined }[] = [];
let waits: number[] = [];

beforeAll(async () => {
  ledger = await openTestLedger();
  empty = await openTestLedger();
  const entries = [
    event({ id: '1', cost: '0.25', timeMs: START }),
    event({ id: '2', cost: '1.5', timeMs: START + 30 * 60_000, amounts: { requests: 1 } }),
  ];
  await ledger.writer.append({ entries, receivedMs: NOW });
  store = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    received.push({ body, authorization: request.headers.authorization });
    const status = answers.shift() ?? 204;
    response.writeHead(status).end(status === 204 ? '' : 'because');
  });
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
  // listen() on a TCP port: the address is an object.
  url = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;
});
afterAll(async () => {
  store.closeAllConnections();
  store.close();
  await ledger.destroy();
  await empty.destroy();
});
beforeEach(() => {
  [answers, received, waits] = [[], [], []];
});

/** By the command that ran last. */
let printed: string[] = [];

async function run(args: readonly string[], from = ledger, to = ['--to', '2025-09-01T10:05:00Z']): Promise<string> {
  printed = [];
  const out = (text: string): unknown => printed.push(text);
  const wait = async (ms: number): Promise<unknown> => waits.push(ms);
  const command = backfillCommand({ out, err: out, env: {}, now: () => NOW, color: false }, { fetch, wait });
  await command.parseAsync([...args.slice(0, 1), ...to, ...args.slice(1), '--data', dirname(from.file)], { from: 'user' });
  return printed.join('\n');
}

const cost = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('ledgerline_cost_usd{'));

describe('the samples', () => {
  test('are lifetime totals on whole quarters of an hour, under the labels of the scrape', async () => {
    const text = await run(['prometheus', '--job', 'j', '--instance', 'i:1', '--label', 'cluster=eu']);
    const labels = 'job="j",instance="i:1",cluster="eu",organization="unallocated",team="platform",user="alice@example.com",model="claude-opus-5-5"';
    const seconds = (time: string): number => Date.parse(`2025-09-01T${time}Z`) / 1000;
    expect(cost(text)).toEqual([
      `ledgerline_cost_usd{${labels}} 0.25 ${seconds('09:30')}`,
      `ledgerline_cost_usd{${labels}} 0.25 ${seconds('09:45')}`,
      `ledgerline_cost_usd{${labels}} 1.75 ${seconds('10:00')}`,
    ]);
    const builds = text.split('\n').filter((line) => line.startsWith('ledgerline_build_info'));
    expect(builds).toHaveLength(41);
    expect(builds[0]).toBe(`ledgerline_build_info{job="j",instance="i:1",cluster="eu",version="${VERSION}"} 1 ${seconds('00:00')}`);
    expect(text).toContain('\n# EOF\n');
  });

  test('within a quarter of an hour repeat the last full one', async () => {
    const text = await run(['prometheus', '--step', '5m', '--from', '2025-09-01T09:45:00Z']);
    expect(cost(text).map((line) => line.split(' ').at(-2))).toEqual(['0.25', '0.25', '0.25', '1.75', '1.75']);
  });

  test('for blocks end three hours ago, unless given: what is newer is still in the memory of a Prometheus', async () => {
    const text = await run(['prometheus', '--from', '2025-09-01'], ledger, []);
    expect(cost(text)).toEqual([]);
    expect(text).toContain('2025-09-01T00:00Z to 2025-09-01T07:00Z.');
  });

  test('from a later day on still count everything since the beginning', async () => {
    const text = await run(['prometheus', '--from', '2025-09-01T10:00:00Z']);
    expect(cost(text).map((line) => line.split(' ').at(-2))).toEqual(['1.75']);
  });
});

describe('a store that', () => {
  test('is overloaded for a while is asked again, ever more slowly', async () => {
    answers = [503, 429, 500];
    expect(await run(['victoriametrics', '--url', url])).toContain('2025-09-01T00:00Z to 2025-09-01T10:00Z.');
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  test('stays down ends the command, which says where and what to do', async () => {
    answers = Array.from({ length: 7 }, () => 503);
    await expect(run(['victoriametrics', '--url', url])).rejects.toMatchObject({
      code: 'unavailable',
      message: `${url}/api/v1/import/prometheus still failed after 7 tries: 503 because`,
    });
  });

  test('goes down on the way: the command says from where to go on', async () => {
    const long = ['remote-write', '--url', url, '--from', '2025-08-01T00:00:00Z', '--step', '1m'];
    answers = Array.from({ length: 7 }, () => 503);
    await expect(run(long, ledger, [])).rejects.toThrow('after 7 tries');
    expect(printed.join()).not.toContain('--from');
    answers = [204, ...Array.from({ length: 7 }, () => 503)];
    await expect(run(long, ledger, [])).rejects.toThrow('after 7 tries');
    // Eight series of a sample each minute until the ledger's first record: 2,500 minutes are 1 day, 17 hours and 40 minutes.
    expect(printed.at(-1)).toBe('20,000 samples were accepted. To continue from there: --from 2025-08-02T17:39:00.000Z');
  });

  test('is not there ends the command too', async () => {
    const closed = await closedPort();
    await expect(run(['remote-write', '--url', `http://127.0.0.1:${closed.port}`])).rejects.toThrow('ECONNREFUSED');
    closed.release();
  });

  test('wants a token gets the one in the file, and the error does not show it', async () => {
    const file = join(dirname(ledger.file), 'token.txt');
    writeFileSync(file, 'secret-token\n');
    answers = [401];
    await expect(run(['remote-write', '--url', url])).rejects.toMatchObject({ hint: expect.stringContaining('--token-file') });
    await run(['remote-write', '--url', url, '--token-file', file]);
    expect(received.map(({ authorization }) => authorization)).toEqual([undefined, 'Bearer secret-token']);
    answers = [400];
    const error: unknown = await run(['remote-write', '--url', url, '--token-file', file]).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('responded with 400: because');
    expect(JSON.stringify(error)).not.toContain('secret-token');
  });
});

test.each([
  [['prometheus', '--step', '7m'], '--step 7m'],
  [['prometheus', '--step', '0m'], '--step 0m'],
  [['prometheus', '--step', '2d'], '--step 2d'],
  [['prometheus', '--label', 'cluster'], '--label cluster'],
  [['prometheus', '--promtool', 'promtool'], '--tsdb'],
  [['prometheus', '--from', '2025-09-03', '--to', '2025-09-02'], 'is not after'],
  [['prometheus', '--from', '2025-09-03', '--to', '2025-09-04'], 'no whole step'],
  [['prometheus', '--promtool', '/nowhere/promtool', '--tsdb', '/nowhere'], '/nowhere/promtool cannot be run'],
  [['victoriametrics', '--url', 'localhost:8428'], '--url localhost:8428'],
  [
    ['victoriametrics', '--url', 'http://me:secret@127.0.0.1:8428'],
    /^--url carries a user or a password, which other processes of this machine could read\.$/,
  ],
])('%p is refused with its reason', async (args, reason) => {
  await expect(run(args)).rejects.toThrow(reason);
  expect(received).toEqual([]);
});

test('an empty ledger has no past', async () => {
  await expect(run(['prometheus'], empty)).rejects.toThrow('The ledger is empty.');
});
