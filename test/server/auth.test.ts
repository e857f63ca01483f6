import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Config, defaultConfig } from '../../collector/config/config.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { assertSafeBinding } from '../../collector/server/auth.ts';
import { grpcCaller, jsonBody, post, protobufBody, startHarness, tokenOf } from '../ingest/otlp/harness.ts';
import { createAuthenticator } from '../support/authenticator.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-auth-'));
afterAll(() => rmSync(folder, { recursive: true }));

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof LedgerlineError) return error.code;
    throw error;
  }
  return 'allowed';
}

const TOKENS = [
  tokenOf('send', { name: 'sender', team: 'platform', user: 'alice@example.com' }),
  tokenOf('look', { name: 'viewer', role: 'read' }),
  tokenOf('all', { name: 'root', role: 'admin' }),
];

describe('a bearer token', () => {
  const authenticate = createAuthenticator(TOKENS);

  test.each([
    ['send', 'ingest', 'allowed'],
    ['send', 'read', 'forbidden'],
    ['look', 'ingest', 'forbidden'],
    ['look', 'read', 'allowed'],
    ['all', 'ingest', 'allowed'],
    ['all', 'read', 'allowed'],
    ['look', 'admin', 'forbidden'],
    ['guess', 'ingest', 'unauthenticated'],
  ] as const)('%s for %s should be %s', (token, role, expected) => {
    expect(codeOf(() => authenticate(`Bearer ${token}`, role))).toBe(expected);
  });

  test.each([undefined, '', 'Bearer', 'Bearer ', 'Basic send', 'send', 'Bearer send more'])('should be missed in the header %j', (header) => {
    expect(codeOf(() => authenticate(header, 'ingest'))).toBe('unauthenticated');
  });

  test('should say whose it is, under any spelling of the scheme', () => {
    expect(authenticate('bearer  send', 'ingest')).toEqual({ name: 'sender', team: 'platform', user: 'alice@example.com' });
  });

  test('should be found behind a space that is percent-encoded, as clients send it over HTTP', () => {
    expect(authenticate('Bearer%20send', 'ingest')).toMatchObject({ name: 'sender' });
    for (const header of ['Bearer%20', 'Bearer%20%20send', 'Bearersend', 'Bearer%20guess', 'Bearer%20send more'])
      expect(codeOf(() => authenticate(header, 'ingest'))).toBe('unauthenticated');
  });

  test('should never stand in an error', () => {
    for (const token of ['guess', 'look']) {
      try {
        authenticate(`Bearer ${token}`, 'ingest');
      } catch (error) {
        expect(JSON.stringify([String(error), error])).not.toContain(token);
      }
    }
  });
});

describe('a role', () => {
  test('should be open while no token grants it', () => {
    expect(createAuthenticator([])(undefined, 'ingest')).toEqual({});
    expect(createAuthenticator([tokenOf('send')])(undefined, 'read')).toEqual({});
  });

  test('should be closed to everyone once there is any token and others can reach the ports', () => {
    const authenticate = createAuthenticator([tokenOf('send')], { exposed: true });
    expect(codeOf(() => authenticate(undefined, 'read'))).toBe('unauthenticated');
    expect(codeOf(() => authenticate('Bearer send', 'read'))).toBe('forbidden');
  });

  test('should still tell who sent when it is open', () => {
    const authenticate = createAuthenticator([tokenOf('look', { role: 'read', user: 'bob@example.com' })]);
    expect(authenticate('Bearer look', 'ingest')).toMatchObject({ user: 'bob@example.com' });
  });
});

describe('token files', () => {
  const inFile = (name: string, text?: string) => {
    const token_file = join(folder, name);
    if (text !== undefined) writeFileSync(token_file, text);
    return [{ name: 'from a file', role: 'ingest' as const, token_file }];
  };

  test('should be read once at the start, without the line break at their end', () => {
    const authenticate = createAuthenticator(inFile('good', 'from-a-file\n'));
    rmSync(join(folder, 'good'));
    expect(authenticate('Bearer from-a-file', 'ingest')).toEqual({ name: 'from a file' });
  });

  test('should be missed by the name of their key', () => {
    expect(() => createAuthenticator(inFile('missing'))).toThrow('auth.tokens[0].token_file: cannot read');
    expect(() => createAuthenticator(inFile('empty', ' \n'))).toThrow('is empty');
  });

  test('should not hold a token that another entry has', () => {
    expect(() => createAuthenticator([tokenOf('same'), ...inFile('twice', 'same')])).toThrow(
      'auth.tokens[1] (from a file): the same token is configured twice.',
    );
  });
});

describe('binding', () => {
  const config = (server: Partial<Config['server']>, tokens: Config['auth']['tokens'] = []): Config => {
    const base = defaultConfig();
    return { ...base, server: { ...base.server, ...server }, auth: { ...base.auth, tokens } };
  };

  test.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1'])('%s should need no protection', (host) => {
    expect(codeOf(() => assertSafeBinding(config({ host })))).toBe('allowed');
  });

  test.each(['0.0.0.0', '::', '10.0.0.5', 'collector.example.com', '127.0.0.1.example.com'])('%s should be refused without any', (host) => {
    expect(() => assertSafeBinding(config({ host }))).toThrow(`server.host is ${host}`);
    expect(codeOf(() => assertSafeBinding(config({ host })))).toBe('invalid');
  });

  test('others should be allowed with a token, with certificates of clients, or when that risk is accepted', () => {
    const host = '0.0.0.0';
    expect(codeOf(() => assertSafeBinding(config({ host }, [tokenOf('t')])))).toBe('allowed');
    expect(codeOf(() => assertSafeBinding(config({ host, tls: { cert_file: 'c', key_file: 'k', client_ca_file: 'a' } })))).toBe('allowed');
    expect(codeOf(() => assertSafeBinding(config({ host, insecure: true })))).toBe('allowed');
  });
});

test('tokens should be asked for on both transports before the body is taken, and be handed to ingest', async () => {
  const harness = await startHarness({ tokens: TOKENS });
  const caller = grpcCaller(harness.grpcPort);
  try {
    const send = (headers: Record<string, string>) => post(harness.httpPort, jsonBody('logs'), { type: 'application/json', headers });
    const missing = await send({});
    expect([missing.status, missing.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect((await send({ authorization: 'Bearer look' })).status).toBe(403);
    await expect(caller.call('logs', protobufBody('logs'))).rejects.toMatchObject({ code: 16 });
    await expect(caller.call('logs', protobufBody('logs'), { authorization: 'Bearer look' })).rejects.toMatchObject({ code: 7 });
    expect(harness.exports).toEqual([]);
    expect((await send({ authorization: 'Bearer send' })).status).toBe(200);
    await caller.call('logs', protobufBody('logs'), { authorization: 'Bearer send' });
    expect((await send({ authorization: 'Bearer%20send' })).status).toBe(200);
    await caller.call('logs', protobufBody('logs'), { authorization: 'Bearer%20send' });
    expect(harness.senders.map(({ name }) => name)).toEqual(['sender', 'sender', 'sender', 'sender']);
    expect(harness.requests.map(({ outcome }) => outcome).sort()).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'accepted',
      'forbidden',
      'forbidden',
      'unauthenticated',
      'unauthenticated',
    ]);
  } finally {
    caller.close();
    await harness.drain();
  }
});
