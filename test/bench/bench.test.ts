/** That the bench runs to its end and cleans up; how fast anything is, no test asks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findBackend } from '../support/backends-find.ts';
import { closedPort } from '../support/closed-port.ts';
import { StandInServer } from '../support/stand-in-server.ts';
import { isInMemory } from './disk.ts';
import { killChildren, startServer } from './process.ts';

const BENCH = 'bench.ts';
/** Where files of the system lie in memory, those that outlive a start of the machine do not. */
const ON_DISK = isInMemory(tmpdir()) ? '/var/tmp' : tmpdir();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(ON_DISK, 'ledgerline-bench-test-'));
});
afterEach(() => {
  killChildren();
  rmSync(folder, { recursive: true });
});

const bench = (...flags: readonly string[]): Promise<{ code: unknown; printed: string }> => run(BENCH, flags, folder);

async function run(script: string, flags: readonly string[], temporary: string): Promise<{ code: unknown; printed: string }> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...flags], { env: { ...process.env, TMPDIR: temporary } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, printed };
}

/** What it printed; that is the failure, too. */
async function benchWell(...flags: readonly string[]): Promise<string> {
  const { code, printed } = await bench(...flags);
  if (code !== 0) throw new Error(`The bench ended with ${code}.\n${printed}`);
  return printed;
}

test('ingest is measured durable and discarded, over HTTP and gRPC, and nothing is refused', async () => {
  const printed = await benchWell('--quick', '--only', 'ingest', '--seconds', '0.2', '--entries', '20000');
  expect(printed).toMatch(/^\| logs, HTTP\/protobuf +\| +[\d,]+ \|/m);
  expect(printed).toMatch(/^\| logs, gRPC +\| +[\d,]+ \|/m);
  expect(printed).toMatch(/^\| after the measurements of ingest \| +[\d,]+ \|/m);
  expect(printed).toMatch(/^\| CPU, durable over discard: metrics, HTTP\/protobuf +\| +at most 3.00 \|/m);
  expect(printed).toMatch(/^\| written per export, live: most, with .+\| +at most 15 kB \|/m);
  expect(printed).toMatch(/^\| memory, backfill: most, after logs, HTTP\/protobuf, backfill +\| +at most 250 MB \|/m);
  expect(printed).toMatch(/^\| latency, p99 over p50, live: most, with .+\| +at most 2.00 \|/m);
  expect(printed).not.toContain('peer');
  expect(readdirSync(folder)).toEqual([]);
});

/** The cells of each line of a table of Markdown, by the first of them. */
function tableOf(printed: string, title: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const part = printed.split(`## ${title}\n\n`)[1]?.split('\n\n')[0] ?? '';
  const [heads = [], , ...rows] = part.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(rows.map((cells) => [cells[1] ?? '', new Map(heads.map((head, index) => [head, cells[index] ?? '']))]));
}

test('a peer has columns of its own, and none on lines whose transport it does not have', async () => {
  // What has no ledger writes nothing.
  const peer = await startServer('discard', folder);
  const flags = ['--peer', `http://127.0.0.1:${peer.ports.http}`, '--peer-pid', String(peer.pid)];
  const lines = ['--case', 'logs, HTTP/protobuf', '--case', 'logs, gRPC'];
  const printed = await benchWell('--quick', '--seconds', '0.2', '--entries', '20000', ...lines, ...flags);
  const [rates, taken] = [tableOf(printed, 'Ingest'), tableOf(printed, 'What an export takes of the server')];
  expect([...rates.keys()]).toEqual(['logs, HTTP/protobuf', 'logs, gRPC']);
  expect(rates.get('logs, HTTP/protobuf')?.get('peer exports/s')).toMatch(/^[\d,]+$/);
  // Two tenths of a second on a machine that does much else: the ratio may be printed as 0.00.
  expect(rates.get('logs, HTTP/protobuf')?.get('durable over peer')).toMatch(/^\d+\.\d\d$/);
  expect(rates.get('logs, gRPC')?.get('peer exports/s')).toBe('');
  expect(Number(taken.get('logs, HTTP/protobuf')?.get('peer CPU ms'))).toBeGreaterThan(0);
  expect(Number(taken.get('logs, HTTP/protobuf')?.get('peer RSS MB'))).toBeGreaterThan(20);
  expect(taken.get('logs, HTTP/protobuf')?.get('peer kB written')).toBe('0.00');
  expect(printed).toMatch(/^\| exports\/s, durable over peer: logs, HTTP\/protobuf +\| +at least 2.00 \|/m);
  expect(printed).not.toMatch(/durable over peer: logs, gRPC/);
});

