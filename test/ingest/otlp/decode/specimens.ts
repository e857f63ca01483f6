/** Small exports to be broken: every recorded one, and generated ones in both encodings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OtlpSignal } from '../../../../collector/ingest/telemetry.ts';
import type { Random } from '../../../support/random.ts';
import type { Specimen } from './hostile.ts';
import { MESSAGES } from './otlp-schema.ts';
import { randomExport } from './random-export.ts';
import { toPlain } from './second-opinion.ts';

const SIGNALS: readonly OtlpSignal[] = ['logs', 'metrics', 'traces'];

export function specimensOf(random: Random): Specimen[] {
  const folder = join(import.meta.dirname, '../../../fixtures/captures');
  const captured = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((file): Specimen[] => {
    const [, name, suffix] = /\d-(logs|metrics|traces)\.(bin|json)$/.exec(file) ?? [];
    const signal = SIGNALS.find((known) => known === name);
    if (signal === undefined) return [];
    const body = readFileSync(join(folder, file));
    return body.length > 6_000 ? [] : [{ signal, encoding: suffix === 'bin' ? 'protobuf' : 'json', body }];
  });
  const generated = Array.from({ length: 60 }, (_, index): Specimen[] => {
    const signal = SIGNALS[index % 3] ?? 'logs';
    const type = MESSAGES[signal];
    const body = Buffer.from(type.encode(type.fromObject(randomExport(random, signal))).finish());
    return [
      { signal, encoding: 'protobuf', body },
      { signal, encoding: 'json', body: Buffer.from(JSON.stringify(toPlain(type, body))) },
    ];
  }).flat();
  return [...captured, ...generated.filter(({ body }) => body.length < 6_000)];
}
