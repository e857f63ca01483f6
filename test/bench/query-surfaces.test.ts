/** That every question of the registry and every export is measured, over a small ledger; how fast anything is, no test asks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ALL_QUESTIONS } from '../../collector/api/api.ts';

const BENCH = fileURLToPath(new URL('./query-surfaces.ts', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-bench-query-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('each question is put and all rows are read, and nothing is left behind', async () => {
  const flags = ['--disable-warning=ExperimentalWarning', BENCH, '--quick', '--entries', '10000', '--times', '1'];
  const child = spawn(process.execPath, flags, { env: { ...process.env, TMPDIR: folder } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [code] = await once(child, 'close');
  expect({ code, printed }).toEqual({ code: 0, printed: expect.stringContaining('## Exports') });
  for (const { path } of ALL_QUESTIONS) expect(printed).toMatch(new RegExp(`^\\| ${path.replaceAll(/\{\w+\}/g, '[^ ?]+')}(?:\\?\\S+)? +\\|`, 'm'));
  expect(readdirSync(folder)).toEqual([]);
});
