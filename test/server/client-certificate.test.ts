import { describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../collector/core/error.ts';
import type { Authenticator, Role } from '../../collector/server/auth.ts';
import { type ClientCertificate, describeSubject, hasSubject, wantedSubject } from '../../collector/server/client-certificate.ts';
import { tokenOf } from '../ingest/otlp/harness.ts';
import { createAuthenticator } from '../support/authenticator.ts';

const GATEWAY: ClientCertificate = { subject: { CN: 'collector-1', O: 'Example, Inc.', OU: ['a', 'b'] } };

describe('a subject of the configuration', () => {
  test.each([
    ['collector-1', true],
    ['CN=collector-1', true],
    ['O=Example\\, Inc., CN=collector-1', true],
    [' CN = collector-1 ', true],
    ['collector-2', false],
    ['collector-1,O=Other', false],
    ['CN=collector-1,O=Other', false],
    ['CN=Collector-1', false],
    ['O=collector-1', false],
    ['CN=collector-1,L=Berlin', false],
    // Given twice, it could stand for two clients.
    ['OU=a', false],
    ['toString', false],
  ])('%s: %s', (text, expected) => {
    const act = (): boolean => hasSubject(GATEWAY, wantedSubject(text, 'auth.certificates[0].subject'));
    if (text === 'collector-1,O=Other') expect(act).toThrow('auth.certificates[0].subject: "collector-1,O=Other" is not the subject');
    else expect(act()).toBe(expected);
  });

  test('is shown as it is written', () => {
    expect(describeSubject(GATEWAY)).toBe('CN=collector-1,O=Example\\, Inc.,OU=a,OU=b');
    expect(hasSubject({ subject: { CN: 'x', O: 'Example, Inc.' } }, wantedSubject(describeSubject({ subject: { O: 'Example, Inc.' } }), ''))).toBe(
      true,
    );
  });
});

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'allowed';
  } catch (error) {
    return LedgerlineError.from(error).code;
  }
};
const ROLES: readonly Role[] = ['ingest', 'read', 'admin'];

describe('a certificate of the CA', () => {
  const decided = (authenticate: Authenticator, header?: string, certificate: ClientCertificate | 'none' = GATEWAY) =>
    ROLES.map((role) => codeOf(() => authenticate(header, role, certificate === 'none' ? undefined : certificate)));

  test('may send and read without any entry, never change anything', () => {
    const authenticate = createAuthenticator([], { exposed: true, hasClientCa: true });
    expect(decided(authenticate)).toEqual(['allowed', 'allowed', 'unauthenticated']);
    expect(authenticate(undefined, 'ingest', GATEWAY)).toEqual({});
  });

  test('does not replace a token where tokens are configured', () => {
    const authenticate = createAuthenticator([tokenOf('all', { role: 'admin' })], { exposed: true, hasClientCa: true });
    expect(decided(authenticate)).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated']);
    expect(decided(authenticate, 'Bearer all')).toEqual(['allowed', 'allowed', 'allowed']);
  });

  test('has the role and the names of its entry', () => {
    const certificates = [
      { subject: 'collector-1', name: 'gateway', role: 'ingest' as const, team: 'platform' },
      { subject: 'root', name: 'root', role: 'admin' as const },
    ];
    const authenticate = createAuthenticator([tokenOf('reads', { role: 'read' })], { certificates, hasClientCa: true });
    expect(decided(authenticate)).toEqual(['allowed', 'forbidden', 'forbidden']);
    expect(authenticate(undefined, 'ingest', GATEWAY)).toEqual({ name: 'gateway', team: 'platform' });
    expect(decided(authenticate, undefined, { subject: { CN: 'root' } })).toEqual(['allowed', 'allowed', 'allowed']);
    expect(authenticate.hasRole('admin')).toBe(true);
  });

  test('that no entry names may do nothing, and is named', () => {
    const certificates = [{ subject: 'collector-2', name: 'gateway', role: 'admin' as const }];
    const authenticate = createAuthenticator([tokenOf('reads', { role: 'read' })], { certificates, hasClientCa: true });
    expect(decided(authenticate)).toEqual(['forbidden', 'forbidden', 'forbidden']);
    expect(() => authenticate(undefined, 'ingest', GATEWAY)).toThrow('Certificate CN=collector-1,O=Example\\, Inc.,OU=a,OU=b is named by no entry');
    // A token that is presented decides, right or wrong.
    expect(decided(authenticate, 'Bearer reads')).toEqual(['forbidden', 'allowed', 'forbidden']);
    expect(decided(authenticate, 'Bearer wrong')).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated']);
    expect(decided(authenticate, undefined, 'none')).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated']);
  });
});
