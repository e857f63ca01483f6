/** What the page asks with, where the browser gives it less than usual. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from '@jest/globals';
import { ApiFailure, askText } from '../../../dashboards/web/client.ts';
import { forgetToken, rememberToken, storedToken, tokenProblem } from '../../../dashboards/web/token.ts';

const storage = Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage');

/** As browsers do where the data of sites is blocked. */
const blocked: PropertyDescriptor = {
  configurable: true,
  get() {
    throw new DOMException('Access is denied for this document.', 'SecurityError');
  },
};

let server: Server | undefined;

afterEach(() => {
  server?.close();
  Reflect.deleteProperty(globalThis, 'window');
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
  expect(askAhead(blocked)).toEqual([[path, expect.objectContaining({ headers: {} })]]);
  const value = { getItem: () => 'hunter2' };
  expect(askAhead({ value })).toEqual([[path, expect.objectContaining({ headers: { Authorization: 'Bearer hunter2' } })]]);
});

test('no question of a page waits for ever, the first one included', () => {
  expect(askAhead({ value: { getItem: () => null } })).toEqual([[expect.anything(), expect.objectContaining({ signal: expect.any(AbortSignal) })]]);
});

test.each([
  ['the first piece of an answer', 'label,value\r\n'],
  ['its head', ''],
])('an answer that breaks off after %s is a failure that can be shown', async (_, piece) => {
  Object.assign(globalThis, { window: {} });
  server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Length': 1_000 });
    response.flushHeaders();
    response.write(piece);
    response.socket?.end();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  // The cast: what a server that listens on a port is bound to.
  const { port } = server.address() as AddressInfo;
  const asked = askText(`http://127.0.0.1:${port}/`, new AbortController().signal);
  await expect(asked).rejects.toBeInstanceOf(ApiFailure);
  await expect(asked).rejects.toMatchObject({ status: 0, message: 'The collector does not respond.' });
});

test.each(['ll_4f\u200b9c', 'll_4f…9c', '“ll_4f9c”', 'll_4f 9c', 'll_4f\n9c'])('%j is no token that a browser sends', (text) => {
  expect(tokenProblem(text)).toContain('one line of ASCII');
});

test('what a token may consist of is none of its problems', () => {
  expect(tokenProblem('')).toBe('');
  expect(tokenProblem('ll_4f9c-!~/+=,%')).toBe('');
});
