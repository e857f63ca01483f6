import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../../collector/config/config.ts';
import {
  type Attributed,
  type AttributionConfig,
  claimAttributes,
  createAttribution,
  overruledIn,
} from '../../../collector/ingest/attribution/attribution.ts';
import type { AttributeValue, Claims } from '../../../collector/ingest/attribution/claims.ts';
import { createOverruled } from '../../../collector/ingest/attribution/overruled.ts';
import { createPseudonymizer } from '../../../collector/ingest/attribution/pseudonym.ts';
import { createRealms } from '../../../collector/ingest/attribution/realm.ts';
import type { Credentials } from '../../../collector/server/auth.ts';
import { createDirectory, parseDirectory } from '../../support/operator-files.ts';

type Plain = Readonly<Record<string, AttributeValue>>;

const NOW = Date.parse('2026-11-20T14:00:00Z');
const claimsOf = (record: Plain, resource: Plain = {}): Claims => ({
  record: new Map(Object.entries(record)),
  resource: new Map(Object.entries(resource)),
});
const configOf = (settings: object = {}): AttributionConfig => configSchema.parse({ attribution: settings }).attribution;

const DIRECTORY = createDirectory(
  parseDirectory(
    `
people:
  Alice@Example.com:
    - { team: search, workspace: alice-sandbox }
    - { from: 2026-09-01, team: platform, cost_center: cc-7, department: engineering }
  user-1: { team: data }
repositories:
  https://github.com/acme/*: { workspace: acme, team: everyone }
  https://github.com/acme/api: { workspace: api }
  https://github.com/acme/web-*: { workspace: web, cost_center: cc-web, department: product }
`,
    'directory.yaml',
  ),
);

function attribute(
  record: Plain,
  options: { resource?: Plain; credentials?: Credentials; settings?: object; timeMs?: number; directory?: boolean } = {},
): Attributed {
  const attributed = createAttribution({
    attribution: configOf(options.settings),
    organization: '',
    ...(options.directory === true && { directory: () => DIRECTORY }),
  });
  return attributed(claimsOf(record, options.resource), options.credentials ?? {}, options.timeMs ?? NOW);
}

