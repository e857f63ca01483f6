/** Where commands get their figures from when nothing forces one or the other. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { VERSION } from '../../collector/core/version.ts';
import { ANY_PORTS, outcome, RunningCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-source-'));
afterAll(() => rmSync(folder, { recursive: true }));
const running: RunningCommand[] = [];
afterEach(async () => {
  for (const command of running.splice(0)) if (command.child.exitCode === null) await command.stop();
});

async function serve(data: string, ...args: string[]): Promise<{ command: RunningCommand; url: string }> {
  const command = new RunningCommand(['serve', '--data', data, ...ANY_PORTS, ...args]);
  running.push(command);
  return { command, url: await command.boardUrl() };
}

const newFolder = (): string => mkdtempSync(join(folder, 'data-'));
const report = async (data: string, ...args: string[]): Promise<string> =>
  (await outcome(['report', '-v', ...args], { now: Date.now(), env: { LEDGERLINE_DATA: data } })).text;

test('the collector that runs on the folder is asked, and its file is read when it has stopped', async () => {
  const data = newFolder();
  const { command, url } = await serve(data);
  const file = join(data, 'collector.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, version: VERSION });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await report(data)).toContain(`Asking the collector at ${url}.`);
  expect(await report(data, '--data', data)).not.toContain('Asking');
  await command.stop();
  expect(existsSync(file)).toBe(false);
  expect(await report(data)).toContain(`Reading ${data}/ledger.sqlite`);
});

test('an address that a killed collector left behind is not believed, whoever answers there now', async () => {
  const [mine, other] = [newFolder(), newFolder()];
  await (await serve(mine)).command.stop();
  const { url } = await serve(other);
  writeFileSync(join(mine, 'collector.json'), JSON.stringify({ url, version: VERSION }));
  expect(await report(mine)).toContain(`Reading ${mine}/ledger.sqlite`);
});

test('a collector that wants a token is asked with it; without one the file has the same figures, and a wrong one is an error', async () => {
  const data = newFolder();
  const [secret, wrong, config] = [join(data, 'token'), join(data, 'wrong'), join(data, 'ledgerline.yaml')];
  writeFileSync(secret, 'right');
  writeFileSync(wrong, 'wrong');
  writeFileSync(config, 'auth: { tokens: [{ name: reader, role: read, token_file: token }] }\n');
  await serve(data, '--config', config);
  expect(await report(data)).toContain("Reading the ledger's file: ");
  const { text } = await outcome(['report', '-v'], { env: { LEDGERLINE_DATA: data, LEDGERLINE_TOKEN_FILE: secret } });
  expect(text).not.toContain("Reading the ledger's file");
  const hint = expect.stringContaining('--token-file');
  await expect(outcome(['report', '--token-file', wrong], { env: { LEDGERLINE_DATA: data } })).rejects.toMatchObject({
    code: 'unauthenticated',
    hint,
  });
});

test('alerts are those of the collector that runs on the folder, and without a token for it those of the folder', async () => {
  const data = newFolder();
  const [secret, wrong, config] = [join(data, 'token'), join(data, 'wrong'), join(data, 'ledgerline.yaml')];
  writeFileSync(secret, 'right');
  writeFileSync(wrong, 'wrong');
  writeFileSync(config, 'auth: { tokens: [{ name: reader, role: read, token_file: token }] }\n');
  const { command } = await serve(data, '--config', config);
  const list = (...args: string[]) => outcome(['alerts', 'list', ...args], { env: { LEDGERLINE_DATA: data } });
  await expect(list('--token-file', wrong)).rejects.toMatchObject({ code: 'unauthenticated' });
  for (const args of [['--token-file', secret], [], ['--data', data, '--token-file', wrong]])
    expect((await list(...args)).text).toContain('No alert is firing.');
  await command.stop();
  expect((await list('--token-file', wrong)).text).toContain('No alert is firing.');
});

test('where there is no ledger and a demo runs, the figures are those of the demo, and said to be', async () => {
  const data = newFolder();
  await serve(join(data, 'demo'));
  expect(await report(data)).toContain('these are the figures of the demo');
});

test('a collector that is asked for and does not answer is an error', async () => {
  await expect(outcome(['report', '--url', 'http://127.0.0.1:9'])).rejects.toMatchObject({ code: 'unavailable' });
});

test.each([
  ['127.0.0.1:9', 'is not the address of a collector'],
  ['localhost:9', 'is not the address of a collector'],
  ['http://alice:secret@127.0.0.1:9', 'carries a user or a password'],
])('what is no address of a collector is said to be none: %s', async (url, words) => {
  const asked = ['report', '--url', url];
  await expect(outcome(asked)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(words) });
  await expect(outcome(asked)).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
});

test.each([
  ['empty', '\n'],
  ['of several lines', 'one\ntwo\n'],
])('a file that is %s holds no token', async (_, text) => {
  const file = join(newFolder(), 'token');
  writeFileSync(file, text);
  const asked = ['report', '--url', 'http://127.0.0.1:9', '--token-file', file];
  await expect(outcome(asked)).rejects.toMatchObject({ code: 'invalid', message: `--token-file: ${file} holds no token.` });
});
