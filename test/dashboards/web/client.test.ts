/** What the page asks with, where the browser gives it less than usual. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from '@jest/globals';
import { forgetToken, rememberToken, storedToken } from '../../../dashboards/web/token.ts';

const storage = Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage');

/** As browsers do where the data of sites is blocked. */
const blocked: PropertyDescriptor = {
  configurable: true,
  get() {
    throw new DOMException('Access is denied for this document.', 'SecurityError');
  },
};

afterEach(() => {
  forgetToken();
  Reflect.deleteProperty(globalThis, 'sessionStorage');
  if (storage !== undefined) Object.defineProperty(globalThis, 'sessionStorage', storage);
});

/** Runs the script that asks ahead of the modules, and says what it asked with. */
function askAhead(more: PropertyDescriptor): readonly [path: string, init: RequestInit][] {
  const asked: [string, RequestInit][] = [];
  const fetch = async (path: string, init: RequestInit): Promise<Response> => {
    asked.push([path, init]);
    return new Response('{}');
  };
  const place = { location: { pathname: '/boards/team', search: '?period=today' }, window: {}, fetch, AbortSignal };
  Object.defineProperty(place, 'sessionStorage', more);
  const source = readFileSync(join(import.meta.dirname, '../../../dashboards/web/ahead.ts'), 'utf8');
  runInNewContext(stripTypeScriptTypes(source), place);
  return asked;
}

test('a token is kept for the page that stands there where the data of sites is blocked', () => {
  Object.defineProperty(globalThis, 'sessionStorage', blocked);
  expect(storedToken()).toBeUndefined();
  rememberToken('hunter2');
  expect(storedToken()).toBe('hunter2');
  forgetToken();
  expect(storedToken()).toBeUndefined();
});

test('the first board is asked for where the data of sites is blocked, and with the token where it is not', () => {
  const path = '/api/v1/boards/team?period=today';
  expect(askAhead(blocked)).toEqual([[path, expect.not.objectContaining({ headers: expect.anything() })]]);
  const value = { getItem: () => 'hunter2' };
  expect(askAhead({ value })).toEqual([[path, expect.objectContaining({ headers: { Authorization: 'Bearer hunter2' } })]]);
});
