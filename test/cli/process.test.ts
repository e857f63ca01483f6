import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../collector/core/money.ts';
import { encodeProtobuf } from '../../collector/demo/wire.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { makeCertificates } from '../server/certificates.ts';
import { SKIPPED } from '../support/backends.ts';
import { generateSessions } from '../support/demo-sessions.ts';
import { waitFor } from '../support/wait.ts';
import { ANY_PORTS, RunningCommand, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const running: RunningCommand[] = [];
/** A disk that is always full. */
function onFullDisk(title: string, body: () => Promise<void>): void {
  if (existsSync('/dev/full')) test(title, body);
  else test.skip(`${title} [${SKIPPED}there is no /dev/full]`, body);
}
afterEach(async () => {
  for (const command of running.splice(0)) if (command.child.exitCode === null) await command.stop();
});

async function serve(...args: string[]): Promise<{ command: RunningCommand; url: string; data: string }> {
  const data = mkdtempSync(join(folder, 'data-'));
  const command = new RunningCommand(['serve', '--data', data, ...ANY_PORTS, ...args]);
  running.push(command);
  return { command, url: await command.boardUrl(), data };
}

/** A few real sessions; resolves to what must be booked. */
async function send(otlpUrl: string, headers: Record<string, string> = {}): Promise<bigint> {
  let cost = 0n;
  // Over a weekend nobody works, and the last day may have begun just now.
  for (const session of generateSessions({ seed: 'cli', people: 4, days: 4, endMs: Date.now() })) {
    cost += session.cost;
    for (const sent of session.exports) {
      const body = Buffer.from(encodeProtobuf([sent]));
      const response = await fetch(`${otlpUrl}/v1/${sent.signal}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-protobuf', ...headers },
      });
      expect(response.status).toBe(200);
    }
  }
  return cost;
}

describe('serve', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('says what listens where and what to paste, and ends with 0 on %s', async (signal) => {
    const { command, url } = await serve();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const pasted = /\{[\s\S]*\n {2}\}/.exec(command.out)?.[0] ?? '';
    expect(JSON.parse(pasted).env).toMatchObject({ CLAUDE_CODE_ENABLE_TELEMETRY: '1', OTEL_EXPORTER_OTLP_ENDPOINT: command.otlpUrl });
    const { code, err } = await command.stop(signal);
    expect(err).toContain('Stopped.');
    expect(code).toBe(0);
  });

  test('one press of Ctrl+C that arrives twice is one press', async () => {
    const { command } = await serve();
    command.child.kill('SIGINT');
    expect((await command.stop('SIGINT')).code).toBe(0);
  });

  test.each(['front', 'writer'])('ends with 1 and a line of the log when its %s thread dies, so that it is started again', async (name) => {
    // A thread can only be ended from within its process: SIGUSR2 does it, as an error that nobody thought of would.
    const killer = `process.on("worker",w=>{if(w.threadName==="${name}")process.once("SIGUSR2",()=>w.terminate())})`;
    const data = mkdtempSync(join(folder, 'data-'));
    const command = new RunningCommand(['serve', '--data', data, ...ANY_PORTS], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(killer)}` },
    });
    running.push(command);
    await command.boardUrl();
    command.child.kill('SIGUSR2');
    const { code, err } = await command.finished();
    const lines = err
      .trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(code).toBe(1);
    expect(lines.map((line) => line.code)).toEqual(['collector_started', 'collector_lost', 'collector_stopped']);
    expect(lines[1]).toMatchObject({ level: 'error', component: 'collector', msg: expect.stringContaining(`The ${name} thread ended.`) });
  });

  test('logs JSON where stderr is no terminal, with the ports; pretty where that is asked for', async () => {
    const { command, url } = await serve();
    const lines = (await command.stop()).err
      .trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(lines.map((line) => line.code)).toEqual(['collector_started', 'collector_stopping', 'collector_stopped']);
    expect(lines[0]).toMatchObject({ level: 'info', api: Number(new URL(url).port), time: expect.any(String) });
    const { command: pretty } = await serve('--log-format', 'pretty');
    expect((await pretty.stop()).err).toMatch(/^[\d:]{8} info {2}collector: Stopping: .* \(collector_stopping\)\n/);
    const { code, err } = await run(['serve', '--log-format', 'xml']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/^--log-format: .*json/) });
  });

  onFullDisk('goes on while its log is on a full disk, and ends with 0', async () => {
    const stderr = openSync('/dev/full', 'w');
    const command = new RunningCommand(['serve', '--data', mkdtempSync(join(folder, 'data-')), ...ANY_PORTS], { stderr });
    running.push(command);
    try {
      expect((await fetch(`${await command.boardUrl()}/readyz`)).status).toBe(200);
      expect((await command.stop()).code).toBe(0);
    } finally {
      closeSync(stderr);
    }
  });

  test('a mistake in the configuration ends it with 2 before anything listens', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'timezon: UTC\n');
    const { code, out, err } = await run(['serve', '--config', file]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(`${file}:1:1 timezon: unknown key; did you mean "timezone"?\n`);
  });

  test('reads tokens again on SIGHUP, and goes on', async () => {
    const file = join(folder, 'reloaded.yaml');
    const secret = join(folder, 'reader.token');
    writeFileSync(secret, 'first');
    writeFileSync(file, 'auth: { tokens: [{ name: reader, role: read, token_file: reader.token }] }\n');
    const { command, url } = await serve('--config', file);
    const ask = async (bearer: string): Promise<number> =>
      (await fetch(`${url}/api/v1/status`, { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect(await ask('first')).toBe(200);
    writeFileSync(secret, 'second');
    command.child.kill('SIGHUP');
    await waitFor('the token to be read again', () => command.err.includes('"access_reloaded"'));
    expect([await ask('first'), await ask('second')]).toEqual([401, 200]);
    expect((await command.stop()).code).toBe(0);
  });

  test('a second collector on the same folder is refused with the remedy', async () => {
    const { data } = await serve();
    const { code, err } = await run(['serve', '--data', data, ...ANY_PORTS]);
    expect(code).toBe(2);
    expect(err).toContain('in use by another collector');
    expect(err).not.toContain('    at ');
  });
});

test('report, session, doctor and backup read the ledger while the collector writes, and agree with REST to the last digit', async () => {
  const { command, url, data } = await serve();
  const cost = await send(command.otlpUrl);

  const query = 'by=team,model&measures=cost,requests&from=2020-01-01';
  // Its age goes on meanwhile.
  const ageless = ({ age_seconds, ...facts }: Record<string, unknown>): object => ({ ...facts, hasAge: typeof age_seconds === 'number' });
  const rest = await (await fetch(`${url}/api/v1/spend?${query}`)).json();
  const args = ['report', '--by', 'team,model', '--measures', 'cost,requests', '--from', '2020-01-01', '--json'];
  expect(ageless(JSON.parse((await run([...args, '--data', data])).out))).toEqual(ageless(rest));
  expect(ageless(JSON.parse((await run([...args, '--url', url])).out))).toEqual(ageless(rest));
  expect(rest.rows.length).toBeGreaterThan(2);
  expect(parseUsd(rest.total)).toBe(cost);

  const [newest] = (await (await fetch(`${url}/api/v1/sessions?limit=1`)).json()).sessions;
  const session = await (await fetch(`${url}/api/v1/sessions/${newest.session_id}`)).json();
  expect(ageless(JSON.parse((await run(['session', newest.session_id, '--json', '--data', data])).out))).toEqual(ageless(session));
  expect((await run(['session', newest.session_id, '--url', url])).out).toContain('Total cost:');

  const doctor = await run(['doctor', '--data', data]);
  expect(doctor.code).toBe(0);
  expect(doctor.out).not.toContain('No collector is running');

  expect((await run(['budget', 'set', 'kept', '--amount', '123.00', '--data', data])).code).toBe(0);
  const copy = join(folder, 'copy.sqlite');
  expect((await run(['backup', copy, '--data', data])).code).toBe(0);
  const restored = join(folder, 'restored');
  mkdirSync(restored);
  copyFileSync(copy, join(restored, 'ledger.sqlite'));
  copyFileSync(join(folder, 'copy.budgets.sqlite'), join(restored, 'budgets.sqlite'));
  expect((await run(['budget', 'list', '--data', restored])).out).toContain('kept');
  const reader = openReader({ file: copy, timeZone: 'UTC', weekStart: 'monday' });
  try {
    const everything = { by: [], measures: ['cost'], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 10 } as const;
    expect((await reader.query(everything)).totals).toEqual([cost]);
    expect(await reader.check()).toEqual([]);
  } finally {
    await reader.close();
  }
  expect((await run(['backup', copy, '--data', data])).err).toContain('a backup never overwrites another');

  await command.stop();
  const stopped = await run(['doctor', '--data', data]);
  expect(stopped.out).toContain('No collector is running on this ledger');
  expect(stopped.code).toBe(1);
});

test('a token made by the command lets a client in and its team is booked', async () => {
  const made = await run(['token', 'new', '--name', 'mobile', '--team', 'mobile-by-token']);
  const token = /ll_\S+/.exec(made.out)?.[0] ?? '';
  const yaml = /auth:[\s\S]*sha256: \w+\n/.exec(made.out)?.[0] ?? '';
  expect(yaml).toContain(createHash('sha256').update(token).digest('hex'));
  const hashed = await run(['token', 'hash'], { input: `${token}\n` });
  expect(hashed.out).toContain(createHash('sha256').update(token).digest('hex'));
  expect(yaml + hashed.out).not.toContain(token);

  const file = join(folder, 'tokens.yaml');
  writeFileSync(file, yaml);
  const { command, data } = await serve('--config', file);
  expect(command.out).toContain('Authorization=Bearer <token>');
  const refused = await fetch(`${command.otlpUrl}/v1/logs`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  expect(refused.status).toBe(401);
  await send(command.otlpUrl, { authorization: `Bearer ${token}` });
  expect((await run(['report', '--by', 'team', '--from', '2020-01-01', '--data', data])).out).toContain('mobile-by-token');
  const shown = await run(['config', 'show', '--config', file]);
  expect(shown.out).toContain('sha256: <secret>');
  expect(readFileSync(file, 'utf8')).toContain('sha256:');
});

describe('what stands in the way is told in a sentence with the remedy, and no stack', () => {
  const broken = mkdtempSync(join(folder, 'broken-'));
  writeFileSync(join(broken, 'ledger.sqlite'), 'This is no SQLite database, whatever its name says.\n'.repeat(200));

  test.each(['serve', 'report', 'doctor', 'check'])('%s on a file that is no ledger, which stays as it is', async (command) => {
    const before = readFileSync(join(broken, 'ledger.sqlite'));
    const { code, err } = await run([command, '--data', broken, ...(command === 'serve' ? ANY_PORTS : [])]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/ledger\.sqlite cannot be read as a ledger: .*\nRestore a backup .*\n$/) });
    expect(readFileSync(join(broken, 'ledger.sqlite'))).toEqual(before);
  });

  test('a data folder that is a file', async () => {
    const { code, err } = await run(['serve', '--data', join(broken, 'ledger.sqlite'), ...ANY_PORTS]);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/^The data folder \S+ cannot be created: .*\nName another folder with --data/),
    });
    expect(err).not.toContain('    at ');
  });

  test('a backup into a folder that is not there', async () => {
    const { command, data } = await serve();
    const { code, err } = await run(['backup', join(folder, 'nowhere/copy.sqlite'), '--data', data]);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/^The backup \S+ cannot be written: .*\nName a file in a folder that exists/),
    });
    expect(err).not.toContain('    at ');
    await command.stop();
  });
});

test('a certificate that is not trusted is not mistaken for a collector that is not there', async () => {
  const certificates = makeCertificates();
  try {
    const file = join(folder, 'tls.yaml');
    writeFileSync(file, `server: { tls: { cert_file: ${certificates.path('server.crt')}, key_file: ${certificates.path('server.key')} } }\n`);
    const { command, url } = await serve('--config', file);
    const refused = await run(['report', '--url', url]);
    expect({ code: refused.code, err: refused.err }).toEqual({
      code: 2,
      err: expect.stringMatching(/could not be reached over TLS \(.*NODE_EXTRA_CA_CERTS/s),
    });
    expect((await run(['report', '--url', url], { env: { NODE_EXTRA_CA_CERTS: certificates.path('ca.crt') } })).code).toBe(0);
    await command.stop();
  } finally {
    certificates.remove();
  }
});

test('--version tells the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect((await run(['--version'])).out).toBe(`ledgerline ${version}\n`);
});

onFullDisk('an answer that cannot be written is an error that is said', async () => {
  const stdout = openSync('/dev/full', 'w');
  const { code, err } = await run(['config', 'schema'], { stdout });
  closeSync(stdout);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/^Standard output cannot be written: ENOSPC/) });
});
