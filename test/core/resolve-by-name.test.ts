import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PROJECT } from '../support/sources.ts';

/** A program that resolves as the command does, and imports what it is given. */
const MAIN = `
  import ${JSON.stringify(join(PROJECT, 'collector/core/resolve-by-name.ts'))};
  await import(process.argv[2]);
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-resolve-'));
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'main.mjs'), MAIN);
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(source: string): { readonly printed: string; readonly error: string } {
  writeFileSync(join(folder, 'asked.mts'), source);
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'main.mjs'), './asked.mts'], { encoding: 'utf8' });
  return { printed: stdout.trim(), error: stderr };
}

test('a module is the same, however its file is written', () => {
  writeFileSync(join(folder, 'word.mjs'), 'export const word = {};\n');
  const source = `import { word as one } from './word.mjs'; import { word as same } from './nothing/../word.mjs'; console.log(one === same);`;
  expect(run(source)).toEqual({ printed: 'true', error: '' });
});

test('packages, those of CommonJS too, are found as ever', () => {
  const source = `import { parse } from 'yaml'; import { Command } from 'commander'; import pg from 'pg'; console.log(parse('a: 1').a, typeof Command, typeof pg.Client);`;
  expect(run(source)).toEqual({ printed: '1 function function', error: '' });
});

test('zod comes in English alone', () => {
  const source = `import { z } from 'zod'; console.log(Object.keys(z.locales).length, z.int().safeParse('1').error.issues[0].message);`;
  expect(run(source)).toEqual({ printed: '0 Invalid input: expected number, received string', error: '' });
});

test('one that is missing is named with its file', () => {
  expect(run(`import './nowhere.mjs';`).error).toContain('nowhere.mjs');
});