describe('the user', () => {
  const all: Plain = {
    'user.email': 'Alice@Example.com',
    'enduser.id': 'enduser',
    'user.account_uuid': 'uuid',
    'user.account_id': 'user_01',
    'user.id': 'hash',
  };
  const { 'user.email': _email, ...withoutEmail } = all;
  const { 'enduser.id': _enduser, ...accounts } = withoutEmail;
  const { 'user.account_uuid': _uuid, ...tagged } = accounts;

  test.each<[string, Plain, Credentials, string]>([
    ['gateway identity, by e-mail', { ...all, 'identity.source': 'gateway-oidc' }, { user: 'token-user' }, 'alice@example.com'],
    ['gateway identity, by subject', { ...withoutEmail, 'identity.source': 'gateway-oidc' }, { user: 'token-user' }, 'hash'],
    ['e-mail, in lower case', all, { user: 'token-user' }, 'alice@example.com'],
    ['configured attribute', withoutEmail, { user: 'token-user' }, 'enduser'],
    ['account', accounts, { user: 'token-user' }, 'uuid'],
    ['account in its tagged form', tagged, { user: 'token-user' }, 'user_01'],
    ['token', { 'user.id': 'hash' }, { user: 'token-user' }, 'token-user'],
    ['installation', { 'user.id': 'hash' }, {}, 'hash'],
    ['percent-encoded attribute', { 'enduser.id': 'Bob%40example.com' }, {}, 'bob@example.com'],
    ['attribute that is not decodable', { 'enduser.id': '100%' }, {}, '100%'],
    ['number', { 'enduser.id': 42 }, {}, '42'],
  ])('should be the %s, where clients are believed', (_name, record, credentials, user) => {
    expect(attribute(record, { credentials, settings: { claims: 'client' } }).user).toBe(user);
  });

  test.each<[string, Plain, string]>([
    ['e-mail', all, 'token-user'],
    ['gateway identity', { ...all, 'identity.source': 'gateway-oidc' }, 'alice@example.com'],
    ['installation', { 'user.id': 'hash' }, 'token-user'],
  ])('of a token should hold against the %s, unless the token is that of a gateway', (_name, record, ofGateway) => {
    const credentials = { user: 'token-user' };
    expect(attribute(record, { credentials }).user).toBe('token-user');
    expect(attribute(record, { credentials, settings: { user: ['email'] } }).user).toBe('token-user');
    expect(attribute(record, { credentials, settings: { claims: 'gateway' } }).user).toBe(ofGateway);
  });

  test('of a token should decide the team by the directory', () => {
    const credentials = { user: 'ALICE@example.com' };
    const record = { 'user.email': 'bob@example.com' };
    expect(attribute(record, { credentials, directory: true })).toMatchObject({ user: 'alice@example.com', team: 'platform' });
  });

  test('should follow the order of the configuration', () => {
    expect(attribute(all, { settings: { user: ['token', 'user_id'] }, credentials: { user: 't' } }).user).toBe('t');
    expect(attribute(all, { settings: { user: ['token', 'user_id'] } }).user).toBe('hash');
    expect(attribute(all, { settings: { user: ['attribute'], user_attributes: ['user.login'] } })).not.toHaveProperty('user');
  });

  test('should be absent, not empty, when nobody says', () => {
    expect(attribute({ 'user.email': ' ', 'user.id': '' })).toEqual({});
  });

  test('should be pseudonymized after the directory was asked', () => {
    const pseudonymize = createPseudonymizer(Buffer.from('0123456789abcdef'));
    const attributed = createAttribution({ attribution: configOf(), organization: '', directory: () => DIRECTORY, pseudonymize });
    const { user, team } = attributed(claimsOf(all), {}, NOW);
    expect(user).toMatch(/^anon-[\w-]{22}$/);
    expect(team).toBe('platform');
    expect(pseudonymize('alice@example.com')).toBe(user);
    expect(pseudonymize('bob@example.com')).not.toBe(user);
    expect(createPseudonymizer(Buffer.from('another key, 16+'))('alice@example.com')).not.toBe(user);
  });
});

