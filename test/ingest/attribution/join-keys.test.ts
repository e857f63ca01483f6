import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../../collector/config/config.ts';
import { createJoinKeys } from '../../../collector/ingest/attribution/join-keys.ts';
import { createPseudonymizer } from '../../../collector/ingest/attribution/pseudonym.ts';

const { attribution } = configSchema.parse({});
const claims = (record: Readonly<Record<string, string>>) => ({ record: new Map(Object.entries(record)), resource: new Map() });

describe('keys by which records without a session are joined', () => {
  const keysIn = createJoinKeys({ attribution });
  const keysOf = (...of: Parameters<typeof keysIn>) => keysIn(...of).ofSession;

  test('are the same for a name whichever other names are left, and in any capitals', () => {
    const both = keysOf(claims({ 'user.email': 'Alice@example.com', 'user.id': 'installation' }), {});
    expect(both).toHaveLength(2);
    expect(both).toContain(keysOf(claims({ 'user.email': 'alice@example.com' }), {})[0]);
    expect(both).toContain(keysOf(claims({ 'user.id': 'installation' }), {})[0]);
    expect(keysOf(claims({ 'user.email': 'bob@example.com' }), {})[0]).not.toBe(both[0]);
  });

  test('are none where nothing says who it is, and the user of the token where only that does', () => {
    expect(keysOf(claims({}), {})).toEqual([]);
    const believing = createJoinKeys({ attribution: { ...attribution, claims: 'client' } });
    const ofToken = believing(claims({}), { user: 'alice@example.com' });
    expect(ofToken).toEqual({ ofSession: keysOf(claims({ 'user.email': 'alice@example.com' }), {}), ofPool: ofToken.ofSession });
  });

  test('are of names that attribution is configured to read alone', () => {
    const byInstallation = createJoinKeys({ attribution: { ...attribution, user: ['user_id'] } });
    expect(byInstallation(claims({ 'user.email': 'alice@example.com' }), {}).ofSession).toEqual([]);
  });

  test('join within the realm of a token alone: the same person, and nobody with everybody', () => {
    const meet = (pool: Parameters<typeof keysIn>, session: Parameters<typeof keysIn>) =>
      keysIn(...pool).ofPool.some((key) => keysIn(...session).ofSession.includes(key));
    const [a, b, everybody] = [{ team: 'a' }, { team: 'b' }, {}];
    const [alice, bob, nobody] = [claims({ 'user.email': 'alice@example.com' }), claims({ 'user.email': 'bob@example.com' }), claims({})];
    expect([alice, bob, nobody].map((who) => meet([alice, a], [who, a]))).toEqual([true, false, true]);
    expect([alice, bob, nobody].map((who) => meet([nobody, a], [who, a]))).toEqual([true, true, true]);
    for (const elsewhere of [b, everybody]) {
      for (const who of [alice, nobody])
        for (const other of [alice, nobody]) expect([meet([who, a], [other, elsewhere]), meet([other, elsewhere], [who, a])]).toEqual([false, false]);
    }
  });

  test('do not let an address be tried where there are pseudonyms', () => {
    const pseudonymize = createPseudonymizer(Buffer.from('a key of at least sixteen bytes'));
    const [key] = createJoinKeys({ attribution, pseudonymize })(claims({ 'user.email': 'alice@example.com' }), {}).ofSession;
    expect(key).not.toBe(hash('sha256', 'alice@example.com', 'base64url').slice(0, 12));
  });
});
