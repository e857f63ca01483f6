import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROJECT } from '../support/sources.ts';
import { waitFor } from '../support/wait.ts';

describe('the launcher', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledgerline-launcher-'));
    // Counts what it gets for a moment longer, so that a signal passed on twice is seen.
    const script = `let got = '';
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => { got += name; setTimeout(() => { console.log(got); process.exit(7); }, 200); });
      if (process.argv[2] === 'wait') setInterval(() => {}, 1e6);
      console.log(process.versions.node.split('.')[0], ...process.argv.slice(2));`;
    await writeFile(join(folder, 'script.mts'), script);
  });
  afterAll(() => rm(folder, { recursive: true }));

  function launch(...args: readonly string[]) {
    const child = spawn(process.execPath, [join(PROJECT, 'bin/node26.mjs'), join(folder, 'script.mts'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => printed.push(chunk));
    return { child, output: () => printed.join(''), exit: once(child, 'close') };
  }

  test('runs a script on Node 26 with its arguments and gives its exit code', async () => {
    const { output, exit } = launch('a b', '--flag');
    expect(await exit).toEqual([0, null]);
    expect(output()).toMatch(/^(2[6-9]|[3-9]\d) a b --flag\n$/);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on exactly once where there is no terminal', async (signal) => {
    const { child, output, exit } = launch('wait');
    await waitFor('the script', () => output().includes('wait'));
    child.kill(signal);
    expect(await exit).toEqual([7, null]);
    expect(output()).toContain(`\n${signal}\n`);
  });

  test('ends its script when the shell through which npm started it is gone', async () => {
    const command = `"${process.execPath}" "${join(PROJECT, 'bin/node26.mjs')}" "${join(folder, 'script.mts')}" wait; true`;
    const shell = spawn('/bin/sh', ['-c', command], { env: { ...process.env, npm_lifecycle_event: 'up' }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    await waitFor('the script', () => output.includes('wait'));
    shell.kill('SIGTERM');
    await waitFor('the script to be told', () => output.includes('SIGTERM'));
  });
});
