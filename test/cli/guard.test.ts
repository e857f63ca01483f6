/** ledgerline guard: prints and installs what clients run, and is a hook itself. What the scripts do is in test/guard/client/. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hookCommand } from '../../collector/cli/guard-scripts.ts';
import { guardSettings } from '../../collector/cli/guard-settings.ts';
import { DISTINCT_SHELLS, PATH } from '../guard/client/hook.ts';
import { expectGolden } from '../support/golden.ts';
import { read } from '../support/sources.ts';
import { outcome, printed, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-guard-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const script = (name: string): string => read(`collector/guard/client/${name}`).trimEnd();

describe('guard script', () => {
  test.each([
    ['sh', 'guard.sh'],
    ['powershell', 'guard.ps1'],
  ])('prints that of %s', async (shell, name) => {
    expect(await printed(['guard', 'script', '--shell', shell])).toBe(script(name));
  });
});

describe('guard install', () => {
  test.each([
    ['sh', ['guard.sh', 'run.sh']],
    ['powershell', ['guard.ps1']],
  ])('writes the scripts of %s, executable for all, also over older ones', async (shell, names) => {
    const target = join(folder, shell, 'deep');
    for (let round = 0; round < 2; round++) await printed(['guard', 'install', target, '--shell', shell]);
    expect(readdirSync(target).sort()).toEqual(names);
    for (const name of names) {
      expect(readFileSync(join(target, name), 'utf8').trimEnd()).toBe(script(name));
      expect(statSync(join(target, name)).mode & 0o555).toBe(0o555);
    }
  });

  test('everybody can run them, also where root keeps its own files to itself', async () => {
    const target = join(folder, 'strict', 'deep');
    const before = process.umask(0o077);
    try {
      await printed(['guard', 'install', target]);
      chmodSync(join(target, 'guard.sh'), 0o700);
      await printed(['guard', 'install', target]);
    } finally {
      process.umask(before);
    }
    const modeOf = (path: string): number => statSync(path).mode & 0o777;
    expect([join(folder, 'strict'), target, join(target, 'guard.sh'), join(target, 'run.sh')].map(modeOf)).toEqual([0o755, 0o755, 0o755, 0o755]);
  });

  test.each(['guard', 'statusline'])('%s says where its scripts cannot be written', async (name) => {
    await expect(outcome([name, 'install', '/dev/null/ledgerline'])).rejects.toMatchObject({
      code: 'invalid',
      message: 'The scripts cannot be written into /dev/null/ledgerline.',
      hint: 'Choose a folder that you may write to.',
    });
  });

  test.each([
    ['new-open', []],
    ['new-closed', ['--on-failure', 'closed']],
    ['mixed-open', ['--fleet', 'mixed']],
    ['mixed-closed', ['--fleet', 'mixed', '--on-failure', 'closed']],
    ['powershell', ['--shell', 'powershell']],
  ])('prints settings that name them: %s', async (name, options) => {
    const target = join(folder, name);
    const text = await printed(['guard', 'install', target, ...options]);
    expectGolden(join(import.meta.dirname, 'golden', `guard-settings-${name}.txt`), text.replaceAll(target, '/opt/ledgerline'));
  });

  test.each(['new', 'mixed'] as const)('docs/guard.md shows those of a fleet that is %s', (fleet) => {
    const shown = [...read('docs/guard.md').matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, block = '']) => JSON.parse(block));
    expect(shown).toContainEqual(guardSettings({ command: '/opt/ledgerline/guard.sh', fleet, onFailure: 'open' }));
  });

  test.each(DISTINCT_SHELLS.map((shell) => [shell.join(' '), shell] as const))(
    'a script that is missing does not block, in %s',
    async (_, [shell, ...options]) => {
      const child = spawn(shell, [...options, '-c', hookCommand('sh', join(folder, 'missing', 'guard.sh'))], { env: { PATH }, stdio: 'ignore' });
      const [code] = await once(child, 'close');
      expect(code).toBe(127);
    },
  );

  test('quotes what a shell would read otherwise', () => {
    expect(hookCommand('sh', "/opt/it's here/guard.sh")).toBe("'/opt/it'\\''s here/guard.sh'");
    expect(hookCommand('powershell', 'C:\\Program Files\\guard.ps1')).toBe(
      'powershell -NoProfile -ExecutionPolicy Bypass -File "C:\\Program Files\\guard.ps1"',
    );
  });
});

describe('guard', () => {
  test('is the hook', async () => {
    const input = JSON.stringify({ session_id: 'a', hook_event_name: 'UserPromptSubmit' });
    const env = { LEDGERLINE_GUARD_ON_FAILURE: 'closed', LEDGERLINE_CACHE_DIR: folder };
    const { code, out, err } = await run(['guard'], { input, env });
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out).continue).toBe(false);
  });

  test('without a shell it fails as a hook that does not block', async () => {
    const { code, err } = await run(['guard'], { env: { PATH: '/dev/null' } });
    expect(code).toBe(1);
    expect(err).toContain('ledgerline guard: ');
  });
});

test('variables of clients do not trouble commands that are run from there', async () => {
  const env = { LEDGERLINE_URL: 'https://ledgerline.example.com', LEDGERLINE_TOKEN: 'x', LEDGERLINE_GUARD_ON_FAILURE: 'closed' };
  expect((await outcome(['config', 'show'], { env })).code).toBe(0);
});