describe('organization, team, workspace and cost center', () => {
  test('should come from the record before the resource', () => {
    const record = { 'team.id': 'record', cost_center: 'cc-1' };
    const resource = { 'team.id': 'resource', 'workspace.id': 'w', department: 'engineering%20east' };
    expect(attribute(record, { resource })).toEqual({ team: 'record', workspace: 'w', cost_center: 'cc-1', department: 'engineering east' });
  });

  test('should come from the first configured attribute that has a value', () => {
    const settings = { team_attributes: ['squad', 'team'], workspace_attributes: ['project'] };
    expect(attribute({ squad: '', team: 't', 'team.id': 'x', project: 'p' }, { settings })).toMatchObject({ team: 't', workspace: 'p' });
  });

  test('should come from the token first, unless the token is only a fallback', () => {
    const credentials = { organization: 'acme', team: 'token', workspace: 'token-w' };
    const record = { 'team.id': 'client', 'workspace.id': 'client-w', 'organization.id': 'client-o' };
    expect(attribute(record, { credentials })).toMatchObject({ organization: 'acme', team: 'token', workspace: 'token-w' });
    const settings = { claims: 'client' };
    expect(attribute(record, { credentials, settings })).toMatchObject({ organization: 'client-o', team: 'client', workspace: 'client-w' });
    expect(attribute({}, { credentials, settings })).toMatchObject({ organization: 'acme', team: 'token', workspace: 'token-w' });
  });

  test('should fall back to the configured organization', () => {
    const attributed = createAttribution({ attribution: configOf(), organization: 'acme' });
    expect(attributed(claimsOf({}), {}, NOW)).toEqual({ organization: 'acme' });
    expect(attributed(claimsOf({ 'organization.id': 'o' }), {}, NOW)).toEqual({ organization: 'o' });
  });

  test('a person should belong to the team of the time, and the directory should win over what the client says', () => {
    const record = { 'user.email': 'alice@example.com', 'team.id': 'client' };
    const at = (timeMs: number) => attribute(record, { directory: true, timeMs });
    expect(at(Date.parse('2026-08-31T23:59:59.999Z'))).toEqual({ user: 'alice@example.com', team: 'search', workspace: 'alice-sandbox' });
    expect(at(Date.parse('2026-09-01T00:00:00Z'))).toEqual({
      ...{ user: 'alice@example.com', team: 'platform', cost_center: 'cc-7', department: 'engineering' },
    });
  });

  test.each<[string, Attributed]>([
    ['https://github.com/acme/api', { workspace: 'api' }],
    ['https://github.com/acme/api.git', { workspace: 'api' }],
    ['https://github.com/acme/web-shop', { workspace: 'web', cost_center: 'cc-web', department: 'product' }],
    ['https://github.com/acme/other', { workspace: 'acme', team: 'everyone' }],
    ['https://github.com/else/where', { workspace: 'https://github.com/else/where' }],
  ])('repository %s should be found by its name, then by the longest pattern', (url, expected) => {
    expect(attribute({ 'vcs.repository.url.full': url }, { directory: true })).toEqual({ ...expected, repository: url.replace(/\.git$/, '') });
  });

  test('a repository should not be the workspace when that is not wanted, and never keep a password', () => {
    const record = { 'vcs.repository.url.full': 'https://bob:secret@github.com/acme/x.git' };
    expect(attribute(record, { settings: { workspace_from_repository: false } })).toEqual({ repository: 'https://github.com/acme/x' });
  });
});

describe('claims that a token overrules', () => {
  const credentials = { organization: 'acme', team: 'a', user: 'Alice@Example.com', workspace: 'w' };
  const overruled = (record: Plain, own: Credentials = credentials, settings: object = {}) => overruledIn(configOf(settings), claimsOf(record), own);
  const other = { 'organization.id': 'b', 'team.id': 'b', 'user.email': 'bob@example.com', 'workspace.id': 'x' };

  test('should be those that differ from what it names', () => {
    expect(overruled(other)).toEqual(['organization', 'team', 'user', 'workspace']);
    expect(overruled({ 'organization.id': 'acme', 'team.id': 'a', 'user.email': 'alice@example.com', 'workspace.id': 'w' })).toEqual([]);
    expect(overruled({})).toEqual([]);
    expect(overruled(other, {})).toEqual([]);
    expect(overruled(other, credentials, { claims: 'client' })).toEqual([]);
    expect(overruled({ ...other, 'identity.source': 'gateway-oidc' }, credentials, { claims: 'gateway' })).not.toContain('user');
  });

  test('should not be the ids of accounts and installations, nor another name of the same person', () => {
    expect(overruled({ 'user.id': 'hash', 'user.account_uuid': 'uuid' })).toEqual([]);
    expect(overruled({ 'user.email': 'alice@example.com', 'user.account_uuid': 'uuid' }, { user: 'uuid' })).toEqual([]);
  });

  test('should not be another name that the directory has for the user, as it is now', () => {
    let directory = createDirectory(parseDirectory('users: {}', 'd.yaml'));
    const count = createOverruled({ attribution: configOf() }, { directory: () => directory, now: () => Date.parse('2026-11-20') });
    const records = ['alice@example.com', 'bob@example.com'].map((email) => ({ claims: claimsOf({ 'user.email': email }) }));
    const counted = (user: string): number => count(records, { user }).reduce((sum, one) => sum + one.count, 0);
    const [own, alias] = [{ user: 'Alice@example.com' }, { user: 'account-1' }];
    expect([count(records, own), count(records, alias)].map((found) => found[0]?.count)).toEqual([1, 2]);
    const aliases = '[account-1, { name: account-2, until: 2026-11-01 }]';
    directory = createDirectory(parseDirectory(`users: { Alice@example.com: { aliases: ${aliases} } }`, 'd.yaml'));
    expect([count(records, own), count(records, alias)].map((found) => found[0]?.count)).toEqual([1, 1]);
    expect([counted('ACCOUNT-1'), counted('account-2'), counted('dev-9')]).toEqual([1, 2, 2]);
  });
});

