/** Which values become pseudonyms, and which are left. */
import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import type { Claims } from '../../../collector/ingest/attribution/claims.ts';
import { createVeil } from '../../../collector/ingest/attribution/veil.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { event } from '../../support/entries.ts';

const veil = createVeil({ attribution: defaultConfig().attribution, pseudonymize: (name) => `<${name}>` });
const claims: Claims = { record: new Map([['user.email', 'Ada@Example.com']]), resource: new Map([['user.name', 'bob']]) };
const veiled = (given: Partial<Entry>): Entry => veil.over({ ...event({ id: 'one' }), ...given }, claims, {});
const teamOf = (team: string): string | undefined => veiled({ dimensions: { team } }).dimensions.team;

describe('a value', () => {
  test.each([
    ['ada@example.com', '<ada@example.com>'],
    ['Team ADA@EXAMPLE.COM.', 'Team <ada@example.com>.'],
    ['mailto:eve+x@mail.example.org, ada%40example.com', 'mailto:<eve+x@mail.example.org>, <ada@example.com>'],
    ['ada＠example.com', '<ada@example.com>'],
    ['of bob', 'of <bob>'],
    ['src/Bob/api', 'src/<bob>/api'],
  ])('with a person in it shows the pseudonym: %s', (given, shown) => expect(teamOf(given)).toBe(shown));

  test.each(['bobsleigh', 'plugin@marketplace', 'claude-opus@20250929', 'a @ b', 'platform'])('of something else stays: %s', (given) =>
    expect(teamOf(given)).toBe(given),
  );

  test('that was cut within an address is replaced as far as it goes', () => {
    expect(teamOf(`${'x '.repeat(95)}eve@exampl`)).toMatch(/^(x ){95}<eve@exa/);
  });

  test("that is the client's word stays, although somebody is called so", () => {
    const dimensions = { query_source: 'bob', agent: 'bob', user: 'anon-bob' };
    expect(veiled({ dimensions }).dimensions).toEqual(dimensions);
  });

  test('of a branch has no name of a person, and a job is called as its token calls it', () => {
    const dimensions = { branch: 'bob/fix', job: 'ci:bob/api/nightly', run: '7', user: '' };
    expect(veiled({ dimensions }).dimensions).toEqual({ ...dimensions, branch: '<bob>/fix' });
    expect(veiled({ dimensions: { job: 'ci:ada@example.com/x' } }).dimensions.job).toBe('ci:<ada@example.com>/x');
  });
});

test('a session that is named by its person is named by the pseudonym', () => {
  expect(veiled({ sessionId: 'ada@example.com/7' }).sessionId).toBe('<ada@example.com>/7');
  expect(veiled({ sessionId: 'no-session:anon-bob:2026-11-20' }).sessionId).toBe('no-session:anon-bob:2026-11-20');
});

test('a model that names a person is known as one', () => {
  const models = ['claude-opus-5-5', 'opus of bob', 'ada@example.com', 'router/ada%40example.com'];
  expect(models.map((model) => veil.hides(model, claims, {}))).toEqual([false, false, true, true]);
});
