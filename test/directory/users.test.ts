import { describe, expect, test } from '@jest/globals';
import { createDirectory, type Directory } from '../../collector/directory/directory.ts';
import { factsOfMerges } from '../../collector/directory/merges-feed.ts';
import { resolve } from '../../collector/directory/resolve.ts';
import { factsOfFile } from '../../collector/directory/yaml-feed.ts';
import { parseDirectory } from '../support/operator-files.ts';

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const NOW = at('2026-11-20');
const directoryOf = (texts: Readonly<Record<string, string>>, teamPriority: readonly string[] = []): Directory =>
  createDirectory({ feeds: Object.entries(texts).map(([feed, text]) => factsOfFile(feed, parseDirectory(text, feed))), teamPriority });

describe('an alias', () => {
  test('should stand for its user, in any capitals, while it holds', () => {
    const directory = directoryOf({
      hr: `
users:
  ada@example.com:
    aliases: [0F8FAD5B-d9cb, 'arn:aws:iam::123:user/ada', { name: dev-7, from: 2026-09-01, until: 2026-10-01 }]
  bob@example.com: { aliases: [{ name: dev-7, from: 2026-10-01 }] }
`,
    });
    expect(['0f8fad5b-D9CB', 'ARN:aws:iam::123:user/ada', 'ADA@example.com', 'nobody'].map((name) => directory.canonical(name, NOW))).toEqual([
      'ada@example.com',
      'ada@example.com',
      'ADA@example.com',
      'nobody',
    ]);
    expect(['2026-08-31', '2026-09-01', '2026-09-30', '2026-10-01'].map((day) => directory.canonical('dev-7', at(day)))).toEqual([
      'dev-7',
      'ada@example.com',
      'ada@example.com',
      'bob@example.com',
    ]);
    expect(directory.everyName('ada@example.com').toSorted()).toEqual(['0F8FAD5B-d9cb', 'ada@example.com', 'arn:aws:iam::123:user/ada']);
  });

  test('that two feeds have in common should make one user of two, named by the first feed', () => {
    const directory = directoryOf({
      hr: 'users: { ada@example.com: { memberships: { team: search } } }',
      idp: 'users: { alovelace: { aliases: [ada@example.com, uuid-1], memberships: { cost_center: cc-1, team: other } } }',
    });
    expect(['alovelace', 'uuid-1', 'ada@example.com'].map((name) => directory.canonical(name, NOW))).toEqual(Array(3).fill('ada@example.com'));
    expect(directory.placed('ada@example.com', NOW)).toMatchObject({
      placement: { team: 'search', cost_center: 'cc-1' },
      from: { team: 'hr', cost_center: 'idp' },
      feeds: [{ feed: 'hr' }, { feed: 'idp', user: 'alovelace', owner: { team: 'other' } }],
    });
  });

  test.each([
    ['an alias of two users', 'users: { a: { aliases: [x] }, b: { aliases: [X] } }', 'the name "X" stands for a and for b at the same time'],
    ['an alias that is a user', 'users: { a: { aliases: [b] }, b: {} }', 'the name "b" stands for b and for a at the same time'],
    ['a user in two sections', 'people: { a: { team: x } }\nusers: { A: {} }', 'A is under people and under users'],
  ])('is refused as %s', (_name, text, message) => {
    expect(() => directoryOf({ hr: text })).toThrow(message);
  });
});

describe('a merge', () => {
  const merged = (text: string, ...merges: readonly { readonly alias: string; readonly user: string }[]): Directory =>
    createDirectory({ feeds: [factsOfMerges(merges), factsOfFile('hr', parseDirectory(text, 'hr'))] });
  const usersOf = (directory: Directory, names: readonly string[]): readonly string[] => names.map((name) => directory.canonical(name, NOW));

  test('of a name of one user into another should leave that user as it is', () => {
    const directory = merged(
      'users: { ada@example.com: { memberships: { team: search } }, bob@example.com: { aliases: [dev-7, b-1], memberships: { team: data } } }',
      { alias: 'dev-7', user: 'ada@example.com' },
    );
    expect(usersOf(directory, ['bob@example.com', 'b-1', 'dev-7'])).toEqual(['bob@example.com', 'bob@example.com', 'ada@example.com']);
    expect(directory.everyName('ada@example.com')).toEqual(['ada@example.com', 'dev-7']);
    expect(directory.everyName('bob@example.com')).toEqual(['bob@example.com', 'b-1']);
    expect(['ada@example.com', 'bob@example.com'].map((user) => directory.person(user, NOW)?.team)).toEqual(['search', 'data']);
  });

  test('into an alias of a user should be into the user', () => {
    const directory = merged('users: { ada@example.com: { aliases: [ada-login], memberships: { team: search } } }', {
      alias: 'acct-1',
      user: 'ada-login',
    });
    expect(usersOf(directory, ['ada@example.com', 'ada-login', 'acct-1'])).toEqual(Array(3).fill('ada@example.com'));
    expect(directory.everyName('ada@example.com').toSorted()).toEqual(['acct-1', 'ada-login', 'ada@example.com']);
    expect(directory.placed('ada@example.com', NOW)?.feeds).toMatchObject([{ feed: 'merges' }, { feed: 'hr' }]);
  });

  test('of a user into another name of its own should make that its name', () => {
    const directory = merged('users: { ada@example.com: { aliases: [ada-login, a-1], memberships: { team: search } } }', {
      alias: 'ada@example.com',
      user: 'ada-login',
    });
    expect(usersOf(directory, ['ada@example.com', 'ada-login', 'a-1'])).toEqual(Array(3).fill('ada-login'));
    expect(directory.person('ada-login', NOW)?.team).toBe('search');
  });

  test.each([
    ['after', 'people: { acct-1: { team: old, cost_center: cc-1 }, ada@example.com: { team: search } }'],
    ['before', 'people: { ada@example.com: { team: search }, acct-1: { team: old, cost_center: cc-1 } }'],
  ])('of two users of one feed should keep what it says of the user itself, named %s the other', (_order, text) => {
    const directory = merged(text, { alias: 'acct-1', user: 'ada@example.com' });
    expect(directory.person('ada@example.com', NOW)).toEqual({ team: 'search', cost_center: 'cc-1' });
  });
});

