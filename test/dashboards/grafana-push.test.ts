/**
 * What `ledgerline dashboards push` says when Grafana refuses. The server here only speaks the answers that Grafana documents; that a real
 * Grafana takes the boards is grafana-live.test.ts.
 */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeError, LedgerlineError } from '../../collector/core/error.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { printed } from '../cli/command.ts';

const TOKEN = 'glsa_a-secret-that-nobody-may-see';

interface Received {
  readonly route: string;
  readonly authorization: string | undefined;
  readonly body: string;
}
type Answers = Readonly<Record<string, readonly [status: number, body: unknown]>>;

const EMPTY: Answers = {
  'GET /api/search': [200, []],
  'POST /api/folders': [200, { uid: 'ledgerline', title: 'Ledgerline' }],
  'GET /api/dashboards/uid': [404, { message: 'Dashboard not found' }],
  'POST /api/dashboards/db': [200, { status: 'success', uid: 'x', url: '/d/x/x', version: 1 }],
};

let server: Server;
let received: Received[];
let answers: Answers;

const bodyOf = async (request: IncomingMessage): Promise<string> => Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();

beforeEach(async () => {
  received = [];
  answers = EMPTY;
  server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = Object.keys(answers).find((known) => `${request.method} ${path}`.startsWith(known)) ?? '';
    received.push({ route: `${request.method} ${request.url}`, authorization: request.headers.authorization, body: await bodyOf(request) });
    const [status, body] = answers[route] ?? [404, { message: 'Not found' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

// Listening on TCP, as asked for above.
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const push = (args: readonly string[] = [], env: Record<string, string> = { GRAFANA_TOKEN: TOKEN }): Promise<string> =>
  printed(['dashboards', 'push', '--url', url(), ...args], { env });
const refusal = async (work: Promise<string>): Promise<string> => {
  const error = await work.then(
    (text) => new Error(`It succeeded: ${text}`),
    (thrown: unknown) => thrown,
  );
  return describeError(LedgerlineError.from(error));
};

describe('a Grafana that takes the boards', () => {
  test('gets the folder and every board, with a line for each', async () => {
    const text = await push();
    expect(text.split('\n')).toHaveLength(BOARDS.length + 2);
    expect(text).toContain(`created  Ledgerline / Overview  ${url()}/d/x/x`);
    const saved = received.filter(({ route }) => route.startsWith('POST /api/dashboards/db')).map(({ body }) => JSON.parse(body));
    expect(saved.map(({ dashboard }) => dashboard.uid)).toEqual(BOARDS.map(({ id }) => `ledgerline-${id}`));
    expect(saved[0]).toMatchObject({ folderUid: 'ledgerline', overwrite: false, dashboard: { id: null, version: 0 } });
    expect(new Set(received.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
  });

  test('is given the version it has, so that nobody’s change is lost, and the data source asked for', async () => {
    answers = {
      ...EMPTY,
      'GET /api/search': [200, [{ uid: 'f1', title: 'Ledgerline' }]],
      'GET /api/dashboards/uid': [200, { dashboard: { version: 7 }, meta: { provisioned: false } }],
      'GET /api/datasources/uid/prom-1': [200, { uid: 'prom-1' }],
    };
    expect(await push(['--datasource-uid', 'prom-1'])).toContain('updated  Ledgerline / Overview');
    const [first] = received.filter(({ route }) => route.startsWith('POST')).map(({ body }) => JSON.parse(body));
    expect(first).toMatchObject({ folderUid: 'f1', dashboard: { version: 7 } });
    expect(first.dashboard.templating.list[0]).toMatchObject({ name: 'datasource', current: { value: 'prom-1' } });
  });

  test('takes the token from the command line too, and from one place only', async () => {
    await printed(['dashboards', 'push', '--url', url(), '--token', TOKEN], { env: {} });
    expect(new Set(received.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(await refusal(push(['--token', TOKEN, '--token-file', 'token.txt']))).toMatch(/Both --token and --token-file are given/);
  });

  test('is not changed by a dry run', async () => {
    const text = await push(['--dry-run']);
    expect(text).toContain('would create  Ledgerline / Overview');
    expect(received.filter(({ route }) => route.startsWith('POST'))).toEqual([]);
  });
});

describe('a refusal says what to do, and never the token', () => {
  const SAVING = 'POST /api/dashboards/db';
  const cases: readonly (readonly [title: string, answers: Answers, args: readonly string[], words: RegExp])[] = [
    ['unknown token', { 'GET /api/search': [401, { message: 'Invalid API key' }] }, [], /responded with 401 .*Invalid API key\n.*rejected the token/],
    [
      'missing permission',
      { [SAVING]: [403, { message: 'Access denied' }] },
      [],
      /responded with 403 for Ledgerline \/ Overview: Access denied\n.*role Editor/,
    ],
    ['wrong path', { 'GET /api/search': [404, { message: 'Not found' }] }, [], /responded with 404 .*\n.*address of Grafana itself/],
    [
      'folder of that name',
      { 'POST /api/folders': [409, { message: 'conflict' }] },
      [],
      /responded with 409 for the folder Ledgerline.*\n.*another --folder/,
    ],
    [
      'saved by another',
      { [SAVING]: [412, { status: 'version-mismatch', message: 'changed by someone else' }] },
      [],
      /responded with 412 .*\n.*by someone else meanwhile/,
    ],
    ['Grafana in trouble', { [SAVING]: [500, { message: 'database is locked' }] }, [], /responded with 500 .*database is locked\n.*log of Grafana/],
    ['no data source', { 'GET /api/datasources': [404, { message: 'not found' }] }, ['--datasource-uid', 'nope'], /no data source with the uid nope/],
    [
      'installed from files',
      { 'GET /api/dashboards/uid': [200, { dashboard: { version: 1 }, meta: { provisioned: true } }] },
      [],
      /is provisioned from a file .*\n.*ledgerline dashboards build/,
    ],
    ['not Grafana', { 'GET /api/search': [200, '<html>Sign in</html>'] }, [], /is not Grafana/],
  ];

  test.each(cases)('%s', async (_, changed, args, words) => {
    answers = { ...EMPTY, ...changed };
    const text = await refusal(push(args));
    expect(text).toMatch(words);
    expect(text).not.toContain(TOKEN);
  });

  test('nobody answers', async () => {
    const free = url();
    server.close();
    const text = await refusal(printed(['dashboards', 'push', '--url', free], { env: { GRAFANA_TOKEN: TOKEN } }));
    expect(text).toBe(`No Grafana responds at ${free}.\nCheck --url, and that Grafana is running.`);
    server.listen(0);
  });

  test('no token, no address, a password in the address', async () => {
    expect(await refusal(push([], {}))).toMatch(/none of --token-file, --token and GRAFANA_TOKEN is set/);
    expect(await refusal(push(['--token-file', '/nowhere']))).toMatch(/cannot read \/nowhere/);
    expect(await refusal(printed(['dashboards', 'push']))).toMatch(/No Grafana address/);
    expect(await refusal(printed(['dashboards', 'push', '--url', 'grafana.example.com']))).toMatch(/is not an address/);
    const text = await refusal(printed(['dashboards', 'push', '--url', 'https://me:secret@grafana.example.com']));
    expect(text).toMatch(/carries a user or a password/);
    expect(text).not.toContain('secret@');
  });
});

describe('boards as files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-boards-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are cut at the days and weeks of the configuration', async () => {
    const config = join(folder, 'ledgerline.yaml');
    writeFileSync(config, 'timezone: Europe/Berlin\nweek_start: sunday\n');
    const out = join(folder, 'deep/boards');
    expect(await printed(['dashboards', 'build', '--config', config, '--out', out])).toBe(`Wrote ${BOARDS.length} boards to ${out}`);
    expect(readdirSync(out)).toHaveLength(BOARDS.length);
    const board = (await import(join(out, 'ledgerline-overview.json'), { with: { type: 'json' } })).default;
    expect(board).toMatchObject({ timezone: 'Europe/Berlin', weekStart: 'sunday' });
  });

  test('are refused with the folder’s name where nothing can be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await refusal(printed(['dashboards', 'build', '--out', file]))).toMatch(`--out: cannot write to ${file}.`);
  });
});
