import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { readerFindings } from '../../collector/query/unknown-readers.ts';
import { namedScopes } from '../../collector/server/reader-scope.ts';
import { event, NOON } from '../support/entries.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

let questioned: Questioned;
beforeAll(async () => {
  questioned = await openQuestioned(NOON + 60_000);
});
afterAll(() => questioned.close());

const token = (name: string, scope: unknown, more: object = {}) => ({ name, role: 'read', sha256: name.repeat(64).slice(0, 64), scope, ...more });
const AUTH = {
  tokens: [
    token('a', 'all'),
    token('b', 'self', { user: 'nobody@example.com' }),
    token('c', { teams: ['platform', 'platfrom', 'unallocated'], users: ['Alice@Example.com'] }),
  ],
  certificates: [{ name: 'd', subject: 'grafana', role: 'read', scope: { workspaces: ['zzz'] } }],
  oidc: {
    ...{ issuer: 'https://id.example.com', client_id: 'x', base_url: 'https://spend.example.com' },
    rules: [{ scope: 'self' }, { claim: 'groups', value: 'leads', scope: { teams: ['platfrom'], users: ['alicia@example.com'] } }],
  },
};
const found = () => {
  const scopes = namedScopes(configSchema.parse({ auth: AUTH }).auth, (user) => user);
  return readerFindings(scopes, questioned.ledger.reader);
};

test('a scope that names what no record has should be found, with the nearest name, and not while there is no record', async () => {
  expect(await found()).toEqual([]);
  await questioned.append(
    event({ id: '1', team: 'platform', user: 'alice@example.com' }),
    event({ id: '2', team: 'search', user: 'bob@example.com' }),
  );
  const [finding, ...others] = await found();
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'reader_scope_unknown', severity: 'info' });
  const sentences = finding?.message.replace(/^[^:]+: /, '').split(/(?<=[.?]) (?=the|auth)/);
  expect(sentences?.toSorted()).toEqual([
    'auth.oidc.rules[1] may see team=platfrom, which no record has; did you mean "platform"?',
    'auth.oidc.rules[1] may see user=alicia@example.com, which no record has; did you mean "alice@example.com"?',
    'the certificate "d" may see workspace=zzz, which no record has.',
    'the token "c" may see team=platfrom, which no record has; did you mean "platform"?',
  ]);
});
