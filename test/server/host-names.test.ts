import { describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../collector/core/error.ts';
import { assertHost } from '../../collector/server/host-names.ts';

const answerTo = (header: string | undefined, { host = '127.0.0.1', allowed_hosts = [] as string[], isGuarded = false } = {}): string => {
  try {
    assertHost(header, { host, allowed_hosts }, isGuarded);
    return 'answered';
  } catch (error) {
    return LedgerlineError.from(error).code;
  }
};

const OWN = [
  ...['localhost', 'LocalHost:4318', 'localhost.', 'localhost.:4318', 'board.localhost', '127.0.0.1', '127.0.0.1:8484', '127.1.2.3'],
  ...['[::1]', '[::1]:4318', '[0:0:0:0:0:0:0:1]:80', '[::ffff:127.0.0.1]:4318', '[::FFFF:7f00:1]'],
];
const FOREIGN = [
  ...['evil.example', 'evil.example:4318', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '[::2]', '0.0.0.0'],
  ...['', 'localhost@evil.example', 'evil.example#localhost', 'evil.example/localhost', 'evil.example\\localhost', 'a b', 'localhost,evil.example'],
];

describe('bound to loopback and open', () => {
  test.each(OWN)('%s is answered', (header) => expect(answerTo(header)).toBe('answered'));
  test.each(FOREIGN)('"%s" is not', (header) => expect(answerTo(header)).toBe('forbidden'));
  test('no Host at all is not', () => expect(answerTo(undefined)).toBe('forbidden'));
  test.each(['::1', '::ffff:127.0.0.1', 'localhost'])('the same holds for %s', (host) => {
    expect([answerTo('localhost', { host }), answerTo('evil.example', { host })]).toEqual(['answered', 'forbidden']);
  });
  test('the remedy names the key', () => {
    expect(() => assertHost('evil.example:1', { host: '127.0.0.1', allowed_hosts: [] }, false)).toThrow('Host evil.example:1 is not a name of this');
    try {
      assertHost('evil.example', { host: '127.0.0.1', allowed_hosts: [] }, false);
    } catch (error) {
      expect(LedgerlineError.from(error).hint).toContain('server.allowed_hosts');
    }
  });
});

describe('guarded, or reachable by others', () => {
  test.each(['evil.example', undefined])('%s is answered: something else guards', (header) => {
    expect(answerTo(header, { isGuarded: true })).toBe('answered');
    expect(answerTo(header, { host: '0.0.0.0' })).toBe('answered');
  });
});

describe('with allowed_hosts', () => {
  const allowed_hosts = ['Ledger.Example.com', '10.0.0.5', '2001:db8::5'];
  test.each(['ledger.example.com', 'LEDGER.example.com.:8484', '10.0.0.5:4318', '[2001:db8::5]:4318', ...OWN])('%s is answered', (header) => {
    expect(answerTo(header, { host: '0.0.0.0', allowed_hosts })).toBe('answered');
    expect(answerTo(header, { allowed_hosts })).toBe('answered');
  });
  test.each([...FOREIGN, 'other.example.com'])('"%s" is not, also where a token guards', (header) => {
    expect(answerTo(header, { host: '0.0.0.0', allowed_hosts, isGuarded: true })).toBe('forbidden');
  });
});