describe('attribution', () => {
  test('should give records that claim the same one answer, and a new one when a fact changes', () => {
    const attributed = createAttribution({ attribution: configOf(), organization: '', directory: () => DIRECTORY });
    const claims = claimsOf({ 'user.email': 'alice@example.com' });
    const credentials = { name: 'a' };
    const now = attributed(claims, credentials, NOW);
    expect(attributed(claims, credentials, NOW + 1)).toBe(now);
    expect(attributed(claims, credentials, Date.parse('2026-08-01')).team).toBe('search');
    expect(attributed(claims, credentials, NOW)).toEqual(now);
    expect(attributed(claims, { team: 'other' }, NOW).team).toBe('other');
    expect(attributed(claims, credentials, NOW)).toEqual(now);
  });

  test('should name every attribute it reads, and nothing that is content', () => {
    const names = claimAttributes(configOf({ team_attributes: ['squad'] }));
    expect([...names]).toEqual(expect.arrayContaining(['squad', 'user.email', 'user.id', 'identity.source', 'organization.id', 'cost_center']));
    expect([...names].filter((name) => /prompt|response|body|tool|command|error/.test(name))).toEqual([]);
  });
});

describe('a job of CI', () => {
  const run: Plain = {
    'user.email': 'ada@example.com',
    'user.id': 'installation',
    'cicd.pipeline.name': 'nightly',
    'cicd.pipeline.run.id': 4711,
    'vcs.ref.head.name': 'fix/login',
    'vcs.change.id': '12',
  };
  const github: Plain = { 'vcs.repository.url.full': 'https://github.com/acme/web.git' };
  const jobIn = (resource: Plain, job: string | undefined, more: { settings?: object; jobs?: readonly string[]; credentials?: Credentials } = {}) => {
    const attribution = configOf(more.settings);
    const credentials = { ...(job !== undefined && { job }), ...more.credentials };
    return createAttribution({ attribution, organization: '', jobs: more.jobs ?? [] })(claimsOf({}, resource), credentials, NOW);
  };

  test('is what the token names, has no user, and says its run', () => {
    expect(jobIn(run, 'ci:acme/api/release')).toEqual({ job: 'ci:acme/api/release', branch: 'fix/login', pull_request: '12', run: '4711' });
  });

  test.each([
    ['nightly', 'ci:acme/api/nightly'],
    ['ci:acme/api/nightly', 'ci:acme/api/nightly'],
    ['CI:ACME/api/nightly', 'ci:acme/api/nightly'],
    ['.github/workflows/build.yml', 'ci:acme/api/build.yml'],
    ['Build / Test', 'ci:acme/api/Build - Test'],
    ['ci:acme/web/deploy', 'ci:acme/api/ci:acme-web-deploy'],
    ['../web/deploy', 'ci:acme/api/..-web-deploy'],
    ['*', 'ci:acme/api/-'],
    ['  ', 'ci:acme/api/unnamed'],
    [`${'x'.repeat(500)}/y`, `ci:acme/api/${'x'.repeat(188)}`],
  ])('of a token for a repository is one of that repository: %s', (claimed, job) => {
    expect(jobIn({ 'ci.workflow': claimed, ...github }, 'ci:acme/api/*').job).toBe(job);
  });

  test.each<[string, Plain, string | undefined]>([
    ['by address', { ...run, ...github }, 'ci:acme/web/nightly'],
    ['by name', { ...run, repository: 'acme/web' }, 'ci:acme/web/nightly'],
    ['by the address that git clones', { ...run, repository: 'git@gitlab.example.com:acme/sub/web.git' }, 'ci:acme/sub/web/nightly'],
    ['whole', { 'ci.workflow': 'ci:acme/web/nightly' }, 'ci:acme/web/nightly'],
    ['without a repository', run, undefined],
    ['whole, and broken', { 'ci.workflow': 'ci:nightly' }, undefined],
    ['of a repository that a token names', { ...run, repository: 'Acme/API' }, undefined],
  ])('is what the client says where no token names one: %s', (_name, resource, job) => {
    const found = jobIn(resource, undefined, { jobs: ['ci:acme/api/*'] });
    expect(found.job).toBe(job);
    expect(found.user).toBe(job === undefined && resource['user.email'] !== undefined ? 'ada@example.com' : undefined);
    expect(found.run).toBe(job === undefined ? undefined : resource['cicd.pipeline.run.id']?.toString());
  });

  test('is nobody whom a token or a gateway knows', () => {
    const claimed = { ...run, ...github };
    expect(jobIn(claimed, undefined, { credentials: { user: 'bob@example.com' } })).toMatchObject({ user: 'bob@example.com' });
    expect(jobIn(claimed, undefined, { credentials: { user: 'bob@example.com' } })).not.toHaveProperty('job');
    const vouched = { ...claimed, 'identity.source': 'gateway-oidc' };
    expect(jobIn(vouched, undefined, { settings: { claims: 'gateway' } })).toMatchObject({ user: 'ada@example.com' });
    expect(jobIn(vouched, undefined, { settings: { claims: 'gateway' } })).not.toHaveProperty('job');
    expect(jobIn(claimed, undefined, { settings: { claims: 'gateway' } })).toMatchObject({ job: 'ci:acme/web/nightly' });
  });

  test('of a client is believed before its token where clients are trusted', () => {
    expect(jobIn({ ...run, ...github }, 'ci:acme/api/release', { settings: { claims: 'client' } }).job).toBe('ci:acme/web/nightly');
    expect(jobIn({}, 'ci:acme/api/release', { settings: { claims: 'client' } }).job).toBe('ci:acme/api/release');
  });

  test('has a realm of its own, and leaves those of other tokens as they were', () => {
    const realmOf = createRealms({ attribution: configOf() });
    const realms = [{ job: 'ci:acme/api/*' }, { job: 'ci:acme/web/*' }, { team: 'search' }, {}].map((credentials) => realmOf(credentials));
    expect(new Set(realms).size).toBe(4);
    expect(realmOf({ job: 'ci:acme/api/*', name: 'replaced' })).toBe(realms[0]);
    expect(realms.slice(2)).toEqual(['nkFY8h3PJH', '']);
  });

  test.each<[string, string, readonly string[]]>([
    ['ci:acme/api/nightly', 'nightly', []],
    ['ci:acme/api/nightly', 'ci:acme/api/nightly', []],
    ['ci:acme/api/nightly', 'release', ['job']],
    ['ci:acme/api/*', 'release', []],
    ['ci:acme/api/*', 'ci:acme/web/release', ['job']],
  ])('of the token %s overrules the claim %s: %p', (job, claimed, names) => {
    expect(overruledIn(configOf(), claimsOf({}, { 'cicd.pipeline.name': claimed }), { job })).toEqual(names);
  });

  test('is on the branch of its resource, and no branch is kept of anybody else', () => {
    const commit = claimsOf({ 'vcs.ref.head.name': 'made-by-it' }, { 'vcs.ref.head.name': 'main' });
    const credentials = { job: 'ci:acme/api/nightly' };
    expect(createAttribution({ attribution: configOf(), organization: '' })(commit, credentials, NOW)).toMatchObject({ branch: 'main' });
    expect(attribute({ 'vcs.ref.head.name': 'main' }, { resource: { 'vcs.ref.head.name': 'main', 'vcs.change.id': '7' } })).toEqual({});
  });
});
