import { describe, expect, test } from '@jest/globals';
import { isLoopback, isLoopbackName } from '../../collector/server/loopback.ts';

const ADDRESSES = [
  '127.0.0.1',
  '127.8.9.1',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  '[::FFFF:127.0.0.1]',
  '::ffff:7f00:1',
  'localhost',
  'LOCALHOST',
];
const OTHERS = [
  '0.0.0.0',
  '::',
  '::ffff:10.0.0.1',
  '::ffff:0:1',
  '10.0.0.1',
  '127.0.0.1.evil.example',
  '127.0.0.999',
  'localhost.evil.example',
  'evil.example',
  '',
];

describe('an address to bind', () => {
  test.each(ADDRESSES)('%s is loopback', (host) => expect(isLoopback(host)).toBe(true));
  test.each([...OTHERS, 'board.localhost'])('"%s" is not', (host) => expect(isLoopback(host)).toBe(false));
});

describe('the name of a request', () => {
  test.each([...ADDRESSES, 'board.localhost', 'a.b.LocalHost'])('%s is of this machine', (name) => expect(isLoopbackName(name)).toBe(true));
  test.each([...OTHERS, '.localhost', 'notlocalhost'])('"%s" is not', (name) => expect(isLoopbackName(name)).toBe(false));
});
