/** A whole collector with readers who see a part: over REST and over /metrics, under names and under pseudonyms. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadSignIn } from '../../collector/app/sign-in-key.ts';
import { configSchema } from '../../collector/config/config.ts';
import { sealSession } from '../../collector/server/sign-in.ts';
import { logs, startWithTokens, type TokenCollector } from './tokens.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-scopes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const usage = (user: string, team: string, usd: number) =>
  logs({ session: `session-of-${team}`, usd, request: `req-${user}`, attributes: { 'user.email': user, 'team.id': team } });

const TOKENS = {
  sender: {},
  everything: { role: 'read' },
  lead: { role: 'read', scope: { teams: ['platform'] } },
  ada: { role: 'read', user: 'Ada@Example.com', scope: 'self' },
  named: { role: 'read', scope: { users: ['eve@example.com'] } },
} as const;

async function scrape({ collector }: TokenCollector, token: string | undefined): Promise<{ status: number; text: string }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${collector.ports.metrics}/metrics`, { headers });
  return { status: response.status, text: await response.text() };
}

const totalOf = async (collector: TokenCollector, token: string): Promise<unknown> => (await collector.get<{ total: unknown }>('spend', token)).total;

describe.each([false, true])('with pseudonyms: %s', (pseudonymize) => {
  let collector: TokenCollector;
  beforeAll(async () => {
    const pseudonym_key_file = join(folder, 'key');
    writeFileSync(pseudonym_key_file, 'a key of sixteen bytes or more');
    collector = await startWithTokens(TOKENS, pseudonymize ? { attribution: { pseudonymize, pseudonym_key_file } } : {});
    await collector.send('sender', usage('ada@example.com', 'platform', 1));
    await collector.send('sender', usage('bob@example.com', 'platform', 2));
    await collector.send('sender', usage('eve@example.com', 'search', 4));
  });
  afterAll(() => collector.stop());

  test('each reader sees the sum of what is within the scope', async () => {
    const totals = Object.fromEntries(
      await Promise.all((['everything', 'lead', 'ada', 'named'] as const).map(async (name) => [name, await totalOf(collector, name)] as const)),
    );
    expect(totals).toEqual({ everything: '7.00', lead: '3.00', ada: '1.00', named: '4.00' });
  });

  test('nobody hears a name that the ledger does not have', async () => {
    for (const token of ['lead', 'ada', 'named']) {
      const text = JSON.stringify(await Promise.all(['me', 'spend?by=user', 'sessions'].map((path) => collector.get(path, token))));
      expect({ token, hears: /@example\.com/.test(text) }).toEqual({ token, hears: !pseudonymize });
    }
  });

  test('a scrape has the series of the scope, and of the collector itself only for those who see everything', async () => {
    expect((await scrape(collector, undefined)).status).toBe(401);
    expect((await scrape(collector, 'sender')).status).toBe(403);
    const whole = await scrape(collector, 'everything');
    expect(whole.text).toContain('team="search"');
    expect(whole.text).toContain('ledgerline_receiver_requests');
    const part = await scrape(collector, 'lead');
    expect(part.status).toBe(200);
    expect(part.text).toContain('team="platform"');
    expect(part.text).not.toMatch(/search|eve@|ledgerline_receiver_requests|^ledgerline_records\{/m);
    expect(part.text).toContain('ledgerline_build_info');
    expect((await scrape(collector, 'everything')).text).toContain('team="search"');
  });
});

test('a sign-in is taken over REST by both threads for readers, and not for a scrape', async () => {
  const oidc = {
    ...{ issuer: 'https://login.example.com', client_id: 'ledgerline', base_url: 'http://localhost' },
    rules: [{ claim: 'groups', value: 'lead', scope: { teams: ['platform'] } }],
  };
  const config = configSchema.parse({ data: join(folder, 'signed-in'), auth: { oidc } });
  const rules = await loadSignIn(config);
  if (rules === undefined) throw new Error('no sign-in');
  const collector = await startWithTokens({}, { data: config.data, auth: { oidc } });
  try {
    await collector.send('none', usage('ada@example.com', 'platform', 1));
    await collector.send('none', usage('eve@example.com', 'search', 4));
    const cookie = `ledgerline=${sealSession(rules, { user: 'lead@example.com', stored: 'lead@example.com', rules: [0] }, Date.now())}`;
    const { api, metrics } = collector.collector.ports;
    const ask = async (url: string, headers: Record<string, string>) => (await fetch(url, { headers })).status;
    expect(await ask(`http://127.0.0.1:${api}/api/v1/spend`, {})).toBe(401);
    expect(await ask(`http://127.0.0.1:${api}/api/v1/spend`, { cookie: 'ledgerline=made-up' })).toBe(401);
    expect(await ask(`http://127.0.0.1:${metrics}/metrics`, { cookie })).toBe(401);
    const answer = await fetch(`http://127.0.0.1:${api}/api/v1/spend`, { headers: { cookie } });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 200, body: { total: '1.00' } });
  } finally {
    await collector.stop();
  }
});

describe('the key of sign-ins', () => {
  const config = (data: string) => {
    const oidc = { issuer: 'https://login.example.com', client_id: 'a', base_url: 'https://ledgerline.example.com', rules: [{ scope: 'self' }] };
    return configSchema.parse({ data: join(folder, data), auth: { oidc } });
  };

  test('is made once, for this user alone', async () => {
    const first = await loadSignIn(config('made'));
    const again = await loadSignIn(config('made'));
    expect(first).toMatchObject({ isSecure: true, sessionMs: 28_800_000, scopes: ['self'] });
    expect(again?.key).toEqual(first?.key);
    expect((await loadSignIn(config('other')))?.key).not.toEqual(first?.key);
    expect(statSync(join(folder, 'made', 'sign-in.key')).mode & 0o777).toBe(0o600);
  });

  test('is not made up where its file is broken', async () => {
    await loadSignIn(config('broken'));
    writeFileSync(join(folder, 'broken', 'sign-in.key'), 'short');
    await expect(loadSignIn(config('broken'))).rejects.toThrow('holds no key');
  });

  test('is not made where nobody signs in', async () => {
    expect(await loadSignIn(configSchema.parse({ data: join(folder, 'none') }))).toBeUndefined();
    expect(() => statSync(join(folder, 'none'))).toThrow('ENOENT');
  });
});

test.each([false, true])(
  'a reader who is named by an alias sees what is booked on the user, with pseudonyms: %s',
  async (pseudonymize) => {
    const file = join(folder, 'directory.yaml');
    writeFileSync(file, 'users: { ada@example.com: { aliases: [account-1, { name: dev-7, until: 2026-01-01 }] } }');
    const pseudonym_key_file = join(folder, 'key');
    writeFileSync(pseudonym_key_file, 'a key of sixteen bytes or more');
    const readers = {
      // A pseudonym does not say how else its name is spelt.
      own: { role: 'read', user: pseudonymize ? 'account-1' : 'Account-1', scope: 'self' },
      named: { role: 'read', scope: { users: ['account-1'] } },
      former: { role: 'read', scope: { users: ['dev-7'] } },
    } as const;
    const attribution = { directory_file: file, ...(pseudonymize && { pseudonymize, pseudonym_key_file }) };
    const collector = await startWithTokens({ ...TOKENS, ...readers }, { attribution });
    try {
      await collector.send('sender', usage('ada@example.com', 'platform', 1));
      await collector.send('sender', usage('account-1', 'platform', 2));
      await collector.send('sender', usage('eve@example.com', 'search', 4));
      const totals = await Promise.all((['everything', 'own', 'named', 'former'] as const).map((name) => totalOf(collector, name)));
      expect(totals).toEqual(['7.00', '3.00', '3.00', '0.00']);
      expect((await scrape(collector, 'named')).text).toContain('team="platform"');
      expect((await scrape(collector, 'former')).text).not.toContain('team="platform"');
    } finally {
      await collector.stop();
    }
  },
  240_000,
);
