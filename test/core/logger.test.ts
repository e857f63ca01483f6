import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { LOG_CODES, type LogCode } from '../../collector/catalog/log-codes.ts';
import { configSchema } from '../../collector/config/config.ts';
import { logSettingsOf } from '../../collector/config/log-settings.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { errorOf, failureOf } from '../../collector/core/failure.ts';
import { createLogger, type LogDetails, type LogSettings } from '../../collector/core/logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly code?: LogCode;
  readonly message?: string;
  readonly details?: LogDetails;
  readonly settings?: Partial<LogSettings>;
}

function written({ code = 'request_failed', message = 'It failed.', details = {}, settings = {} }: Given): string {
  const lines: string[] = [];
  const write = (line: string): unknown => lines.push(line);
  createLogger(LOG_CODES, { level: 'info', format: 'json', color: false, secretFiles: [], ...settings }, write)(code, message, details);
  return lines.join('');
}
const line = (given: Given): Record<string, unknown> => JSON.parse(written(given));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('a line', () => {
  const error = new LedgerlineError('unavailable', 'The ledger cannot write.', {
    hint: 'Check free space.',
    cause: new Error('commit failed', { cause: new RangeError('disk full') }),
  });

  test('has time, level, code, component and message, with hint and cause of its error, and no stack', () => {
    expect(line({ message: error.message, details: { error, fields: { path: '/api/v1/spend', attempts: 2 } } })).toEqual({
      ...{ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), level: 'error', code: 'request_failed', component: 'api' },
      ...{ path: '/api/v1/spend', attempts: 2 },
      ...{ msg: 'The ledger cannot write.', hint: 'Check free space.', cause: 'commit failed: RangeError: disk full' },
    });
  });

  test('names the error itself where the message does not', () => {
    expect(line({ details: { error } }).cause).toBe('The ledger cannot write.: commit failed: RangeError: disk full');
    expect(line({ details: { error: 'thrown text' } }).cause).toBe('thrown text');
  });

  test('has the same of an error that crossed from another thread', () => {
    const crossed = errorOf(structuredClone(failureOf(error)));
    const { time: _, ...rest } = line({ details: { error: crossed } });
    const { time: __, ...expected } = line({ details: { error } });
    expect(rest).toEqual(expected);
  });

  test('has a stack at the level debug alone', () => {
    expect(line({ details: { error: new Error('x') } })).not.toHaveProperty('stack');
    expect(line({ details: { error: new Error('x') }, settings: { level: 'debug' } }).stack).toContain('logger.test.ts');
  });

  test('has nothing that a terminal would obey, in JSON either: neither the bytes nor, once it is read, the values', () => {
    const evil = 'a\u001b[2Jb\u009b31mc\u007fd\r\u202ee\u2028f';
    const json = written({ message: evil, details: { hint: evil, error: new Error(`${evil}!`), fields: { path: evil } } });
    expect(json.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    const shown = 'a\\u001b[2Jb\\u009b31mc\\u007fd\\u000d\\u202ee\\u2028f';
    expect(JSON.parse(json)).toMatchObject({ msg: shown, hint: shown, cause: `${shown}!`, path: shown });
  });

  test('is not written below the level', () => {
    expect(written({ code: 'messages_grouped', settings: { level: 'warn' } })).toBe('');
    expect(written({ code: 'delivery_failed', settings: { level: 'warn' } })).not.toBe('');
  });

  test('ends, however long what it quotes is, and however its causes go round', () => {
    const round = new Error('y'.repeat(100_000));
    round.cause = round;
    expect(written({ message: 'x'.repeat(100_000), details: { error: round } }).length).toBeLessThan(6_000);
  });
});

