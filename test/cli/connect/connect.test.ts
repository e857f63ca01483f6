/** ledgerline connect, as its users run it, on real files. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { prepareConnect, prepareUndo } from '../../../collector/cli/connect/write.ts';
import { expectGolden } from '../../support/golden.ts';
import { outcome, printed, run } from '../command.ts';
import { connect, connectionIn, NOW, TOKEN, temporaryFolder, treeOf, undo } from './support.ts';

const URL_OF = 'https://ledgerline.example.com';

let folder: string;
let file: string;
let tokenFile: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  mkdirSync(join(folder, 'home'));
  file = join(folder, 'home', 'settings.json');
  tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
});
afterEach(() => remove());

const command = (...args: readonly string[]) => outcome(['connect', ...args], { now: NOW, env: { CLAUDE_CONFIG_DIR: join(folder, 'home') } });
const failure = async (...args: readonly string[]): Promise<string> =>
  command(...args).then(
    ({ text }) => `went well: ${text}`,
    (error: { message: string; hint?: string }) => `${error.message}\n${error.hint ?? ''}`.replaceAll(folder, '/tmp/x'),
  );
const golden = (name: string, text: string): void =>
  expectGolden(join(import.meta.dirname, 'golden', `${name}.txt`), text.replaceAll(folder, '/tmp/x'));
const settings = (): Record<string, Record<string, string>> => JSON.parse(readFileSync(file, 'utf8'));

describe('connect', () => {
  test('makes the file where there is none, for its owner alone, and undo removes it', async () => {
    const before = treeOf(folder);
    const { text } = await command(URL_OF, '--token-file', tokenFile, '--with', 'telemetry,guard');
    golden('new-file', text);
    expect(text).not.toContain(TOKEN);
    expect(settings().env).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${URL_OF}:4318`,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${TOKEN}`,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
      LEDGERLINE_URL: `${URL_OF}:8484`,
      LEDGERLINE_TOKEN_FILE: tokenFile,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    golden('undo-new-file', (await command('--undo')).text);
    expect(treeOf(folder)).toEqual(before);
  });

  test('edits its own keys alone, keeps a copy, and closes a file that has a token now', async () => {
    const text = '{\n\t"model": "opus",\n\t"env": {"MY_API_KEY": "secret-of-others", "FOO": "1"},\n\t"hooks": {"Stop": []}\n}';
    writeFileSync(file, text);
    const { text: shown } = await command(URL_OF, '--token-file', tokenFile);
    golden('existing-file', shown);
    expect(shown).not.toMatch(/secret-of-others|ll_this/);
    expect(readFileSync(join(folder, 'home/ledgerline-backup/settings.json.20261129T100000Z'), 'utf8')).toBe(text);
    expect(statSync(join(folder, 'home/ledgerline-backup/settings.json.20261129T100000Z')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'home/ledgerline-backup/.gitignore'), 'utf8')).toBe('*\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await command('--undo');
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([text, 0o644]);
  });

  test.each([
    ['--dry-run', 'diff'],
    ['--diff', 'diff'],
    ['--print', 'print'],
  ])('with %s changes nothing, and shows no token', async (flag, name) => {
    writeFileSync(file, '{}\n');
    const before = treeOf(folder);
    const { text } = await command(URL_OF, '--token-file', tokenFile, '--with', 'telemetry,guard', flag);
    golden(`shown-${name}`, text);
    expect(treeOf(folder)).toEqual(before);
  });

  test('prints what an administrator pastes, for clients of every version', async () => {
    golden(
      'managed-mixed',
      (await command(URL_OF, '--scope', 'managed', '--with', 'telemetry,guard', '--mixed-fleet', '--on-failure', 'closed', '--print')).text,
    );
  });

  test('says that it has nothing to do', async () => {
    await command(URL_OF, '--token-file', tokenFile);
    expect((await command(URL_OF, '--token-file', tokenFile)).text).toContain(`${file}: nothing to change.`);
    await command('--undo');
    expect((await command('--undo')).text).toContain(`${file}: nothing to change.`);
  });

  test('takes the events away that older clients do not know', async () => {
    await command(URL_OF, '--token-file', tokenFile, '--with', 'guard');
    expect(Object.keys(settings().hooks ?? {})).toContain('PostToolBatch');
    await command(URL_OF, '--token-file', tokenFile, '--with', 'guard', '--mixed-fleet');
    expect(Object.keys(settings().hooks ?? {}).sort()).toEqual(['PostToolUse', 'PreToolUse', 'UserPromptSubmit']);
    await command('--undo');
    expect(existsSync(file)).toBe(false);
  });

  test('reads the token from standard input, and keeps it out of the process list', async () => {
    const { out, err, code } = await run(['connect', URL_OF, '--token-stdin', '--file', file], { input: `${TOKEN}\n` });
    expect([code, out + err]).toEqual([0, expect.not.stringContaining(TOKEN)]);
    expect(settings().env?.OTEL_EXPORTER_OTLP_HEADERS).toBe(`Authorization=Bearer ${TOKEN}`);
  });

  test('keeps a token and headers of others when it is called again without one', async () => {
    writeFileSync(file, '{"env": {"OTEL_EXPORTER_OTLP_HEADERS": "x-scope=1,authorization=Bearer old"}}');
    await command(URL_OF, '--token-file', tokenFile);
    expect(settings().env?.OTEL_EXPORTER_OTLP_HEADERS).toBe(`x-scope=1,Authorization=Bearer ${TOKEN}`);
    await command('http://127.0.0.1');
    expect(settings().env).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_HEADERS: `x-scope=1,Authorization=Bearer ${TOKEN}`,
    });
    await command('--undo');
    expect(settings()).toEqual({ env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-scope=1,authorization=Bearer old' } });
  });
});

describe('what others have put there', () => {
  test('another collector stays unless it is to be replaced, and comes back', async () => {
    const text = '{"env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://other.example.com/otlp/secret-key", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "k=v"}}';
    writeFileSync(file, text);
    golden('other-collector', await failure(URL_OF, '--token-file', tokenFile));
    expect(treeOf(join(folder, 'home'))).toEqual({ 'settings.json': expect.stringContaining(text) });
    await command(URL_OF, '--token-file', tokenFile, '--replace');
    expect(settings().env).not.toHaveProperty('OTEL_EXPORTER_OTLP_LOGS_HEADERS');
    writeFileSync(file, JSON.stringify({ ...settings(), model: 'opus' }));
    await command('--undo');
    expect(settings()).toEqual({ ...JSON.parse(text), model: 'opus' });
  });

  test('what was changed since stays, and is said', () => {
    connect(file, connectionIn(folder, { parts: ['telemetry', 'guard'] }));
    const now = settings() as unknown as { env: Record<string, string>; hooks: Record<string, { hooks: object[] }[]> };
    now.env.OTEL_LOGS_EXPORTER = 'otlp,console';
    now.hooks.SessionStart?.[0]?.hooks.push({ type: 'command', command: 'mine' });
    writeFileSync(file, JSON.stringify(now));
    expect(undo(file).join('\n').replaceAll(folder, '/tmp/x')).toBe(
      'env.OTEL_LOGS_EXPORTER was changed since, and stays.\nThe file as it was, with the token: /tmp/x/home/ledgerline-backup/settings.json.20261129T100000Z',
    );
    expect(settings()).toEqual({
      env: { OTEL_LOGS_EXPORTER: 'otlp,console' },
      hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'mine' }] }] },
    });
  });

  test('a status line stays unless it is to be replaced, and comes back', async () => {
    const others = '{"statusLine": {"type": "command", "command": "mine"}}';
    writeFileSync(file, others);
    const { text } = await command(URL_OF, '--token-file', tokenFile, '--with', 'statusline');
    expect(text).toContain('There is a status line already, which stays. Use --replace to take its place.');
    expect(readFileSync(file, 'utf8')).toBe(others);
    await command(URL_OF, '--token-file', tokenFile, '--with', 'statusline', '--replace');
    expect(settings().statusLine).toMatchObject({ command: join(folder, 'home/ledgerline/statusline.sh') });
    await command('--undo');
    expect(readFileSync(file, 'utf8')).toBe(others);
  });

  test('a status line refreshes itself, but where older clients read it', async () => {
    await command(URL_OF, '--token-file', tokenFile, '--with', 'statusline');
    expect(settings().statusLine).toHaveProperty('refreshInterval');
    await command(URL_OF, '--token-file', tokenFile, '--with', 'statusline', '--mixed-fleet');
    expect(settings().statusLine).not.toHaveProperty('refreshInterval');
  });

  test('the status line that it installs is whole, and prints', () => {
    connect(file, connectionIn(folder, { parts: ['statusline'] }));
    const input = JSON.stringify({ model: { display_name: 'Opus 5.5' } });
    const { command } = JSON.parse(readFileSync(file, 'utf8')).statusLine;
    expect(execFileSync('sh', ['-c', command], { input, env: { PATH: process.env.PATH, LEDGERLINE_CACHE_DIR: folder } }).toString()).toBe(
      'Opus 5.5\n',
    );
  });

  test('an editor that saves meanwhile loses nothing', () => {
    writeFileSync(file, '{}');
    const prepared = prepareConnect(file, connectionIn(folder, { parts: ['telemetry', 'guard'] }), NOW);
    writeFileSync(file, '{"by": "an editor"}');
    const before = treeOf(folder);
    expect(() => prepared.commit()).toThrow('has been changed by somebody else meanwhile');
    expect(treeOf(folder)).toEqual(before);
    connect(file, connectionIn(folder));
    const undoing = prepareUndo(file, undefined, NOW);
    writeFileSync(file, '{"by": "an editor"}');
    expect(() => undoing.commit()).toThrow('has been changed by somebody else meanwhile');
    expect(readFileSync(file, 'utf8')).toBe('{"by": "an editor"}');
  });

  test('a script that was changed stays', () => {
    connect(file, connectionIn(folder, { parts: ['guard'] }));
    writeFileSync(join(folder, 'ledgerline', 'run.sh'), 'mine');
    expect(undo(file)).toEqual([`${join(folder, 'ledgerline', 'run.sh')} was changed, and stays.`]);
    expect(Object.keys(treeOf(join(folder, 'ledgerline')))).toEqual(['run.sh']);
  });

  test('a link stays a link', () => {
    const real = join(folder, 'dotfiles.json');
    writeFileSync(real, '{}\n');
    symlinkSync(real, file);
    connect(file, connectionIn(folder));
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toContain(TOKEN);
    undo(file);
    expect([lstatSync(file).isSymbolicLink(), readFileSync(real, 'utf8')]).toEqual([true, '{}\n']);
  });
});

describe('refused, with the file as it was', () => {
  test.each<[string, string | Buffer]>([
    ['comments', '{\n  // mine\n  "a": 1\n}'],
    ['invalid', '{\n  "token": "hidden-secret",\n}'],
    ['cut-off', '{"token": "hidden-secret'],
    ['array', '[]'],
    ['env-array', '{"env": []}'],
    ['hooks-array', '{"hooks": []}'],
    ['event-object', '{"hooks": {"Stop": {}}}'],
    ['not-utf8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('%s', async (name, content) => {
    writeFileSync(file, content);
    const before = treeOf(folder);
    const text = await failure(URL_OF, '--token-file', tokenFile);
    golden(`refused-${name}`, text);
    expect(text).not.toContain('hidden-secret');
    expect(treeOf(folder)).toEqual(before);
  });

  test('a folder that cannot be made', async () => {
    expect(await failure(URL_OF, '--scope', 'managed', '--file', '/dev/null/claude-code/managed-settings.json')).toMatch(
      /managed-settings\.json cannot be written\.\nNothing was changed\. .* managed settings take an administrator\.$/,
    );
  });

  test('a file that is read-only, a folder, a link to nothing', async () => {
    writeFileSync(file, '{}');
    chmodSync(file, 0o444);
    expect(await failure(URL_OF, '--token-file', tokenFile)).toContain('settings.json is read-only.');
    expect(await failure(URL_OF, '--file', folder)).toContain('/tmp/x is not a file.');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    expect(await failure(URL_OF, '--file', join(folder, 'link'))).toContain('is a link to a file that does not exist.');
  });

  test.each([
    ['no address', []],
    ['no scheme', ['ledgerline.example.com']],
    ['another scheme', ['ftp://ledgerline.example.com']],
    ['a password', ['https://ada:secret-word@ledgerline.example.com']],
    ['a query', ['https://ledgerline.example.com?token=secret-word']],
    ['an unknown part', [URL_OF, '--with', 'telemetry,gaurd']],
    ['a helper over gRPC', [URL_OF, '--headers-helper', 'print-headers', '--grpc']],
    ['two tokens', [URL_OF, '--token-file', 'a', '--token-stdin']],
    ['no token file', [URL_OF, '--token-file', '/nowhere/token']],
  ])('%s', async (name, args) => {
    const text = await failure(...args);
    golden(`usage-${name.replaceAll(' ', '-')}`, text);
    expect(text).not.toContain('secret-word');
  });

  test.each(['', 'two words', 'a,b', 'a%20b', 'a\nb', 'a"b', 'a\\nb', 'schlüssel'])('the token %j', async (token) => {
    writeFileSync(tokenFile, token);
    const text = await failure(URL_OF, '--token-file', tokenFile);
    expect(text).toContain('holds no token');
    if (token !== '') expect(text).not.toContain(token);
  });
});

describe('settings of the machine', () => {
  test('are for every user to read, also where root keeps its own files to itself; the copy is for root alone', async () => {
    const managed = join(folder, 'etc/claude-code/managed-settings.json');
    const modeOf = (path: string): number => statSync(join(folder, 'etc', path)).mode & 0o777;
    const before = process.umask(0o077);
    try {
      await command(URL_OF, '--token-file', tokenFile, '--scope', 'managed', '--file', managed, '--with', 'telemetry,guard');
    } finally {
      process.umask(before);
    }
    for (const path of ['', 'claude-code', 'claude-code/ledgerline', 'claude-code/ledgerline/guard.sh'])
      expect([path, modeOf(path)]).toEqual([path, 0o755]);
    expect(modeOf('claude-code/managed-settings.json')).toBe(0o644);
    expect(modeOf('claude-code/ledgerline-backup')).toBe(0o700);
  });
});

describe('a token and git', () => {
  const git = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { encoding: 'utf8' });
    expect({ args, status, stderr }).toMatchObject({ status: 0 });
  };
  const scoped = (scope: 'project' | 'local' | 'user') => prepareConnect(file, connectionIn(folder, { scope }), NOW);

  test('never meet in the settings of a project', () => {
    expect(() => scoped('project')).toThrow('which goes into the repository');
    expect(() => prepareConnect(file, { ...connectionIn(folder, { scope: 'project' }), headersHelper: 'print-headers' }, NOW)).not.toThrow();
  });

  test('nor in local settings that are not ignored', () => {
    expect(() => scoped('local')).not.toThrow();
    git('init', '--quiet');
    expect(() => scoped('local')).toThrow('which git does not ignore');
    writeFileSync(join(folder, '.gitignore'), 'home/settings.json\n');
    expect(() => scoped('local')).not.toThrow();
  });

  test('nor in settings of a user that are kept in git', () => {
    git('init', '--quiet');
    expect(() => scoped('user')).not.toThrow();
    writeFileSync(file, '{}');
    git('add', '.');
    expect(() => scoped('user')).toThrow('which git tracks');
    expect(readFileSync(file, 'utf8')).toBe('{}');
  });

  test('a helper takes the place of the token, and the guard reads the file', async () => {
    await command(URL_OF, '--headers-helper', 'print-headers', '--with', 'telemetry,guard', '--token-file', tokenFile);
    expect(readFileSync(file, 'utf8')).not.toContain(TOKEN);
    expect(settings()).toMatchObject({ otelHeadersHelper: 'print-headers', env: { LEDGERLINE_TOKEN_FILE: tokenFile } });
    expect(settings().env).not.toHaveProperty('OTEL_EXPORTER_OTLP_HEADERS');
  });
});

describe('what to know', () => {
  test.each<[string, readonly string[]]>([
    ['managed', [URL_OF, '--scope', 'managed', '--token-file', 'TOKEN']],
    ['project', [URL_OF, '--scope', 'project']],
    ['plain http', ['http://ledgerline.example.com', '--token-file', 'TOKEN']],
    ['own machine', ['http://localhost:4318', '--token-file', 'TOKEN']],
    ['undo without a record', ['--undo']],
    ['undo without a record of telemetry', [URL_OF, '--undo']],
  ])('%s', async (name, args) => {
    writeFileSync(
      file,
      JSON.stringify(
        name.startsWith('undo') ? { env: { LEDGERLINE_URL: URL_OF, OTEL_EXPORTER_OTLP_ENDPOINT: `${URL_OF}:4318`, OTHER: '1' } } : {},
        null,
        2,
      ),
    );
    const { text } = await command(...args.map((arg) => (arg === 'TOKEN' ? tokenFile : arg)), '--file', file, '--dry-run');
    golden(`note-${name.replaceAll(' ', '-')}`, text);
  });
});

test('the hooks name a path that holds for everybody who clones a project', async () => {
  const args = [URL_OF, '--scope', 'project', '--with', 'guard', '--file', join(folder, '.claude', 'settings.json')];
  const text = await printed(['connect', ...args, '--dry-run'], { now: NOW });
  expect(text).toMatch(/"\\"\$\{CLAUDE_PROJECT_DIR:-\.\}\\"\/\.claude\/ledgerline\/guard\.sh/);
});

test('undo leaves the scripts that other settings beside it name, until the last of them', () => {
  const local = join(folder, 'home', 'settings.local.json');
  const connection = connectionIn(join(folder, 'home'), { parts: ['guard'] });
  const before = treeOf(folder);
  for (const one of [file, local]) connect(one, connection);
  undo(file);
  expect(existsSync(join(folder, 'home', 'ledgerline', 'guard.sh'))).toBe(true);
  undo(local);
  expect(treeOf(folder)).toEqual(before);
});

test.each([
  ['--install-to', (folder: string) => ['--install-to', join(folder, 'scripts'), '--file', join(folder, '.claude', 'settings.json')]],
  ['--file', (folder: string) => ['--file', join(folder, 'settings.json')]],
])('scripts of a project go nowhere else: %s', async (_, args) => {
  const before = treeOf(folder);
  const text = await failure(URL_OF, '--scope', 'project', '--with', 'guard', ...args(folder));
  expect(text).toMatch(/Scripts of a project go into its \.claude\/ledgerline, not into .*\.\nNothing was changed/);
  expect(treeOf(folder)).toEqual(before);
});
