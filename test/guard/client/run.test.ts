/** `ledgerline run` and run.sh: what they run runs as it would by itself, and fails where the guard stopped a session in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PROJECT } from '../../support/sources.ts';
import { waitFor } from '../../support/wait.ts';
import { Cache, CLIENT, DISTINCT_SHELLS, type Ended, GUARD, PATH, runScript, type Shell } from './hook.ts';
import { inputOf } from './samples.ts';
import { ALLOW, type Reply, STOP, type StandIn, standIn, WARN } from './stand-in.ts';

let collector: StandIn;
beforeAll(async () => {
  collector = await standIn();
});
afterAll(() => collector.stop());
let cache: Cache;
beforeEach(() => {
  cache = new Cache();
});
afterEach(() => cache.remove());

interface Wrapper {
  readonly shell: Shell;
  readonly script: string;
  readonly args: readonly string[];
}
const LAUNCHER = join(PROJECT, 'bin/ledgerline.mjs');
const WRAPPERS: readonly (readonly [string, Wrapper])[] = [
  ['ledgerline run', { shell: [process.execPath], script: LAUNCHER, args: ['run', '--'] }],
  ...DISTINCT_SHELLS.map((shell) => [`run.sh in ${shell.join(' ')}`, { shell, script: join(CLIENT, 'run.sh'), args: ['--'] }] as const),
];

describe.each(WRAPPERS)('%s', (_, { shell, script, args }) => {
  const env = (): Record<string, string> => ({ LEDGERLINE_URL: collector.url, LEDGERLINE_CACHE_DIR: cache.folder, TMPDIR: cache.folder });
  const run = (words: readonly string[], input = '', more: Record<string, string> = {}): Promise<Ended> =>
    runScript(script, [...args, ...words], input, { shell, env: { ...env(), ...more } });

  /** A client in print mode: it runs its hooks, says nothing of a stop, and ends with 0. */
  const client = (events: readonly string[]): string => {
    const calls = events.map((event) => {
      const file = join(cache.folder, event);
      writeFileSync(file, inputOf(event));
      return `sh '${GUARD}' <'${file}' >/dev/null`;
    });
    return [...calls, 'exit 0'].join('\n');
  };
  /** One event is answered so, everything else with leave to go on: also what is asked before the start. */
  const answering = (event: string, reply: Reply): void => {
    collector.reply = (path) => (path.includes(`event=${event}&`) && !path.includes('session=run-') ? reply : ALLOW);
  };

  test('passes standard input and output, arguments and the exit code through', async () => {
    collector.reply = ALLOW;
    const words = ['sh', '-c', 'cat; printf "%s|" "$@"; echo trouble >&2; exit 7', 'x', 'a b', '--flag', '', '$HOME'];
    expect(await run(words, 'typed\n')).toEqual({ out: 'typed\na b|--flag||$HOME|', err: 'trouble\n', code: 7 });
  });

  test('ends as a command does that is not there, or that a signal ended', async () => {
    collector.reply = ALLOW;
    expect((await run(['no-such-command'])).code).toBe(127);
    expect((await run(['sh', '-c', 'kill -9 $$'])).code).toBe(137);
  });

  test('fails where the guard does not let it start', async () => {
    collector.reply = STOP;
    const { out, err, code } = await run(['echo', 'started']);
    expect([out, code]).toEqual(['', 75]);
    expect(err).toBe('ledgerline run: not started: Budget "team" is used up: 10.00 of 10.00 USD.\n');
  });

  test.each(['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolBatch'])('fails where the guard stopped a session at %s', async (event) => {
    answering(event, STOP);
    const { err, code } = await run(['sh', '-c', client([event])]);
    expect(err).toBe('ledgerline run: the guard stopped this run: Budget "team" is used up: 10.00 of 10.00 USD.\n');
    expect(code).toBe(75);
  });

  test('does not fail for a warning, or for a compaction that did not happen', async () => {
    answering('UserPromptSubmit', WARN);
    expect((await run(['sh', '-c', client(['UserPromptSubmit'])])).code).toBe(0);
    answering('PreCompact', { body: '{"decision":"block","reason":"x"}' });
    expect((await run(['sh', '-c', client(['PreCompact'])])).code).toBe(0);
  });

  test('runs where the collector is away, unless failures close', async () => {
    expect(await run(['echo', 'on'], '', { LEDGERLINE_URL: '' })).toEqual({ out: 'on\n', err: '', code: 0 });
    expect((await run(['echo', 'on'], '', { LEDGERLINE_URL: '', LEDGERLINE_GUARD_ON_FAILURE: 'closed' })).code).toBe(75);
  });

  test('leaves nothing behind', async () => {
    collector.reply = ALLOW;
    await run(['true']);
    expect(readdirSync(cache.folder).filter((name) => name.startsWith('ledgerline-run'))).toEqual([]);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('passes %s on, and ends when the command does', async (signal) => {
    collector.reply = ALLOW;
    const words = ['sh', '-c', "trap 'echo got; exit 9' TERM HUP; echo ready; while :; do sleep 0.1; done"];
    const [program, ...options] = shell;
    const child = spawn(program, [...options, script, ...args, ...words], { env: { PATH, ...env() }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (part: Buffer) => {
      out += part.toString();
    });
    const ended = once(child, 'close');
    await waitFor('the command', () => out.includes('ready'));
    child.kill(signal);
    await ended;
    expect([out, child.exitCode]).toEqual(['ready\ngot\n', 9]);
  });
});

test.each(DISTINCT_SHELLS.map((shell) => [shell.join(' '), shell] as const))('a link to run.sh in %s starts nothing unasked', async (_, shell) => {
  const link = join(cache.folder, 'link.sh');
  symlinkSync(join(CLIENT, 'run.sh'), link);
  collector.reply = STOP;
  const env = { LEDGERLINE_URL: collector.url, LEDGERLINE_CACHE_DIR: cache.folder, TMPDIR: cache.folder };
  const { out, err, code } = await runScript(link, ['echo', 'started'], '', { shell, env });
  expect([out, code]).toEqual(['', 2]);
  expect(err).toMatch(/^ledgerline run: there is no .*\/guard\.sh: run run\.sh where it stands/);
});
