import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../collector/cli/commands.ts';
import { createProgram } from '../../collector/cli/program.ts';
import { PROJECT } from '../support/sources.ts';

const terminal = { out: () => undefined, err: () => undefined, env: {}, now: () => 0, color: false };
const NAMES = Object.values(COMMANDS).flatMap((commands) => Object.keys(commands));
const namesOf = async (...words: readonly string[]): Promise<string[]> => (await createProgram(terminal, words)).commands.map((one) => one.name());

test('every command is called as the table calls it', async () => {
  expect(await namesOf()).toEqual([...NAMES, '__complete']);
});

test.each(NAMES.filter((name) => name !== 'completion'))('%s is loaded alone, and says the same of itself', async (name) => {
  const alone = await createProgram(terminal, [name, '--help']);
  expect(alone.commands.map((one) => one.name())).toEqual([name]);
  const amongAll = (await createProgram(terminal)).commands.find((one) => one.name() === name);
  expect(alone.commands[0]?.helpInformation()).toBe(amongAll?.helpInformation());
});

test.each([['completion'], ['help'], ['--help'], ['reprot'], ['--nothing']])('%s needs all', async (word) => {
  expect(await namesOf(word)).toHaveLength(NAMES.length + 1);
});

test('the version needs none', async () => {
  expect(await namesOf('--version')).toEqual([]);
});

/** Every file that Node loads for a command, by its path in the project. */
function loadedFor(...args: readonly string[]): string[] {
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { console.error('loaded ' + url); return next(url, context); } });`;
  const flags = ['--disable-warning=ExperimentalWarning', '--import', `data:text/javascript,${encodeURIComponent(hooks)}`];
  const { stderr } = spawnSync(process.execPath, [...flags, join(PROJECT, 'collector/cli/main.ts'), ...args], { encoding: 'utf8' });
  return [...stderr.matchAll(/^loaded file:\/\/(.*)$/gm)].map(([, path = '']) => path.slice(PROJECT.length + 1));
}

test('a report from the file loads neither the other store nor YAML nor the server', () => {
  const loaded = loadedFor('report', '--data', '/nonexistent');
  expect(loaded).toContain('collector/query/spend.ts');
  expect(loaded).toContain('collector/storage/sqlite/ledger-reader.ts');
  const others =
    /^(node_modules\/(pg|yaml|express|@grpc|@opentelemetry|pino|nodemailer)\/|collector\/(api|app|ingest)\/|collector\/storage\/postgres\/(?!target))/;
  expect(loaded.filter((path) => others.test(path))).toEqual([]);
  expect(loaded.length).toBeLessThan(360);
});

test('a report from a collector elsewhere loads no store', () => {
  const loaded = loadedFor('report', '--url', 'http://127.0.0.1:9');
  expect(loaded).toContain('collector/query/spend.ts');
  expect(loaded.filter((path) => path.startsWith('collector/storage/'))).toEqual([]);
});
