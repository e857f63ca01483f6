/** ledgerline import, as its users run it, against a running collector. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createProgram } from '../../collector/cli/program.ts';
import { line } from '../imports/transcripts/lines.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { expectGolden } from '../support/golden.ts';
import { outcome, RunningCommand } from './command.ts';

const NOW = Date.now();
const OLD = new Date(NOW - 5 * 3_600_000);
const TIME = new Date(NOW - 6 * 3_600_000).toISOString();

let data: string;
let collector: CollectorProcess;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-import-'));
  collector = await spawnCollector(data, { ingest_window: { back_days: 400 } });
});
afterAll(async () => {
  await collector.stop();
  rmSync(data, { recursive: true });
});

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ledgerline-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Sessions of other tests are other sessions. */
function transcript(session: string, lines: readonly object[]): void {
  const file = join(home, '.claude/projects/-srv-api', `${session}.jsonl`);
  mkdirSync(join(file, '..'), { recursive: true });
  const text = lines.map((more) => line({ sessionId: session, timestamp: TIME, ...more }));
  writeFileSync(file, `${text.join('\n')}\n`);
  utimesSync(file, OLD, OLD);
}
const request = (id: string, more: object = {}) => ({ requestId: `req_${id}`, message: { id: `msg_${id}`, ...more } });

/** Answers as the listener does, in the place of a collector. */
async function answering(listener: RequestListener): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

const url = () => `http://127.0.0.1:${collector.ports.otlpHttp}`;
const command = (...args: readonly string[]) => outcome(['import', 'transcripts', ...args], { now: NOW, env: { HOME: home } });
const golden = (name: string, text: string): void =>
  expectGolden(join(import.meta.dirname, 'golden', `import-transcripts-${name}.txt`), text.replaceAll(home, '/tmp/x'));
