/** What is decompressed on the thread that receives, and how much of it at once. */
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type Compressed, SmallInflater, TURN_BYTES } from '../../../collector/ingest/otlp/inflate.ts';

const LIMIT = { name: 'limits.body_bytes', bytes: 16 * 1024 * 1024 } as const;
const MIB = 1024 * 1024;
const gzip = (body: Buffer): Compressed => ({ body, compression: 'gzip', limit: LIMIT });
const deflate = (body: Buffer): Compressed => ({ body, compression: 'deflate', limit: LIMIT });

const SMALL = Buffer.from('a small export');
const small = gzip(gzipSync(SMALL));
/** Says in its end that it comes to 100 bytes. */
const liar = (): Compressed => {
  const body = gzipSync(Buffer.alloc(4 * MIB));
  body.writeUInt32LE(100, body.length - 4);
  return gzip(body);
};

describe('decompressing inline', () => {
  test.each<[string, Compressed]>([
    ['that say what they come to', gzip(gzipSync(Buffer.alloc(4 * MIB)))],
    ['that say less', liar()],
  ])('200 gzip bombs %s leave room for a small body in the same turn', (_what, bomb) => {
    const inflater = new SmallInflater();
    for (let sent = 0; sent < 200; sent++) expect(inflater.inflate(bomb)).toBeUndefined();
    expect(inflater.inflate(small)).toEqual(SMALL);
  });

  test('so much in one turn, and the rest in the next ones, in order', async () => {
    const inflater = new SmallInflater();
    const half = deflate(deflateSync(Buffer.alloc(MIB / 4)));
    const outcomes = Array.from({ length: 40 }, () => inflater.inflate(half));
    const now = outcomes.filter((outcome) => outcome instanceof Buffer);
    expect(now.length * (MIB / 4)).toBeLessThanOrEqual(TURN_BYTES);
    expect(now.length).toBeGreaterThan(10);
    const last = inflater.inflate(small);
    expect(last).toBeInstanceOf(Promise);
    for (const inflated of await Promise.all(outcomes)) expect(inflated).toHaveLength(MIB / 4);
    expect(await last).toEqual(SMALL);
  });

  test('what is larger than it says, or has several parts, is left to the thread pool', () => {
    const inflater = new SmallInflater();
    const parts = Buffer.concat([gzipSync(SMALL), gzipSync(Buffer.from('more'))]);
    expect(inflater.inflate(gzip(parts))).toBeUndefined();
    expect(inflater.inflate(deflate(deflateSync(Buffer.alloc(4 * MIB))))).toBeUndefined();
  });

  test('what is not what it says is refused, an empty body is empty', () => {
    const inflater = new SmallInflater();
    expect(() => inflater.inflate(gzip(Buffer.from('this is not gzip at all')))).toThrow('not valid gzip');
    expect(() => inflater.inflate(gzip(Buffer.alloc(0)))).toThrow('not valid gzip');
    expect(inflater.inflate(gzip(gzipSync(Buffer.alloc(0))))).toEqual(Buffer.alloc(0));
  });
});
