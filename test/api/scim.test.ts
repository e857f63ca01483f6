/** SCIM as identity providers speak it, and what the directory makes of it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { loadDirectory } from '../../collector/directory/load.ts';
import type { DirectoryChange, DirectoryStore } from '../../collector/directory/store.ts';
import { openDirectoryStore } from '../../collector/storage/sqlite/directory-store.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { startApi, type TestApi } from './support.ts';

const START = Date.parse('2026-11-01T00:00:00Z');
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ROLES = ['scim', 'admin', 'read', 'ingest'] as const;
const { auth } = configSchema.parse({
  auth: { tokens: ROLES.map((role) => ({ name: role, role, sha256: createHash('sha256').update(`token-${role}`).digest('hex') })) },
});

let folder: string;
let store: DirectoryStore;
let api: TestApi;
let nowMs: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-scim-'));
  store = openDirectoryStore(join(folder, 'directory.sqlite'));
  nowMs = START;
  api = await startApi({ authenticate: createAuthenticator(auth.tokens), directoryStore: store, now: () => nowMs });
});
afterEach(async () => {
  await api.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

// What a test expects of a body is asserted there.
// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape are held against what the test expects
type Body = any;

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}, role: string = 'scim') {
  const response = await fetch(`${api.url}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer token-${role}`, ...(body !== undefined && { 'content-type': 'application/scim+json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body };
}

const ada = {
  userName: 'ada',
  externalId: 'guid-1',
  displayName: 'Ada Lovelace',
  emails: [{ value: 'Ada@example.com', primary: true }, { value: 'a.l@example.com' }],
  password: 'secret-word',
  [ENTERPRISE]: { department: 'Engineering', costCenter: 'cc-1' },
};
const directoryNow = async (groups?: Record<string, string>) =>
  loadDirectory(configSchema.parse({ directory: { feeds: [{ type: 'scim', ...(groups && { groups }) }] } }), await store.stored());

test('users and groups should be made, found, changed and removed', async () => {
  const made = await call('POST', '/Users', ada);
  expect([made.status, made.headers.get('location'), made.headers.get('etag')]).toEqual([201, `/scim/v2/Users/${made.body.id}`, 'W/"1"']);
  expect(made.headers.get('content-type')).toMatch('application/scim+json');
  expect(made.body).toMatchObject({ userName: 'ada', meta: { resourceType: 'User', version: 'W/"1"' }, [ENTERPRISE]: { costCenter: 'cc-1' } });
  expect(JSON.stringify([made.body, await store.resources('User')])).not.toContain('secret-word');
  expect((await call('POST', '/Users', { userName: 'ADA' })).body).toMatchObject({ status: '409', scimType: 'uniqueness' });

  const found = await call('GET', `/Users?filter=${encodeURIComponent('userName eq "ada"')}`);
  expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: made.body.id }] });
  expect((await call('GET', `/Users?filter=${encodeURIComponent('externalId eq "nobody"')}`)).body.totalResults).toBe(0);

  const group = await call('POST', '/Groups', { displayName: 'Platform', members: [{ value: made.body.id, display: 'Ada Lovelace' }] });
  expect(group.body.members).toEqual([expect.objectContaining({ value: made.body.id })]);
  expect((await call('GET', `/Users/${made.body.id}`)).body.groups).toEqual([expect.objectContaining({ value: group.body.id, display: 'Platform' })]);
  expect((await call('GET', `/Groups/${group.body.id}?excludedAttributes=members`)).body.members).toBeUndefined();

  const put = await call('PUT', `/Users/${made.body.id}`, { ...ada, displayName: 'Ada L.' }, { 'if-match': 'W/"1"' });
  expect([put.status, put.body.displayName, put.headers.get('etag')]).toEqual([200, 'Ada L.', 'W/"2"']);
  expect((await call('PUT', `/Users/${made.body.id}`, ada, { 'if-match': 'W/"1"' })).body).toMatchObject({ status: '412' });
  expect((await call('GET', `/Users/${made.body.id}`, undefined, { 'if-none-match': 'W/"2"' })).status).toBe(304);

  expect((await call('DELETE', `/Users/${made.body.id}`)).status).toBe(204);
  expect((await call('GET', `/Users/${made.body.id}`)).body).toMatchObject({
    status: '404',
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  });
});

test('lists should come page by page', async () => {
  for (let index = 0; index < 5; index++) await call('POST', '/Users', { userName: `user-${index}` });
  const page = await call('GET', '/Users?startIndex=3&count=2');
  expect(page.body).toMatchObject({ totalResults: 5, startIndex: 3, itemsPerPage: 2 });
  expect(page.body.Resources.map(({ userName }: Body) => userName)).toHaveLength(2);
  expect((await call('GET', '/Users?count=0')).body.totalResults).toBe(5);
});

test('memberships should hold from when they came until they were taken back', async () => {
  const { id } = (await call('POST', '/Users', ada)).body;
  const platform = (await call('POST', '/Groups', { displayName: 'Platform' })).body.id;
  const search = (await call('POST', '/Groups', { displayName: 'Search' })).body.id;
  const patch = (group: string, ...Operations: object[]) => call('PATCH', `/Groups/${group}`, { schemas: [PATCH], Operations });
  nowMs = START + 1_000;
  // As Microsoft Entra ID writes it, and as Okta does.
  expect((await patch(platform, { op: 'Add', path: 'members', value: [{ value: id }] })).status).toBe(200);
  nowMs = START + 2_000;
  await patch(platform, { op: 'remove', path: `members[value eq "${id}"]` });
  await patch(search, { op: 'add', value: { members: [{ value: id }] } });
  nowMs = START + 3_000;
  await call('PUT', `/Users/${id}`, { ...ada, emails: [{ value: 'ada@example.org', primary: true }] });
  const directory = await directoryNow();
  const teamAt = (timeMs: number) => directory.person(directory.canonical('ada', timeMs), timeMs)?.team;
  expect([START, START + 1_000, START + 1_999, START + 2_000].map(teamAt)).toEqual([undefined, 'Platform', 'Platform', 'Search']);
  // Called by the address of today; the former one stood for the user while it was there.
  expect(['ada', 'GUID-1', 'ada@example.com'].map((name) => directory.canonical(name, START + 2_500))).toEqual(Array(3).fill('ada@example.org'));
  expect(directory.canonical('ada@example.com', START + 3_000)).toBe('ada@example.com');
  expect(directory.placed('ada@example.org', nowMs)?.placement).toEqual({ team: 'Search', cost_center: 'cc-1', department: 'Engineering' });
  expect((await directoryNow({ search: 'find' })).person('ada@example.org', nowMs)?.team).toBe('find');
  await call('DELETE', `/Groups/${search}`);
  expect((await directoryNow()).person('ada@example.org', nowMs)?.team).toBeUndefined();
});

test('members that come at once should all stay, and a login should be of one user', async () => {
  const users = await Promise.all(Array.from({ length: 6 }, (_, index) => call('POST', '/Users', { userName: `user-${index}` })));
  const { id } = (await call('POST', '/Groups', { displayName: 'Platform' })).body;
  const add = (user: string) =>
    call('PATCH', `/Groups/${id}`, { schemas: [PATCH], Operations: [{ op: 'add', path: 'members', value: [{ value: user }] }] });
  const patched = await Promise.all(users.map(({ body }) => add(body.id)));
  expect(patched.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect((await call('GET', `/Groups/${id}`)).body.members).toHaveLength(6);
  const twins = await Promise.all(['Ada', 'ADA', 'ada'].map((userName) => call('POST', '/Users', { userName })));
  expect(twins.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
});

test('users who have one primary address at a time should be several, and the address nobody’s; one who comes again is one', async () => {
  const made = async (userName: string, address: string): Promise<string> =>
    (await call('POST', '/Users', { userName, emails: [{ value: address, primary: true }] })).body.id;
  const alice = await made('alice@example.com', 'Team@example.com');
  await made('bob@example.com', 'team@example.com');
  await call('POST', '/Groups', { displayName: 'Platform', members: [{ value: alice }] });
  const carl = await made('carl-1', 'carl@example.com');
  // Who signs in with the address that another has, too, keeps it.
  await made('dora@example.com', 'dora@example.com');
  await made('dora-admin', 'dora@example.com');
  nowMs = START + 1_000;
  for (const id of [alice, carl]) await call('DELETE', `/Users/${id}`);
  nowMs = START + 2_000;
  await made('alice@example.com', 'team@example.com');
  await made('carl-2', 'carl@example.com');
  const directory = await directoryNow();
  const names = ['alice@example.com', 'BOB@example.com', 'team@example.com', 'dora@example.com', 'dora-admin', 'carl-2'];
  expect(names.map((name) => directory.canonical(name, nowMs))).toEqual([...names.slice(0, 5), 'carl@example.com']);
  expect(directory.canonical('carl-1', START)).toBe('carl@example.com');
  expect(directory.person('alice@example.com', START)?.team).toBe('Platform');
  expect(['BOB@example.com', 'team@example.com'].map((name) => directory.person(name, START)?.team)).toEqual([undefined, undefined]);
  expect(directory.everyName('alice@example.com')).toEqual(['alice@example.com']);
});

test('who is meant should be found by a name without reading everybody', async () => {
  const made = (await call('POST', '/Users', { ...ada, userName: 'Ada' })).body.id;
  await call('POST', '/Users', { userName: 'Émile' });
  const group = await call('POST', '/Groups', { displayName: 'Platform', members: [{ value: made }] });
  const change: DirectoryChange = Object.getPrototypeOf(await store.changing(async (own) => own));
  const everybody = jest.spyOn(change, 'resources');
  const statusOf = async (...asked: Parameters<typeof call>) => (await call(...asked)).status;
  const idsOf = async (path: string, filter: string) =>
    (await call('GET', `${path}?filter=${encodeURIComponent(filter)}`)).body.Resources.map(({ id }: Body) => id);
  try {
    expect(await statusOf('POST', '/Users', { userName: 'bob' })).toBe(201);
    expect(await statusOf('POST', '/Users', { userName: ' aDA' })).toBe(201);
    expect(await statusOf('POST', '/Users', { userName: 'aDA' })).toBe(409);
    expect(await statusOf('PUT', `/Users/${made}`, { ...ada, userName: 'ada' })).toBe(200);
    expect(await statusOf('PUT', `/Groups/${group.body.id}`, { displayName: 'PLATFORM', members: [{ value: made }] })).toBe(200);
    expect(await statusOf('POST', '/Groups', { displayName: 'platform' })).toBe(409);
    expect(await idsOf('/Users', 'USERNAME eq "ada" and active ne false')).toEqual([made]);
    expect(await idsOf('/Users', 'userName eq "ADA"')).toEqual([]);
    expect(await idsOf('/Users', 'externalId eq "guid-1"')).toEqual([made]);
    expect(await idsOf('/Groups', 'displayName eq "PLATFORM"')).toEqual([group.body.id]);
    expect((await call('GET', `/Users/${made}`)).body.groups).toHaveLength(1);
    expect(everybody).not.toHaveBeenCalled();
    // Capitals of other letters are not known to every store.
    expect(await statusOf('POST', '/Users', { userName: 'éMILE' })).toBe(409);
    expect(await idsOf('/Users', 'userName sw "ad" or userName eq "bob"')).toHaveLength(2);
    expect(everybody).toHaveBeenCalled();
  } finally {
    everybody.mockRestore();
  }
});

test('a group within another should be a team below it', async () => {
  const child = (await call('POST', '/Groups', { displayName: 'Search' })).body.id;
  await call('POST', '/Groups', { displayName: 'Engineering', members: [{ value: child, type: 'Group' }] });
  expect((await directoryNow()).teams.path('Search', START)).toEqual(['Search', 'Engineering']);
});

describe('access', () => {
  test('takes the role scim, and nothing else', async () => {
    for (const role of ['admin', 'read', 'ingest']) expect((await call('GET', '/Users', undefined, {}, role)).body).toMatchObject({ status: '403' });
    expect((await call('GET', '/Users', undefined, { authorization: '' })).body).toMatchObject({ status: '401' });
    const reading = await fetch(`${api.url}/api/v1/spend`, { headers: { authorization: 'Bearer token-scim' } });
    expect(reading.status).toBe(403);
  });

  test('says what it can, and answers what is not there as SCIM', async () => {
    const config = await call('GET', '/ServiceProviderConfig');
    expect(config.body).toMatchObject({ patch: { supported: true }, etag: { supported: true }, bulk: { supported: false } });
    expect((await call('GET', '/ResourceTypes')).body.totalResults).toBe(2);
    expect((await call('GET', '/Schemas')).body.totalResults).toBeGreaterThan(2);
    expect((await call('GET', '/Nothing')).body).toMatchObject({ status: '404' });
    expect((await call('POST', '/Users', { displayName: 'nobody' })).body).toMatchObject({ status: '400' });
    expect((await call('GET', '/Users?filter=')).status).toBe(400);
  });
});
