/** No secret of a configuration is printed, neither by `config show` nor by the error about it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../collector/config/load.ts';
import { redact } from '../../collector/config/redact.ts';
import { printed } from '../cli/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-redact-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(folder, 'f-')), 'ledgerline.yaml');
  writeFileSync(file, text);
  return file;
}

function messageOf(text: string, env: Record<string, string> = {}): string {
  try {
    loadConfig({ file: fileWith(text), env });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '(no error)';
}

test('config show has hosts of channels and not what is behind them, and of links all but the secrets in them', async () => {
  const hash = 'a'.repeat(64);
  const shown = await printed([
    'config',
    'show',
    '--config',
    fileWith(`
auth: {tokens: [{name: ci, sha256: ${hash}}]}
alerts:
  grafana_url: https://grafana.example.com/boards?token=CANARY-1#CANARY-2
  runbooks_url: runbooks?sig=CANARY-3
  channels:
    - {name: a, type: webhook, url: "https://hooks.slack.com/services/T0/B0/CANARY-4"}
    - {name: b, type: webhook, url: "http://127.0.0.1:9/?key=CANARY-5"}
    - {name: c, type: alertmanager, url: "http://alerts.example.com:9093"}
`),
  ]);
  expect(shown).not.toMatch(/CANARY/);
  expect(shown).not.toContain(hash);
  for (const kept of ['sha256: <secret>', 'name: ci', 'grafana_url: https://grafana.example.com/boards\n', 'runbooks_url: runbooks\n'])
    expect(shown).toContain(kept);
  for (const kept of ['url: https://hooks.slack.com/<secret>', 'url: http://127.0.0.1:9/<secret>', 'url: http://alerts.example.com:9093\n'])
    expect(shown).toContain(kept);
});

describe('what may be printed', () => {
  test.each([
    ['a password in an address', 'postgres://ledger:CANARY@db:5432/spend', 'postgres://db:5432/<secret>'],
    ['one with spaces', 'https://bob:CAN ARY@example.com/', '<secret>'],
    ['one that is no address', 'https://[CANARY', '<secret>'],
    ['what is no address', 'a/b?c', 'a/b?c'],
  ])('has nothing of %s', (_, value, shown) => {
    expect(redact({ any: value, list: [[value]], map: { [value]: 1 } })).toEqual({ any: shown, list: [[shown]], map: { [shown]: 1 } });
  });

  test.each(['password', 'smtp_password', 'api_key', 'apiKey', 'Authorization', 'routing_key', 'credentials', 'x-token'])(
    'nor the values of %s',
    (key) => {
      expect(redact({ [key]: 'CANARY', deep: [{ [key]: ['CANARY', 7] }] })).toEqual({
        [key]: '<secret>',
        deep: [{ [key]: ['<secret>', '<secret>'] }],
      });
    },
  );
});

describe('an error', () => {
  test.each([
    ['week_start: https://example.com/CANARY'],
    ['timezone: "https://bob:CANARY@example.com"'],
    ['budgets: [{name: "https://example.com/?token=CANARY", period: month, amount_usd: "1"}]'],
    ['alerts: {channels: [{name: a, type: webhook, url: "ftp://example.com/CANARY"}]}'],
    ['server: {password: CANARY, api_port: "https://example.com/CANARY"}'],
    ['auth: {tokens: [{name: a, token: CANARY}]}'],
  ])('quotes no secret: %s', (text) => {
    expect(messageOf(text)).not.toMatch(/CANARY|no error/);
  });

  test('quotes no broken list that may hold one', () => {
    expect(messageOf('', { LEDGERLINE_BUDGETS: '[{"password": "CANARY"' })).not.toMatch(/CANARY|no error/);
    expect(messageOf('', { LEDGERLINE_BUDGETS: '["https://example.com/CANARY"' })).not.toMatch(/CANARY|no error/);
    expect(messageOf('', { LEDGERLINE_BUDGETS: 'a,b' })).toContain('"a,b"');
  });
});