/** Takes what is not compressed, and takes it whole. */
class PickyPeer extends StandInServer {
  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await request.toArray();
    response.writeHead(request.headers['content-encoding'] === 'gzip' ? 503 : 200, { 'content-length': 0 }).end();
  }
}

test('a peer that refuses a line has no figures of it, and ends nothing', async () => {
  const peer = await new PickyPeer().start();
  const lines = ['--case', 'logs, HTTP/protobuf', '--case', 'logs, HTTP/protobuf, gzip'];
  const printed = await benchWell(
    '--quick',
    '--seconds',
    '0.2',
    '--entries',
    '20000',
    '--remark',
    'Beside a picky peer.',
    ...lines,
    '--peer',
    peer.url,
  );
  await peer.stop();
  const rates = tableOf(printed, 'Ingest');
  expect(rates.get('logs, HTTP/protobuf')?.get('peer exports/s')).toMatch(/^[\d,]+$/);
  expect(rates.get('logs, HTTP/protobuf, gzip')?.get('durable exports/s')).toMatch(/^[\d,]+$/);
  expect(rates.get('logs, HTTP/protobuf, gzip')?.get('peer exports/s')).toBe('');
  const [, refused, sent] =
    /^The peer has no figures of logs, HTTP\/protobuf, gzip: The peer refused ([\d,]+) of ([\d,]+) exports\.$/m.exec(printed) ?? [];
  expect(refused).toMatch(/^[\d,]+$/);
  expect(sent).toBe(refused);
  expect(printed.indexOf('Beside a picky peer.')).toBeLessThan(printed.indexOf('## Ingest'));
});

test('a peer that is not there is named before anything is measured', async () => {
  const { port, release } = await closedPort();
  expect(await bench('--quick', '--peer', `http://127.0.0.1:${port}`)).toEqual({
    code: 2,
    printed: `The peer failed: connect ECONNREFUSED 127.0.0.1:${port}\n`,
  });
  release();
  expect(readdirSync(folder)).toEqual([]);
});

