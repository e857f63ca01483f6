import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../../collector/config/config.ts';
import type { OtlpSignal } from '../../../../collector/ingest/telemetry.ts';
import { decodeJson, decodeProtobuf } from '../../../support/decode.ts';
import { seededRandom } from '../../../support/random.ts';
import { MESSAGES } from './otlp-schema.ts';
import { randomExport } from './random-export.ts';
import { normalized, secondOpinion, toPlain } from './second-opinion.ts';

const { limits } = defaultConfig();
const SIGNALS: readonly OtlpSignal[] = ['logs', 'metrics', 'traces'];
const CAPTURES = join(import.meta.dirname, '../../../fixtures/captures');

const captures = (suffix: 'bin' | 'json'): readonly { readonly file: string; readonly signal: OtlpSignal }[] =>
  readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    const signal = SIGNALS.find((name) => new RegExp(`\\d-${name}\\.${suffix}$`).test(file));
    return signal === undefined ? [] : [{ file, signal }];
  });

/** Jest's own comparison is slow and only needed to show a difference. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

describe('our readers and protobufjs', () => {
  test('should read every protobuf capture of the real client alike', () => {
    const files = captures('bin');
    expect(files.length).toBeGreaterThan(50);
    for (const { file, signal } of files) {
      const body = readFileSync(join(CAPTURES, file));
      expect(normalized(decodeProtobuf(signal, body, limits).received)).toEqual(normalized(secondOpinion(signal, body)));
    }
  });

  test('should read every JSON capture as the same export in protobuf', () => {
    const files = captures('json');
    expect(files.length).toBeGreaterThan(100);
    for (const { file, signal } of files) {
      const body = readFileSync(join(CAPTURES, file));
      const inProtobuf = MESSAGES[signal].encode(MESSAGES[signal].fromObject(withoutIds(JSON.parse(body.toString('utf8'))))).finish();
      expect(normalized(decodeJson(signal, body, limits).received)).toEqual(normalized(secondOpinion(signal, inProtobuf)));
    }
  });

  test.each(SIGNALS)('should agree on generated %s in protobuf, and JSON should say the same', (signal) => {
    const random = seededRandom(`generated ${signal}`);
    for (let round = 0; round < 500; round++) {
      const type = MESSAGES[signal];
      const body = type.encode(type.fromObject(randomExport(random, signal))).finish();
      const expected = normalized(secondOpinion(signal, body));
      expectSame(normalized(decodeProtobuf(signal, body, limits).received), expected);
      const json = Buffer.from(JSON.stringify(toPlain(type, body), spellNonFinite));
      expectSame(normalized(decodeJson(signal, json, limits).received), expected);
    }
  });
});

/** JSON has no NaN; protobuf's JSON mapping writes these as strings. */
const spellNonFinite = (_key: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);

/** Ids are hex in OTLP's JSON, which protobufjs would take for base64. Nothing reads them. */
const withoutIds = (request: object): object =>
  JSON.parse(JSON.stringify(request, (key, value) => (/^(trace|span|parentSpan)Id$/.test(key) ? undefined : value)));
