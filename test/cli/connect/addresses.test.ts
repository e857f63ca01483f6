import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { addressesOf } from '../../../collector/cli/connect/addresses.ts';
import { settingsFile } from '../../../collector/cli/connect/places.ts';

describe('one address gives both', () => {
  test.each([
    ['https://ledgerline.example.com', {}, 'https://ledgerline.example.com:4318', 'https://ledgerline.example.com:8484'],
    ['http://127.0.0.1:4318/', {}, 'http://127.0.0.1:4318', 'http://127.0.0.1:8484'],
    ['http://127.0.0.1:8484', {}, 'http://127.0.0.1:4318', 'http://127.0.0.1:8484'],
    ['http://127.0.0.1:8484', { grpc: true }, 'http://127.0.0.1:4317', 'http://127.0.0.1:8484'],
    ['http://127.0.0.1:4318', { grpc: true }, 'http://127.0.0.1:4317', 'http://127.0.0.1:8484'],
    ['http://127.0.0.1:4317', {}, 'http://127.0.0.1:4318', 'http://127.0.0.1:8484'],
    ['http://127.0.0.1:14318', {}, 'http://127.0.0.1:14318', 'http://127.0.0.1:8484'],
    ['https://ledgerline.example.com:443', {}, 'https://ledgerline.example.com', 'https://ledgerline.example.com:8484'],
    ['http://ledgerline.example.com:80/otlp', {}, 'http://ledgerline.example.com/otlp', 'http://ledgerline.example.com:8484/otlp'],
    ['http://[::1]', {}, 'http://[::1]:4318', 'http://[::1]:8484'],
    ['http://[::1]:4318', {}, 'http://[::1]:4318', 'http://[::1]:8484'],
    [
      'https://gateway.example.com',
      { otlpUrl: 'https://gateway.example.com/otlp/', apiUrl: 'https://gateway.example.com' },
      'https://gateway.example.com/otlp',
      'https://gateway.example.com',
    ],
  ])('%s %j', (given, options, otlp, api) => expect(addressesOf(given, options)).toEqual({ otlp, api }));
});

describe('settings are at', () => {
  const machine = { env: { HOME: '/srv/ada' }, platform: 'linux', cwd: '/srv/api' } as const;

  test.each([
    ['user', {}, '/srv/ada/.claude/settings.json'],
    ['user', { env: { HOME: '/srv/ada', CLAUDE_CONFIG_DIR: '/srv/claude' } }, '/srv/claude/settings.json'],
    ['project', {}, '/srv/api/.claude/settings.json'],
    ['local', {}, '/srv/api/.claude/settings.local.json'],
    ['managed', {}, '/etc/claude-code/managed-settings.json'],
    ['managed', { platform: 'darwin' }, '/Library/Application Support/ClaudeCode/managed-settings.json'],
    ['managed', { platform: 'win32' }, 'C:\\Program Files\\ClaudeCode\\managed-settings.json'],
  ] as const)('%s %j', (scope, own, expected) => {
    expect(settingsFile(scope, { ...machine, ...own })).toBe(scope === 'managed' ? expected : join(expected));
  });
});