const costOf = async (session: string): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/sessions/${session}`);
  return ((await answer.json()) as { cost_usd: string }).cost_usd;
};

describe('import transcripts', () => {
  test('says what is there, and sends nothing', async () => {
    transcript('dry', [request('dry1'), request('dry2', { model: 'claude-new-9' })]);
    writeFileSync(join(home, '.claude/projects/cut.jsonl'), line().slice(0, 300));
    golden('dry-run', (await command('--dry-run', '--url', 'http://127.0.0.1:9')).text);
    expect(existsSync(join(home, '.local'))).toBe(false);
  });

  test('sends what is there once, and says what became of it', async () => {
    transcript('first', [request('a', { usage: { input_tokens: 1_000_000 } }), request('b', { model: 'claude-new-9' })]);
    golden('sent', (await command('--url', url())).text);
    golden('sent-again', (await command('--url', url(), '--again')).text);
    golden('nothing-new', (await command('--url', url())).text);
    // 1,000,000 input tokens of Sonnet 5.5.
    expect(await costOf('first')).toBe('2.00');
    const answer = JSON.parse((await command('--url', url(), '--again', '-o', 'json')).text);
    expect(answer).toMatchObject({ sessions: 1, requests: 2, sent: 2, known: 2, booked: 0, covered: 0, conflicts: 0, rejected: 0 });
  });

  test('counts what is dated outside the window, and what it refuses it notes as sent', async () => {
    transcript(
      'ancient',
      [request('old', {})].map((one) => ({ ...one, timestamp: '2024-02-01T00:00:00Z' })),
    );
    const { text } = await command('--url', url(), '-o', 'json');
    expect(JSON.parse(text)).toMatchObject({ sent: 1, rejected: 1, booked: 0, cost_usd: '0.00' });
    transcript('ancient', [request('old', {}), request('new', {})]);
    expect(JSON.parse((await command('--url', url(), '-o', 'json')).text)).toMatchObject({ sent_before: 1, sent: 1, rejected: 0, booked: 1 });
  });

  test('comes with a token, and says so where that is refused', async () => {
    const token = 'll_import-token';
    const folder = mkdtempSync(join(tmpdir(), 'ledgerline-import-'));
    const sha256 = createHash('sha256').update(token).digest('hex');
    const guarded = await spawnCollector(folder, { auth: { tokens: [{ name: 'bob', sha256, user: 'bob@example.com', team: 'data' }] } });
    transcript('guarded', [request('g')]);
    writeFileSync(join(home, 'token'), `${token}\n`);
    const to = ['--url', `http://127.0.0.1:${guarded.ports.otlpHttp}`];
    await expect(command(...to)).rejects.toThrow('refused the token');
    const { text } = await command(...to, '--token-file', join(home, 'token'), '--user', 'mallory@example.com', '-o', 'json');
    expect(JSON.parse(text)).toMatchObject({ sent: 1, booked: 1 });
    const answer = await fetch(`http://127.0.0.1:${guarded.ports.api}/api/v1/sessions/guarded`, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ user: 'bob@example.com', team: 'data' });
    await guarded.stop();
    rmSync(folder, { recursive: true });
  });

  test('names the user where the token does not', async () => {
    transcript('owned', [request('o')]);
    await command('--url', url(), '--user', 'Alice@Example.com');
    const answer = await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/sessions/owned`);
    expect(await answer.json()).toMatchObject({ user: 'alice@example.com' });
  });

  test('goes on where it was interrupted', async () => {
    transcript(
      'long',
      Array.from({ length: 1_200 }, (_, index) => request(`long${index}`)),
    );
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const server = await answering(async (_request, response) => {
      asked.resolve();
      await held.promise;
      response.end(
        JSON.stringify({
          partialSuccess: {
            rejectedLogRecords: '0',
            errorMessage:
              'ledgerline.import {"requests":500,"cost":"1","known":0,"covered":0,"covered_cost":"0","booked":500,"booked_cost":"1","conflicts":0,"expired":0,"rejected":0,"unpriced":{}}',
          },
        }),
      );
    });
    const state = join(home, 'state.json');
    const running = new RunningCommand(['import', 'transcripts', '--url', server.url, '--state', state], { env: { HOME: home } });
    await asked.promise;
    running.child.kill('SIGINT');
    held.resolve();
    const { code, out } = await running.finished();
    server.close();
    expect([code, out.split('\n')[0]]).toEqual([130, 'Interrupted: 700 requests not sent. Start it again to go on.']);
    expect(JSON.parse(readFileSync(state, 'utf8')).sent).toHaveLength(500);
    const { text, code: after } = await outcome(['import', 'transcripts', '--url', url(), '--state', state, '-o', 'json'], {
      now: NOW,
      env: { HOME: home },
    });
    expect([JSON.parse(text), after]).toMatchObject([{ sent_before: 500, sent: 700, left: 0 }, 0]);
  });

  test.each([
    [['--since', 'yesterday'], '--since yesterday is no day.'],
    [['--until', '2026-02-31'], '--until 2026-02-31 is no day.'],
    [['--url', 'http://user:secret@127.0.0.1'], 'is no address without credentials'],
    [['--url', 'ledgerline.example.com'], 'is no address'],
    [['--token-file', '/nowhere/token'], 'cannot read /nowhere/token'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    transcript('refused', [request('r')]);
    await expect(command(...args)).rejects.toThrow(sentence);
  });

  test('refuses what takes telemetry and knows no imports', async () => {
    transcript('foreign', [request('f')]);
    const server = await answering((_request, response) => void response.end('{}'));
    await expect(command('--url', server.url)).rejects.toThrow('takes telemetry, but knows no imports');
    server.close();
  });

  test('refuses a path where nothing is', async () => {
    const path = join(home, 'none');
    await expect(command(path, '--dry-run')).rejects.toThrow(`There is nothing at ${path}.`);
  });

  test('explains itself', async () => {
    let text = '';
    const out = (part: string): void => {
      text += `${part}\n`;
    };
    const program = await createProgram({ out, err: out, env: {}, now: () => 0, color: false, columns: 100 });
    program.commands
      .find((one) => one.name() === 'import')
      ?.commands.find((one) => one.name() === 'transcripts')
      ?.outputHelp();
    golden('help', text.trimEnd());
  });
});
