/** ledgerline statusline: prints and installs what clients run, and is a status line itself. What the script does is in test/guard/client/. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { read, sources } from '../support/sources.ts';
import { printed, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-statusline-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CLIENT = 'collector/guard/client';
const INPUT = JSON.stringify({ model: { display_name: 'Opus 5.5' }, context_window: { used_percentage: 12 } });
const LINE = 'Opus 5.5 | 12 % context\n';

test('script prints one file that has all', async () => {
  const text = await printed(['statusline', 'script']);
  const [first = '', ...rest] = read(`${CLIENT}/statusline.sh`).split(/^case \$0 in .*\nPROGRAM=.*\n/m);
  expect(rest).toHaveLength(1);
  const programs = sources('.awk').filter((path) => path.startsWith(CLIENT));
  expect(programs).toHaveLength(3);
  for (const part of [first, ...rest, ...programs.map(read)]) expect(text).toContain(part.trimEnd());
  // A shell would take it for the end of the program.
  for (const path of programs) expect(read(path)).not.toContain("'");
});

test('install writes it, executable for all, also over an older one, and prints the settings that name it', async () => {
  const target = join(folder, 'deep', "it's here");
  for (let round = 0; round < 2; round++) {
    const settings = JSON.parse((await printed(['statusline', 'install', target])).replace(/^Wrote .*\n/gm, ''));
    expect(settings).toEqual({
      env: { LEDGERLINE_URL: 'https://ledgerline.example.com', LEDGERLINE_TOKEN: 'REPLACE-WITH-THE-TOKEN' },
      statusLine: { type: 'command', command: `'${target.replace("'", "'\\''")}/statusline.sh'`, refreshInterval: 30 },
    });
    const { command } = settings.statusLine;
    expect(execFileSync('sh', ['-c', command], { input: INPUT, env: { PATH: process.env.PATH, LEDGERLINE_CACHE_DIR: folder } }).toString()).toBe(
      LINE,
    );
  }
  expect(statSync(join(target, 'statusline.sh')).mode & 0o555).toBe(0o555);
  expect(readFileSync(join(target, 'statusline.sh'), 'utf8').trimEnd()).toBe(await printed(['statusline', 'script']));
});

test('is a status line', async () => {
  const env = { LEDGERLINE_CACHE_DIR: folder };
  expect(await run(['statusline'], { input: INPUT, env })).toMatchObject({ out: LINE, err: '', code: 0 });
  const args = ['statusline', '--format', '{model} {context_percent} | {today}', '--width', '80', '--no-color'];
  expect(await run(args, { input: INPUT, env })).toMatchObject({ out: 'Opus 5.5 12 %\n', err: '', code: 0 });
});

test('prints nothing on failure, and ends with 0', async () => {
  const env = { LEDGERLINE_CACHE_DIR: folder };
  expect(await run(['statusline'], { input: 'no JSON', env })).toMatchObject({ out: '', err: '', code: 0 });
  expect(await run(['statusline'], { input: INPUT, env: { PATH: '/dev/null' } })).toMatchObject({ out: '', err: '', code: 0 });
});

test('--check ends with an error where something is wrong', async () => {
  const wrong = await run(['statusline', '--check', '--format', '{bugdet}'], { env: { LEDGERLINE_CACHE_DIR: folder } });
  expect(wrong).toMatchObject({ out: '', err: 'statusline: there is no field {bugdet} in the template: {bugdet}\n', code: 2 });
  const shellless = await run(['statusline', '--check'], { env: { PATH: '/dev/null' } });
  expect(shellless).toMatchObject({ out: '', code: 2 });
  expect(shellless.err).toContain('ledgerline statusline: ');
});

test('docs/statusline.md has every field of the script, and no other', async () => {
  const [, names = ''] = /NAMES = ([\s\S]*?)\n {2}ESC/.exec(read(`${CLIENT}/statusline.awk`)) ?? [];
  const known = [...names.matchAll(/[a-z_]+/g)].map(([name]) => name);
  expect(known.length).toBeGreaterThan(30);
  const documented = [...read('docs/statusline.md').matchAll(/^\| (`\{.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/\{([a-z_]+)\}/g)]);
  expect(documented.map(([, name]) => name).toSorted()).toEqual(known.toSorted());
});
