/** Commands that ask a collector with the token of a reader who sees a part: they print that part, and no name of anybody else. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { logs, startWithTokens, type TokenCollector } from '../app/tokens.ts';
import { printed } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-cli-scopes-'));
const TOKENS = {
  sender: {},
  finance: { role: 'read' },
  lead: { role: 'read', scope: { teams: ['platform'] } },
  eve: { role: 'read', user: 'eve@example.com', scope: 'self' },
  typo: { role: 'read', scope: { teams: ['platfrom'] } },
} as const;
type Token = keyof typeof TOKENS;

const USERS = { ada: ['platform', 1], bob: ['platform', 2], eve: ['search', 4] } as const;
const SEES: readonly (readonly [Token, readonly (keyof typeof USERS)[]])[] = [
  ['finance', ['ada', 'bob', 'eve']],
  ['lead', ['ada', 'bob']],
  ['eve', ['eve']],
  ['typo', []],
];

let collector: TokenCollector;
beforeAll(async () => {
  collector = await startWithTokens(TOKENS);
  for (const [name, [team, usd]] of Object.entries(USERS)) {
    const attributes = { 'user.email': `${name}@example.com`, 'team.id': team };
    await collector.send('sender', logs({ session: `session-of-${name}`, usd, request: `req-${name}`, attributes }));
  }
});
afterAll(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true });
});

function ask(token: Token, ...args: string[]): Promise<string> {
  const file = join(folder, token);
  // A token's text is its name.
  writeFileSync(file, token);
  const url = `http://127.0.0.1:${collector.collector.ports.api}`;
  return printed([...args, '--url', url, '--token-file', file], { now: Date.now() });
}

/** Users that a text names, by their address or a session. */
const namedIn = (text: string): string[] => Object.keys(USERS).filter((name) => new RegExp(`\\b${name}@example|session-of-${name}`).test(text));
const sum = (users: readonly (keyof typeof USERS)[]): number => users.reduce((all, name) => all + USERS[name][1], 0);

describe.each(SEES)('with the token of %s', (token, users) => {
  const teams = [...new Set(users.map((name) => USERS[name][0]))];

  test('report shows the scope', async () => {
    const { rows, total } = JSON.parse(await ask(token, 'report', '--by', 'team,user', '-o', 'json', '--period', 'day'));
    expect(Number(total)).toBe(sum(users));
    expect(new Set(rows.map(({ user }: { user: string }) => user))).toEqual(new Set(users.map((name) => `${name}@example.com`)));
    expect(new Set(rows.map(({ team }: { team: string }) => team))).toEqual(new Set(teams));
    const table = await ask(token, 'report', '--by', 'team,user');
    expect(namedIn(table)).toEqual(users);
    if (!teams.includes('search')) expect(table).not.toContain('search');
  });

  test('session shows the scope, and no session outside it', async () => {
    const { session, totals } = JSON.parse(await ask(token, 'session', '--json'));
    expect(session.map(({ sessionId }: { sessionId: string }) => sessionId).sort()).toEqual(users.map((name) => `session-of-${name}`));
    expect(totals.totalCost).toBe(sum(users));
    for (const name of Object.keys(USERS) as (keyof typeof USERS)[]) {
      const one = ask(token, 'session', `session-of-${name}`, '-o', 'json');
      if (users.includes(name)) expect(JSON.parse(await one)).toMatchObject({ session_id: `session-of-${name}` });
      else await expect(one).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  test('export writes the scope', async () => {
    for (const format of ['csv', 'jsonl', 'focus']) {
      const file = join(folder, `${token}.${format}`);
      await ask(token, 'export', '--format', format, '--output', file);
      expect({ format, names: namedIn(readFileSync(file, 'utf8')) }).toEqual({ format, names: users });
    }
  });

  test('top shows the scope', async () => {
    const text = await ask(token, 'top', '--once', '-o', 'json');
    expect(namedIn(text)).toEqual(users);
    if (!teams.includes('search')) expect(text).not.toContain('search');
  });

  test('doctor names the scope that names nothing to those alone who see everything', async () => {
    const { findings } = JSON.parse(await ask(token, 'doctor', '-o', 'json'));
    const messages = findings?.map(({ message }: { message: string }) => message).join(' ') ?? '';
    expect(messages.includes('the token "typo" may see team=platfrom, which no record has; did you mean "platform"?')).toBe(token === 'finance');
  });
});
