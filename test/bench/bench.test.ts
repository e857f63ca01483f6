/** That the bench runs to its end and cleans up; how fast anything is, no test asks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const BENCH = fileURLToPath(new URL('./bench.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-bench-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

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
  expect(printed).toMatch(/durable over discard: metrics/);
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
  [['--only', 'nothing'], '--only is "nothing", expected one of ingest, scrape, queries.'],
  [['--repeats', '0'], '--repeats is "0", expected a number above 0.'],
  [['--seconds', 'long'], '--seconds is "long", expected a number above 0.'],
  [['--quick', '--write'], '--write needs a whole run: leave out --quick, --only, --case and --repeats.'],
])('%j is answered by a sentence', async (flags, sentence) => {
  expect(await bench(...flags)).toEqual({ code: 2, printed: `${sentence}\n` });
});
