/** Hostile inputs: real and generated exports, broken in every way that came to mind. */
import { deflateSync, gzipSync } from 'node:zlib';
import type { Compression } from '../../../../collector/ingest/otlp/inflate.ts';
import type { Encoding } from '../../../../collector/ingest/otlp/observer.ts';
import type { OtlpSignal } from '../../../../collector/ingest/telemetry.ts';
import type { Random } from '../../../support/random.ts';

export interface HostileInput {
  readonly kind: string;
  readonly signal: OtlpSignal;
  readonly encoding: Encoding;
  readonly compression: Compression;
  readonly body: Buffer;
}

export interface Specimen {
  readonly signal: OtlpSignal;
  readonly encoding: Encoding;
  readonly body: Buffer;
}

const SIGNALS: readonly OtlpSignal[] = ['logs', 'metrics', 'traces'];
const HUGE_LENGTHS = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
];

const randomBytes = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => random.below(256)));

function splice(body: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer {
  return Buffer.concat([body.subarray(0, at), inserted, body.subarray(at + removed)]);
}

type Damage = (random: Random, body: Buffer, other: Buffer) => Buffer;

const DAMAGES: Readonly<Record<string, Damage>> = {
  truncated: (random, body) => body.subarray(0, random.below(body.length + 1)),
  'bits flipped': (random, body) => {
    const copy = Buffer.from(body);
    for (let flips = 1 + random.below(8); flips > 0 && copy.length > 0; flips--) {
      const at = random.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    }
    return copy;
  },
  'length oversized': (random, body) => splice(body, random.below(body.length + 1), random.below(3), Buffer.from(random.pick(HUGE_LENGTHS))),
  'bytes inserted': (random, body) => splice(body, random.below(body.length + 1), 0, randomBytes(random, 1 + random.below(16))),
  'part removed': (random, body) => splice(body, random.below(body.length + 1), 1 + random.below(40), Buffer.alloc(0)),
  'two spliced': (random, body, other) =>
    Buffer.concat([body.subarray(0, random.below(body.length + 1)), other.subarray(random.below(other.length + 1))]),
  'said twice': (_random, body) => Buffer.concat([body, body]),
  'random bytes': (random) => randomBytes(random, random.below(400)),
};

const STRANGE: readonly unknown[] = [null, true, -1, 1e308, '', 'NaN', '18446744073709551616', [], {}, [[]], { a: {} }, '\ud800', { stringValue: 7 }];

/** Replaces one value somewhere in a JSON document by one of another type. */
function wrongType(random: Random, body: Buffer): Buffer {
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    // An array is an object with its indexes as keys; the cast says no more than that.
    const holder = node as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      walk(holder[key]);
    }
  };
  const document: unknown = JSON.parse(body.toString('utf8'));
  walk(document);
  if (places.length === 0) return body;
  const [holder, key] = random.pick(places);
  holder[key] = random.pick(STRANGE);
  return Buffer.from(JSON.stringify(document));
}

const field = (number: number, content: Buffer): Buffer => {
  const length: number[] = [];
  for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), content]);
};

function deepProtobuf(levels: number): Buffer {
  let value = field(1, Buffer.from('bottom'));
  for (let level = 0; level < levels; level++) value = field(level % 2 === 0 ? 5 : 6, field(1, level % 2 === 0 ? value : field(2, value)));
  return field(1, field(2, field(2, field(6, Buffer.concat([field(1, Buffer.from('k')), field(2, value)])))));
}

function deepJson(random: Random, levels: number): Buffer {
  const open = random.pick(['[', '{"a":', '{"resourceLogs":[', '{"value":{"arrayValue":{"values":[{"arrayValue":{"values":[']);
  const value = `${'{"arrayValue":{"values":['.repeat(levels)}{"intValue":1}${']}}'.repeat(levels)}`;
  const whole = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"k","value":${value}}]}]}]}]}`;
  return Buffer.from(random.chance(0.5) ? whole : open.repeat(levels));
}

function nested(random: Random): HostileInput {
  const encoding = random.pick<Encoding>(['protobuf', 'json']);
  const levels = 1 + random.below(random.chance(0.1) ? 2000 : 60);
  const body = encoding === 'protobuf' ? deepProtobuf(levels) : deepJson(random, levels);
  return { kind: 'nested deeply', signal: 'logs', encoding, compression: 'identity', body };
}

const compress = (random: Random, body: Buffer): { compression: Compression; body: Buffer } =>
  random.chance(0.5) ? { compression: 'gzip', body: gzipSync(body) } : { compression: 'deflate', body: deflateSync(body) };

/** Bombs are made once: it is the receiver that is to be tested, not the compressor. */
const BOMBS = [0, 0x0a, 0x5b].flatMap((filler) => {
  const body = Buffer.alloc(8 * 1024 * 1024, filler);
  return [
    { compression: 'gzip', body: gzipSync(body) },
    { compression: 'deflate', body: deflateSync(body) },
  ] as const;
});

export function hostileInput(random: Random, specimens: readonly Specimen[]): HostileInput {
  if (random.chance(0.05)) return nested(random);
  const { signal, encoding, body } = random.pick(specimens);
  if (random.chance(0.003)) return { kind: 'bomb', signal, encoding, ...random.pick(BOMBS) };
  if (encoding === 'json' && random.chance(0.4))
    return { kind: 'wrong type', signal, encoding, compression: 'identity', body: wrongType(random, body) };
  const kind = random.pick(Object.keys(DAMAGES));
  const damage = DAMAGES[kind] ?? ((_random, whole) => whole);
  const other = random.pick(specimens).body;
  // The damage is sometimes done to the compressed bytes, and the signal is sometimes not the one that the bytes were made for.
  if (random.chance(0.05)) {
    const packed = compress(random, body);
    return { kind: `${kind}, compressed`, signal, encoding, compression: packed.compression, body: damage(random, packed.body, other) };
  }
  const addressed = random.chance(0.1) ? random.pick(SIGNALS) : signal;
  return { kind, signal: addressed, encoding, compression: 'identity', body: damage(random, body, other) };
}