test('starts, the demo and the first board stand beside their floors', async () => {
  const printed = await benchWell('--quick', '--only', 'starts');
  expect(printed).toMatch(/^\| start of `report`, the file +\| +under 150 ms, or 2 times the floor \|/m);
  expect(Number(tableOf(printed, '5 days of the demo, s').get('durable')?.get('median'))).toBeGreaterThan(0);
  expect(printed).toMatch(/^\| 5 days of the demo +\| +under 5 s \| +[\d.]+ s \(discard [\d.]+, ratio \d+\.\d\d\) \|/m);
  const isFound = findBackend('chromium').kind !== 'none';
  expect(printed).toMatch(
    isFound
      ? /^\| first paint of the first board, nothing cached +\| +under 500 ms \| +[\d.]+ ms \(an almost empty page [\d.]+\) \|/m
      : /^The first paint of the first board was not measured: no chromium/m,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('clients are connected and stay it', async () => {
  const printed = await benchWell('--quick', '--only', 'clients', '--seconds', '0.2', '--entries', '20000');
  const connected = tableOf(printed, 'Connected clients at 100 exports/s');
  expect([...connected.keys()]).toEqual(['only those that send', '500 more, idle']);
  expect(Number(connected.get('500 more, idle')?.get('RSS MB'))).toBeGreaterThan(20);
  expect(printed).toMatch(/^\| memory with 500 connected clients \| at most 400 MB \|/m);
  expect(readdirSync(folder)).toEqual([]);
});

test('a ledger is filled and asked in process and over REST', async () => {
  const printed = await benchWell('--quick', '--only', 'queries', '--seconds', '0.2', '--entries', '10000');
  expect(printed).toContain('## Questions to 10,000 entries');
  expect(printed).toMatch(/^\| one session +\|/m);
  expect(printed).toContain('## Ingest into that ledger');
  expect(readdirSync(folder)).toEqual([]);
});

test('an unknown line is answered with all there are', async () => {
  const { code, printed } = await bench('--case', 'logs');
  expect(code).toBe(2);
  expect(printed).toMatch(/^--case is "logs", expected one of:\n {2}logs, HTTP\/protobuf\n(.*\n)* {2}logs, HTTP\/protobuf, backfill\n/);
});

test.each<[string[], string]>([
  [['--only', 'nothing'], '--only is "nothing", expected one of ingest, clients, scrape, queries, starts.'],
  [['--repeats', '0'], '--repeats is "0", expected a number above 0.'],
  [['--seconds', 'long'], '--seconds is "long", expected a number above 0.'],
  ...[['--quick'], ['--entries', '1000'], ['--seconds', '1'], ['--profile', 'profiles']].map((flags): [string[], string] => [
    [...flags, '--write'],
    '--write needs a whole run: leave out --quick, --only, --case, --repeats, --seconds, --entries and --profile.',
  ]),
  [['--peer', 'http://127.0.0.1:4318', '--write'], '--write beside a peer needs --remark with its name, its version and its configuration.'],
  [['--only', 'scrape', '--case', 'logs, gRPC'], '--case is a line of ingest: leave out --only.'],
  [
    ['--peer', 'http://otel.example.com:4318'],
    '--peer is "http://otel.example.com:4318", expected http://127.0.0.1:PORT. A peer runs on this machine, as our own servers do.',
  ],
  [
    ['--peer-grpc', 'http://127.0.0.1:99999'],
    '--peer-grpc is "http://127.0.0.1:99999", expected http://127.0.0.1:PORT. A peer runs on this machine, as our own servers do.',
  ],
  [['--peer-pid', '1'], '--peer-pid needs --peer or --peer-grpc.'],
  [['--peer', 'http://127.0.0.1:4318', '--peer-pid', 'otelcol'], '--peer-pid is "otelcol", expected the number of a process.'],
  [
    ['--peer', 'http://localhost:4318/', '--peer-pid', '4194304'],
    '--peer-pid is "4194304", and /proc/4194304 cannot be read: the process has to run here, as the same user.',
  ],
])('%j is answered by a sentence', async (flags, sentence) => {
  expect(await bench(...flags)).toEqual({ code: 2, printed: `${sentence}\n` });
});

test.each([
  ['startup.ts', ['abc'], 'rounds is "abc", expected a whole number above 0.'],
  ['stages.ts', ['--group', '0'], '--group is "0", expected a whole number above 0.'],
  ['stores.ts', ['--seconds', 'ten'], '--seconds is "ten", expected a number above 0.'],
  ['stores.ts', ['--version', '17'], '--version is "17", expected 15 or 18.'],
  ['soak.ts', ['--users', '1.5'], '--users is "1.5", expected a whole number above 0.'],
])('%s %j is answered by a sentence', async (script, flags, sentence) => {
  expect(await run(script, flags, folder)).toEqual({ code: 2, printed: `${sentence}\n` });
});

test.each([BENCH, 'soak.ts'])('%s does not write to memory', async (script) => {
  const sentence = '/dev/shm is in memory: set TMPDIR to a folder on a disk.';
  expect(await run(script, [], '/dev/shm')).toEqual({ code: 2, printed: `${sentence}\n` });
});