describe('of several teams at a time', () => {
  const TEXT = `
users:
  ada: { memberships: [{ team: everyone }, { team: engineering }, { team: search }, { team: on-call, until: 2026-10-01 }] }
teams:
  engineering: { parent: everyone, cost_center: cc-eng }
  search: { parent: engineering }
`;
  const ownerIn = (priority: readonly string[], day = '2026-11-20') => directoryOf({ hr: TEXT }, priority).placed('ada', at(day))?.owner;

  test('the one that lies deepest owns, and the others are kept', () => {
    expect(ownerIn([])).toEqual({ team: 'search', reason: 'most_specific', others: ['engineering', 'everyone'] });
  });

  test('the configured order goes before', () => {
    expect(ownerIn(['On-Call', 'engineering'])).toEqual({ team: 'engineering', reason: 'priority', others: ['everyone', 'search'] });
    expect(ownerIn(['On-Call', 'engineering'], '2026-09-30')).toMatchObject({ team: 'on-call', reason: 'priority' });
  });

  test('the cost center is that of the nearest team above that has one', () => {
    expect(resolve({ user: 'ada' }, directoryOf({ hr: TEXT }), NOW)).toEqual({
      team: { value: 'search', by: 'user' },
      cost_center: { value: 'cc-eng', by: 'team' },
    });
  });

  test('a circle of parents ends', () => {
    const directory = directoryOf({ hr: 'teams: { a: { parent: b }, b: { parent: a } }' });
    expect(directory.teams.path('a', NOW)).toEqual(['a', 'b']);
  });
});

describe('rules', () => {
  const directory = directoryOf({
    rules: `
domains: { example.com: { team: staff }, '*.example.com': { team: contractors, cost_center: cc-c } }
tokens: { 'ci-*': [{ team: ci }, { from: 2026-11-01, team: delivery }] }
workspaces: { payments: { cost_center: cc-pay, team: billing } }
repositories: { 'github.com/acme/*': { team: acme } }
`,
  });
  const teamOf = (subject: Parameters<typeof resolve>[0], timeMs = NOW) => resolve(subject, directory, timeMs).team;

  test('find a team by domain, token and workspace, each only where nobody nearer knows it', () => {
    expect(teamOf({ user: 'ada@example.com' })).toEqual({ value: 'staff', by: 'domain' });
    expect(teamOf({ user: 'ada@dev.example.com' })).toEqual({ value: 'contractors', by: 'domain' });
    expect(teamOf({ user: 'ada@elsewhere.com' })).toBeUndefined();
    expect(teamOf({ user: 'ada@example.com', tokenName: 'ci-eu' })).toEqual({ value: 'delivery', by: 'token_rule' });
    expect(teamOf({ tokenName: 'ci-eu' }, at('2026-10-31'))).toEqual({ value: 'ci', by: 'token_rule' });
    expect(teamOf({ tokenName: 'ci-eu', claimed: { workspace: 'payments' } })).toEqual({ value: 'billing', by: 'workspace' });
    expect(teamOf({ repository: 'github.com/acme/api', claimed: { workspace: 'payments' } })).toEqual({ value: 'acme', by: 'repository' });
    expect(teamOf({ repository: 'github.com/acme/api', claimed: { team: 'mine' }, token: { team: 'known' } })).toEqual({
      value: 'known',
      by: 'token',
    });
  });

  test('give a workspace its cost center', () => {
    expect(resolve({ claimed: { workspace: 'Payments', cost_center: 'mine' } }, directory, NOW).cost_center).toEqual({
      value: 'cc-pay',
      by: 'workspace',
    });
  });
});
