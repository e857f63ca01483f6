/** Keys of the configuration that were renamed go on working, in the file and in the environment. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../collector/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-former-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (text: string, env: Record<string, string> = {}) => {
  const file = join(folder, 'ledgerline.yaml');
  writeFileSync(file, text);
  return loadConfig({ file, env });
};

const SHA256 = 'a'.repeat(64);
const FORMER = `
organisation: acme
attribution: { organisation_attributes: [org], pseudonymise: true, pseudonym_key_file: ledgerline.yaml }
auth: { tokens: [{ name: ci, sha256: ${SHA256}, organisation: acme }] }
budgets: [{ name: acme, scope: { organisation: acme, team: a }, amount_usd: "5.00" }]
`;
const CURRENT = FORMER.replaceAll('organisation', 'organization').replace('pseudonymise', 'pseudonymize');

describe('the former name of a key', () => {
  test('means the same as its name of today', () => {
    const config = load(FORMER);
    expect(config).toEqual(load(CURRENT));
    expect([config.organization, config.attribution.pseudonymize, config.budgets[0]?.scope]).toEqual([
      'acme',
      true,
      { organization: 'acme', team: 'a' },
    ]);
  });

  test('works in the environment, alone and inside JSON, and wins over the file as any variable', () => {
    const env = {
      LEDGERLINE_ORGANISATION: 'from env',
      LEDGERLINE_ATTRIBUTION_ORGANISATION_ATTRIBUTES: '["x"]',
      LEDGERLINE_ATTRIBUTION_PSEUDONYMISE: 'false',
      LEDGERLINE_BUDGETS: '[{"name": "b", "scope": {"organisation": "b"}, "amount_usd": "1.00"}]',
    };
    const { organization, attribution, budgets } = load(CURRENT, env);
    expect([organization, attribution.organization_attributes, attribution.pseudonymize]).toEqual(['from env', ['x'], false]);
    expect(budgets[0]?.scope).toEqual({ organization: 'b' });
  });

  test('means the same also where its values are called otherwise today', () => {
    const claims = (text: string, env: Record<string, string> = {}) => load(text, env).attribution.claims;
    expect([claims('attribution: { token_wins: true }'), claims('attribution: { token_wins: false }'), claims('')]).toEqual([
      'token',
      'client',
      'token',
    ]);
    expect(claims('attribution: { token_wins: true }', { LEDGERLINE_ATTRIBUTION_TOKEN_WINS: 'false' })).toBe('client');
    expect(() => claims('attribution: { token_wins: maybe }')).toThrow('must be one of');
  });

  test('beside its name of today is refused', () => {
    expect(() => load('organisation: a\norganization: b')).toThrow('unknown key; did you mean "organization"?');
  });

  test('of a value that is wrong is reported with the place', () => {
    expect(() => load('', { LEDGERLINE_ATTRIBUTION_PSEUDONYMISE: 'maybe' })).toThrow('LEDGERLINE_ATTRIBUTION_PSEUDONYMISE: must be true or false');
  });
});
