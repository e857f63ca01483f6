/** Answers in gzip: the same facts in fewer bytes, for those who take it, and a head that says so. */
import { type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { acceptsGzip } from '../../../collector/api/front/compression.ts';
import { fillApi } from '../filled.ts';
import type { TestApi } from '../support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await fillApi();
});
afterAll(() => api.stop());

interface Raw {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

/** As it is on the wire: fetch would decompress it, and send headers of its own. */
function raw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Raw> {
  const { promise, resolve, reject } = Promise.withResolvers<Raw>();
  request(`${api.url}${path}`, { method, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }));
  })
    .on('error', reject)
    .end();
  return promise;
}

const LARGE = [
  '/api/v1/spend?by=user,model&grain=day',
  '/api/v1/spend?by=user,model&grain=day&format=csv',
  '/api/v1/boards/overview',
  '/docs/api',
  '/assets/page.css',
  '/',
];
const GZIP = { 'accept-encoding': 'gzip, deflate, br' };

describe.each(LARGE)('%s', (path) => {
  test('is the same in gzip, and smaller', async () => {
    const plain = await raw(path);
    const zipped = await raw(path, GZIP);
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.headers['content-length']).toBeUndefined();
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const { headers } of [plain, zipped]) expect(headers.vary).toContain('Accept-Encoding');
    const [text, other] = [gunzipSync(zipped.bytes), plain.bytes].map((bytes) => bytes.toString('utf8').replace(/"now":"[^"]+"/, ''));
    expect(text).toBe(other);
    expect(zipped.bytes.byteLength).toBeLessThan(plain.bytes.byteLength / 2);
  });

  test('has the same head for HEAD, and no body', async () => {
    const { headers, bytes } = await raw(path, GZIP, 'HEAD');
    expect({ encoding: headers['content-encoding'], length: headers['content-length'], bytes: bytes.byteLength }).toEqual({
      encoding: 'gzip',
      length: undefined,
      bytes: 0,
    });
  });

  test('is known by its validator, in either form', async () => {
    const { headers } = await raw(path, GZIP);
    if (headers.etag === undefined) return expect(path).toBe('/');
    expect(headers.etag).toMatch(/^W\//);
    for (const encoding of [GZIP, {}]) expect((await raw(path, { ...encoding, 'if-none-match': headers.etag })).status).toBe(304);
  });
});

test.each(['/api/v1/spend', '/healthz', '/api/v1/nothing'])('%s is too small for it', async (path) => {
  expect((await raw(path, GZIP)).headers['content-encoding']).toBeUndefined();
});

test.each([
  ['gzip', true],
  ['', false],
  ['br', false],
  ['*', true],
  ['*;q=0', false],
  ['GZIP;Q=1', true],
  ['gzip;q=0', false],
  ['gzip; q=0.001', true],
  ['identity, gzip;q=0.5', false],
  ['identity;q=0.5, gzip', true],
  ['gzip;q=2', false],
  ['gzip;q=x', false],
  ['x-gzip', true],
  ['deflate, gzip;q=0.8, *;q=0.1', true],
  ['gzip;q=0, *', false],
  [','.repeat(4_000), false],
])('Accept-Encoding: %s', (header, isAccepted) => {
  expect(acceptsGzip(header)).toBe(isAccepted);
});
