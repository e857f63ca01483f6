/** That the bench runs to its end and cleans up; how fast anything is, no test asks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { killChildren, startServer } from './process.ts';

const BENCH = fileURLToPath(new URL('./bench.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-bench-test-'));
});
afterEach(() => {
  killChildren();
  rmSync(folder, { recursive: true });
});

async function bench(...flags: readonly string[]): Promise<{ code: unknown; printed: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', BENCH, ...flags], { env: { ...process.env, TMPDIR: folder } });
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
  expect(printed).toMatch(/^\| memory, backfill: most, with logs, HTTP\/protobuf, backfill +\| +at most 250 MB \|/m);
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

test.each([
  [['--only', 'nothing'], '--only is "nothing", expected one of ingest, clients, scrape, queries.'],
  [['--repeats', '0'], '--repeats is "0", expected a number above 0.'],
  [['--seconds', 'long'], '--seconds is "long", expected a number above 0.'],
  [['--quick', '--write'], '--write needs a whole run: leave out --quick, --only, --case and --repeats.'],
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
