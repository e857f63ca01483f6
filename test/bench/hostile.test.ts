/** That every attack runs, tiny, and that a collector survives it and loses nothing; how long anybody waits, no test asks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ATTACKS } from './hostile/attacks.ts';

const BENCH = fileURLToPath(new URL('./hostile.ts', import.meta.url));
let folder: string;
let results: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-hostile-test-'));
  results = mkdtempSync(join(tmpdir(), 'ledgerline-hostile-results-'));
});
afterEach(() => {
  for (const made of [folder, results]) rmSync(made, { recursive: true });
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

interface Result {
  readonly acknowledged: number;
  readonly differences: readonly string[];
  readonly rounds: readonly { readonly name: string; readonly endedAs?: string; readonly figures: { readonly acknowledged: number } }[];
}

test('no attack ends the collector, and the ledger is what the good clients had acknowledged', async () => {
  const file = join(results, 'hostile.json');
  // The same mutations each time: new ones are looked for by hand, and in memory by every run of the decoder's tests.
  const { code, printed } = await bench('--quick', '--seed', '1', '--output', file);
  if (code !== 0) throw new Error(`The bench ended with ${code}.\n${printed}`);
  const { acknowledged, differences, rounds } = JSON.parse(readFileSync(file, 'utf8')) as Result;
  expect(new Set(rounds.map(({ name }) => name))).toEqual(new Set(['none', ...ATTACKS.map(({ name }) => name)]));
  expect(rounds.filter(({ endedAs }) => endedAs !== undefined)).toEqual([]);
  expect(rounds.filter(({ figures }) => figures.acknowledged === 0)).toEqual([]);
  expect(differences).toEqual([]);
  expect(acknowledged).toBeGreaterThan(rounds.length);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [['--only', 'nothing'], /^--only has "nothing", expected some of empty-records-24, /],
  [['--seconds', 'long'], /^--seconds is "long", expected a number above 0\.\n$/],
  [['--fuzz', 'many'], /^--fuzz is "many", expected a number above 0\.\n$/],
])('%j is answered by a sentence', async (flags, sentence) => {
  expect(await bench(...flags)).toEqual({ code: 2, printed: expect.stringMatching(sentence) });
});
