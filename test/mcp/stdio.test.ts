import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { backupLedger } from '../../collector/storage/sqlite/backup.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { run } from '../cli/command.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event } from '../support/entries.ts';
import { waitFor } from '../support/wait.ts';
import { CLI, call, closeClients, overHttp, overStdio, REVISIONS } from './clients.ts';

const TOKEN = 'the-token-of-a-reader';
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-mcp-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, TOKEN);
let api: TestApi;

beforeAll(async () => {
  api = await startApi({
    authenticate: createAuthenticator([{ name: 'reader', role: 'read', sha256: hash('sha256', TOKEN) }]),
  });
  await api.append([
    event({ id: '1', cost: '0.005343' }),
    event({ id: '2', cost: '1.250000000001', team: 'search', user: 'bob@example.com', sessionId: 's2' }),
  ]);
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});
afterEach(closeClients);

const dataOf = ({ ledger }: TestApi): string => dirname(ledger.file);
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

describe.each(REVISIONS)('ledgerline mcp, revision %s', (revision) => {
  test('gives the same from the file of the ledger, from a collector, and as the collector gives it itself', async () => {
    const clients = await Promise.all([
      overStdio(['--data', dataOf(api)], revision),
      overStdio(['--url', api.url, '--token-file', tokenFile], revision),
      overHttp(api.url, { token: TOKEN, revision }),
    ]);
    const answers = await Promise.all(
      clients.map((client) => call(client, 'spend', { by: ['team'], period: 'this_year', measures: ['cost', 'requests'] })),
    );
    for (const { structured } of answers) expect(structured).toMatchObject({ total: '1.255343000001' });
    const [rows] = answers.map(({ structured }) => structured.rows);
    for (const { structured } of answers) expect(structured.rows).toEqual(rows);
  });
});

describe('ledgerline mcp', () => {
  test('writes messages of the protocol and nothing else, and ends with its input', async () => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'mcp', '--data', dataOf(api)]);
    const ended = once(child, 'close');
    let [out, err] = ['', ''];
    child.stdout.on('data', (part) => (out += part));
    child.stderr.on('data', (part) => (err += part));
    child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
    await waitFor('the answer to the handshake', () => out.includes('\n'), { context: () => err });
    child.stdin.end();
    await ended;
    expect([child.exitCode, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ id: 1, result: { serverInfo: { name: 'ledgerline' } } });
  });

  test('starts without a ledger, says in the answer what is missing, and answers once it is there', async () => {
    const later = join(folder, 'later');
    const client = await overStdio(['--data', later]);
    const { isError, text } = await call(client, 'spend');
    expect(isError).toBe(true);
    expect(text).toContain(later);
    expect(text).toContain('npm run up');
    mkdirSync(later);
    await backupLedger(api.ledger.file, join(later, basename(api.ledger.file)));
    expect(await call(client, 'spend')).toMatchObject({ structured: { total: '1.255343000001' } });
  });

  test('says in the answer that no collector responds, or that its token is unknown', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'wrong');
    const client = await overStdio(['--url', api.url, '--token-file', other]);
    expect(await call(client, 'spend')).toMatchObject({ isError: true, text: expect.stringContaining('token is unknown') });
  });

  test('shows how Claude Code is given it', async () => {
    const { out } = await run(['mcp', '--help']);
    expect(out).toContain('claude mcp add ledgerline -- node');
    const snippet = /\{\n[\s\S]*\n {2}\}/.exec(out)?.[0] ?? '';
    expect(JSON.parse(snippet).mcpServers.ledgerline.args.at(-1)).toBe('mcp');
  });
});
