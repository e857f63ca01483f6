/** SCIM to two replicas of one ledger at once, as through a balancer. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configSchema, defaultConfig } from '../../collector/config/config.ts';
import { openDirectory } from '../../collector/storage/open.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { describeWithBackend } from '../support/backends.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { startApi, type TestApi } from './support.ts';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const { auth } = configSchema.parse({
  auth: { tokens: [{ name: 'provider', role: 'scim', sha256: createHash('sha256').update('token').digest('hex') }] },
});

describeWithBackend('postgres15', 'SCIM to two replicas', () => {
  let server: RunningPostgres;
  let replicas: TestApi[];
  const stores: Awaited<ReturnType<typeof openDirectory>>[] = [];
  beforeAll(async () => {
    server = await startPostgres();
    const url = await server.createDatabase();
    replicas = [];
    for (let index = 0; index < 2; index++) {
      const store = await openDirectory({ ...defaultConfig(), storage: { ...defaultConfig().storage, url } });
      stores.push(store);
      replicas.push(await startApi({ authenticate: createAuthenticator(auth.tokens), directoryStore: store, now: () => 1 }));
    }
  });
  afterAll(async () => {
    for (const api of replicas ?? []) await api.stop();
    for (const store of stores) await store.close();
    await server?.destroy();
  });

  async function call(replica: number, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${replicas[replica % 2]?.url}/scim/v2${path}`, {
      ...{ method, headers: { authorization: 'Bearer token', 'content-type': 'application/scim+json', ...headers } },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  }

  test('no member is lost, a login is of one user, and what changed meanwhile is not overwritten', async () => {
    const users = await Promise.all(Array.from({ length: 10 }, (_, index) => call(index, 'POST', '/Users', { userName: `user-${index}` })));
    const { id } = (await call(0, 'POST', '/Groups', { displayName: 'Platform' })).body;
    const add = (index: number, user: string) =>
      call(index, 'PATCH', `/Groups/${id}`, { schemas: [PATCH], Operations: [{ op: 'add', path: 'members', value: [{ value: user }] }] });
    const patched = await Promise.all(users.map(({ body }, index) => add(index, body.id)));
    expect(patched.map(({ status }) => status)).toEqual(Array(10).fill(200));
    for (const replica of [0, 1]) expect((await call(replica, 'GET', `/Groups/${id}`)).body.members).toHaveLength(10);
    const twins = await Promise.all(['Ada', 'ADA', 'ada', 'aDA'].map((userName, index) => call(index, 'POST', '/Users', { userName })));
    expect(twins.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409]);
    const put = (replica: number) => call(replica, 'PUT', `/Groups/${id}`, { displayName: `By ${replica}` }, { 'if-match': 'W/"11"' });
    expect((await Promise.all([put(0), put(1), put(0)])).map(({ status }) => status).toSorted()).toEqual([200, 412, 412]);
  });
});