describe('no secret is in a line', () => {
  const planted = (text: string, settings: Partial<LogSettings> = {}): string =>
    ['json', 'pretty'].map((format) => everywhere(text, { ...settings, format: format as LogSettings['format'], level: 'debug' })).join('\n');
  const everywhere = (text: string, settings: Partial<LogSettings>): string => {
    const error = new LedgerlineError('internal', 'It failed.', { hint: text, cause: new Error(text, { cause: new TypeError(text) }) });
    return written({ message: `It failed. ${text}`, details: { error, fields: { path: text } }, settings });
  };

  test.each([
    ['an authorization header', '{"Authorization":"Bearer CANARY.abc-def_123"}'],
    ['a bearer token', 'sent authorization: Bearer CANARYabcdef0123456789 to it'],
    ['basic authentication', `Authorization: Basic ${Buffer.from('user:CANARY-password').toString('base64')}`],
    ['an SMTP login', `AUTH PLAIN ${Buffer.from('\0user\0CANARY-password').toString('base64')}`],
    ['a password by its name', 'password=CANARY-1 was refused'],
    ['a password in JSON', '{"smtp_password": "CANARY 2 with spaces", "user": "ada"}'],
    ['an API key', "x-api-key: 'CANARY-3'"],
    ['a routing key', 'routing_key=CANARY4CANARY4'],
    ['a token of our own', 'the token ll_CANARYCANARYCANARYCANARY is not known'],
    ['the address of a webhook', 'POST https://hooks.slack.com/services/T000/B000/CANARYCANARY failed'],
    ['an address with a password', 'postgres://ledger:CANARY-5@db.example.com:5432/spend cannot be reached'],
    ['an address with a signature', 'fetch failed (https://example.com:8443?sig=CANARY&a=1).'],
  ])('%s', (_, text) => {
    const lines = planted(text);
    expect(lines).not.toMatch(/CANARY|Q0FOQV|DQU5BUl|BOQVJZ/);
    expect(lines).toContain('<secret>');
  });

  test('also one that looks like nothing, when the configuration names its file; a changed one, too', () => {
    const channels = [
      { name: 'ops', type: 'slack', url_file: file('url', 'https://hooks.example.com/services/T0/B0/Zy12Xw34Vu56Ts78\n') },
      {
        ...{ name: 'mail', type: 'email', smtp_host: 'localhost', from: 'l@example.com', to: ['a@example.com'] },
        ...{ username: 'l', password_file: file('password', 'correct horse battery\n') },
      },
    ];
    const tokens = [{ name: 'team', token_file: file('token', 'plain-team-token\n') }];
    const settings = logSettingsOf(configSchema.parse({ alerts: { channels }, auth: { tokens } }), { isTerminal: false, color: false });
    const lines = planted('535 no correct horse battery, plain-team-token, Zy12Xw34Vu56Ts78', settings);
    expect(lines).not.toMatch(/correct horse|plain-team|Zy12/);
    file('password', 'staple');
    expect(planted('535 no staple', settings)).not.toContain('staple');
  });

  test('what is no secret stays: hosts, ports, names of keys, our own sentences', () => {
    const text =
      'slack: alerts.channels: slack: url_file: cannot read a secret from /etc/x. http://127.0.0.1:4318 and https://hooks.slack.com/. Tokens: 3';
    expect(line({ message: text }).msg).toBe(text.replace('hooks.slack.com/.', 'hooks.slack.com.'));
  });
});

describe('pretty', () => {
  const pretty = (given: Given): string => written({ ...given, settings: { format: 'pretty', ...given.settings } });

  test('is a line for people, with hint, cause and fields below it', () => {
    const error = new LedgerlineError('unavailable', 'It failed.', { hint: 'Try again.', cause: new Error('busy') });
    expect(pretty({ details: { error, fields: { path: '/x' } } })).toMatch(
      /^\d\d:\d\d:\d\d error api: It failed\. \(request_failed\)\n {9}Try again\.\n {9}cause: busy\n {9}path=\/x\n$/,
    );
  });

  test('shows what a terminal would obey: no escape, no line of its own, no turned text', () => {
    const evil = 'a\u001b[2Jb\u009b31mc\nd\r\u202ee\u2028f\u0007';
    const plain = pretty({ message: evil, details: { hint: evil, error: new Error(`${evil}!`), fields: { path: evil } } });
    expect(plain).not.toMatch(/[^\P{Cc}\n]|[\u2028\u202e]/u);
    expect(plain.trimEnd().split('\n')).toHaveLength(4);
    expect(plain).toContain('a\\u001b[2Jb\\u009b31mc\\nd\\u000d\\u202ee\\u2028f\\u0007');
  });
});

describe('the format', () => {
  const formatOf = (format: string, isTerminal: boolean): string =>
    logSettingsOf(configSchema.parse({ log: { format } }), { isTerminal, color: isTerminal }).format;

  test('auto is pretty on a terminal and JSON elsewhere; what is asked for wins', () => {
    expect([formatOf('auto', true), formatOf('auto', false)]).toEqual(['pretty', 'json']);
    expect([formatOf('json', true), formatOf('pretty', false)]).toEqual(['json', 'pretty']);
  });
});
