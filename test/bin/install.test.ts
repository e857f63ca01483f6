import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROJECT } from '../support/sources.ts';

type Packages = Record<string, unknown>;

/** A clone of which nothing is installed, and an npm that fails as the real one does. */
describe('npm run up where the packages cannot be installed', () => {
  let clone: string;
  beforeAll(async () => {
    clone = await mkdtemp(join(tmpdir(), 'ledgerline-clone-'));
    await cp(join(PROJECT, 'bin'), join(clone, 'bin'), { recursive: true });
    await cp(join(PROJECT, 'package-lock.json'), join(clone, 'package-lock.json'));
    await mkdir(join(clone, 'path'));
  });
  afterAll(() => rm(clone, { recursive: true }));

  async function up(npm?: string): Promise<{ readonly code: unknown; readonly output: string }> {
    const file = join(clone, 'path/npm');
    if (npm === undefined) await rm(file, { force: true });
    else await writeFile(file, `#!/bin/sh\necho '${npm}' >&2\nexit 1\n`).then(() => chmod(file, 0o755));
    const child = spawn(process.execPath, [join(clone, 'bin/up.mjs')], { env: { PATH: join(clone, 'path') }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    const [code] = await once(child, 'close');
    return { code, output };
  }

  test.each([
    ['npm error code ENOTFOUND', 'The package registry cannot be reached.'],
    ['npm error code EACCES', 'npm may not write here.'],
    ['npm error code ENOSPC', 'The disk is full.'],
    ['npm error code E401', 'The package registry refuses access.'],
    ['npm error code EUSAGE', 'package.json and package-lock.json disagree.'],
    ['npm error something new', 'npm\'s own words are above; "npm ci" repeats it on its own.'],
  ])('"%s" becomes the remedy "%s"', async (said, remedy) => {
    const { code, output } = await up(said.replaceAll("'", ''));
    expect(code).toBe(1);
    expect(output).toContain(`${said}\nThe packages could not be installed ("npm ci" failed).\n${remedy}`);
    expect(output).not.toContain('    at ');
  });

  test.each([
    ['the very packages of the lockfile', 'true', (packages: Packages) => packages],
    ['a package in another version', 'false', (packages: Packages) => ({ ...packages, 'node_modules/yaml': { version: '0.0.1' } })],
    ['a package less', 'false', ({ 'node_modules/yaml': _yaml, ...packages }: Packages) => packages],
  ])('a node_modules that somebody else filled with %s is enough: %s', async (_what, enough, filled) => {
    const { packages } = JSON.parse(await readFile(join(clone, 'package-lock.json'), 'utf8'));
    await mkdir(join(clone, 'node_modules'));
    await writeFile(join(clone, 'node_modules/.package-lock.json'), JSON.stringify({ packages: filled(packages) }));
    await utimes(join(clone, 'node_modules/.package-lock.json'), 0, 0);
    const script = `console.log((await import(${JSON.stringify(join(clone, 'bin/install.mjs'))})).isInstalled())`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
    await rm(join(clone, 'node_modules'), { recursive: true });
    expect(output).toBe(`${enough}\n`);
  });

  test('a node_modules shared by a link is left alone', async () => {
    const shared = join(clone, 'shared');
    await mkdir(shared);
    await writeFile(join(shared, 'kept'), '');
    await symlink(shared, join(clone, 'node_modules'));
    const { code, output } = await up('npm ran');
    await rm(join(clone, 'node_modules'));
    expect(code).toBe(1);
    expect(output).toMatch(/^node_modules is a link, .*\nRemove the link and try again.\n$/);
    expect(await readdir(shared)).toEqual(['kept']);
  });

  test('a missing npm is named', async () => {
    const { code, output } = await up();
    expect(code).toBe(1);
    expect(output).toContain('There is no npm on the PATH.\nInstall Node.js 20 or newer together with npm, then try again.\n');
  });
});
