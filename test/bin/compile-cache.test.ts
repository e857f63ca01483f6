import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PROJECT } from '../support/sources.ts';

/** A program of two modules of TypeScript that keeps compiled code as the command does, and says where; then, what one of them has. */
const MAIN = `
  import { keepCompiledCode } from ${JSON.stringify(join(PROJECT, 'bin/compile-cache.mjs'))};
  import { getCompileCacheDir } from 'node:module';
  keepCompiledCode();
  const { word } = await import('./word.mts');
  console.log(getCompileCacheDir() ?? 'none', word());
`;

describe('compiled code', () => {
  let folder: string;
  let home: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-compiled-'));
    home = join(folder, 'home');
    mkdirSync(home, { mode: 0o755 });
    writeFileSync(join(folder, 'main.mjs'), MAIN);
    say('first');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const say = (word: string): void => writeFileSync(join(folder, 'word.mts'), `export const word = (): string => '${word}';\n`);

  /** Where it is kept, and what the program printed. */
  function run(env: Readonly<Record<string, string>> = {}): { readonly kept: string; readonly word: string } {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, 'main.mjs')], { env: { HOME: home, ...env }, encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const [kept = '', word = ''] = stdout.trim().split(' ');
    return { kept, word };
  }

  const own = (): string => join(home, '.cache/ledgerline');

  test('is kept where only this user can write, and found again', () => {
    expect(run().kept.startsWith(own())).toBe(true);
    expect(statSync(own()).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, '.cache')).mode & 0o777).toBe(0o700);
    const files = readdirSync(own(), { recursive: true });
    expect(files.length).toBeGreaterThan(1);
    expect(run().word).toBe('first');
    expect(readdirSync(own(), { recursive: true })).toEqual(files);
  });

  test('is that of the source as it is now', () => {
    run();
    say('second');
    expect(run().word).toBe('second');
    expect(run().word).toBe('second');
  });

  test('lies where XDG_CACHE_HOME says', () => {
    const cache = join(folder, 'cache');
    mkdirSync(cache);
    expect(run({ XDG_CACHE_HOME: cache }).kept.startsWith(join(cache, 'ledgerline'))).toBe(true);
  });

  test('lies where NODE_COMPILE_CACHE says, and nowhere where Node is to keep none', () => {
    expect(run({ NODE_COMPILE_CACHE: join(folder, 'other') }).kept.startsWith(join(folder, 'other'))).toBe(true);
    expect(run({ NODE_DISABLE_COMPILE_CACHE: '1' }).kept).toBe('none');
    expect(run({ NODE_V8_COVERAGE: join(folder, 'coverage') }).kept).toBe('none');
    expect(existsSync(own())).toBe(false);
  });

  test.each<[string, () => void]>([
    ['the folder can be written to by others', () => mkdirSync(own(), { recursive: true }) && chmodSync(own(), 0o777)],
    ['the folder around it can be', () => mkdirSync(own(), { recursive: true }) && chmodSync(join(home, '.cache'), 0o777)],
    ['the home can be, in which it would be made', () => chmodSync(home, 0o777)],
    ['there is no home', () => rmSync(home, { recursive: true })],
    ['a file stands in its place', () => writeFileSync(join(home, '.cache'), '')],
    [
      'it is a link to a folder that others can write to',
      () => {
        const shared = join(folder, 'shared');
        mkdirSync(shared);
        chmodSync(shared, 0o777);
        mkdirSync(join(home, '.cache'));
        symlinkSync(shared, own());
      },
    ],
  ])('is not kept where %s', (_, prepare) => {
    prepare();
    expect(run()).toEqual({ kept: 'none', word: 'first' });
  });

  test('is not kept in a folder of another user', () => {
    if (process.getuid?.() !== 0) return expect(run({ XDG_CACHE_HOME: '/var/cache' }).kept).toBe('none');
    const given = spawnSync('chown', ['65534', home]);
    expect(given.status).toBe(0);
    expect(run().kept).toBe('none');
    expect(existsSync(own())).toBe(false);
  });
});
