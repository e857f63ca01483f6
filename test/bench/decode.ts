/**
 * How fast our own wire reader is, beside protobufjs over the same captured bodies in the same process. Ratios carry over to other
 * machines; absolute figures do not. Run: `node bin/node26.mjs test/bench/decode.ts [seconds per row]`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig } from '../../collector/config/config.ts';
import { MESSAGES } from '../ingest/otlp/decode/otlp-schema.ts';
import { secondOpinion } from '../ingest/otlp/decode/second-opinion.ts';
import { decodeJson, decodeProtobuf } from '../support/decode.ts';

const { limits } = defaultConfig();
const SECONDS = Number(process.argv[2] ?? 2);
const CAPTURES = join(import.meta.dirname, '../fixtures/captures');

const bodies = (signal: string, suffix: string): Buffer[] =>
  readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => new RegExp(`\\d-${signal}\\.${suffix}$`).test(file))
    .map((file) => readFileSync(join(CAPTURES, file)));

/** Records per CPU second, so that neighbors on the machine matter less. */
function rate(inputs: readonly Buffer[], records: number, decode: (body: Buffer) => unknown): number {
  for (const body of inputs) decode(body);
  const before = process.cpuUsage();
  const until = performance.now() + SECONDS * 1000;
  let rounds = 0;
  while (performance.now() < until) {
    for (const body of inputs) decode(body);
    rounds += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return (rounds * records) / ((user + system) / 1e6);
}

const thousands = (value: number): string => `${Math.round(value / 1000)}k`.padStart(6);

for (const signal of ['logs', 'metrics'] as const) {
  const protobuf = bodies(signal, 'bin');
  const json = bodies(signal, 'json');
  const countOf = (inputs: readonly Buffer[], decode: typeof decodeProtobuf): number =>
    inputs.reduce((sum, body) => sum + decode(signal, body, limits).records, 0);
  const records = countOf(protobuf, decodeProtobuf);
  const jsonRecords = countOf(json, decodeJson);
  const ours = rate(protobuf, records, (body) => decodeProtobuf(signal, body, limits));
  const rows: [string, number][] = [
    ['our wire reader', ours],
    ['protobufjs, decoded only', rate(protobuf, records, (body) => MESSAGES[signal].decode(body))],
    ['protobufjs, brought to the same type', rate(protobuf, records, (body) => secondOpinion(signal, body))],
    ['our JSON reader', rate(json, jsonRecords, (body) => decodeJson(signal, body, limits))],
    ['JSON.parse alone', rate(json, jsonRecords, (body) => JSON.parse(body.toString('utf8')))],
  ];
  console.log(`${signal}: ${records} records in ${protobuf.length} protobuf bodies, ${jsonRecords} in ${json.length} JSON bodies`);
  for (const [name, value] of rows) console.log(`  ${name.padEnd(38)} ${thousands(value)} records/s   ${(value / ours).toFixed(2)} of ours`);
}
