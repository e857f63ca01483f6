/** The captures, decoded: every body of a folder in the order it was sent. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { defaultConfig } from '../../../collector/config/config.ts';
import type { Export, OtlpSignal } from '../../../collector/ingest/telemetry.ts';
import { decodeJson, decodeProtobuf } from '../../support/decode.ts';

const ROOT = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url));

/** A row of agreement.tsv: what the client itself and both signals say about a session. */
export interface Agreement {
  readonly version: string;
  readonly fixture: string;
  /** The first eight characters of the session's id. */
  readonly session: string;
  readonly metricCost: number;
  readonly eventCost: number;
  readonly metricTokens: number;
  readonly eventTokens: number;
  readonly apiRequests: number;
}

export function listAgreements(): readonly Agreement[] {
  const [, ...lines] = readFileSync(`${ROOT}agreement.tsv`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [version = '', fixture = '', session = '', , , metricCost, eventCost, metricTokens, eventTokens, apiRequests] = line.split('\t');
    return {
      version,
      fixture,
      session,
      metricCost: Number(metricCost),
      eventCost: Number(eventCost),
      metricTokens: Number(metricTokens),
      eventTokens: Number(eventTokens),
      apiRequests: Number(apiRequests),
    };
  });
}

export interface CapturedExport {
  readonly received: Export;
  readonly receivedMs: number;
}

const BODY = /^(\d+)-(logs|metrics|traces)\.(json|bin|bin\.gz)$/;

export function readCapture(folder: string): readonly CapturedExport[] {
  const names = readdirSync(ROOT + folder).filter((name) => BODY.test(name));
  return names.sort().map((name) => ({ received: decode(folder, name), receivedMs: receivedAt(folder, name) }));
}

function receivedAt(folder: string, name: string): number {
  const meta: { received_unix_ms: number } = JSON.parse(readFileSync(`${ROOT}${folder}/${name.slice(0, name.indexOf('-'))}.meta.json`, 'utf8'));
  return meta.received_unix_ms;
}

function decode(folder: string, name: string): Export {
  const bytes = readFileSync(`${ROOT}${folder}/${name}`);
  const signal = BODY.exec(name)?.[2] as OtlpSignal; // the expression above allows nothing else
  const { limits } = defaultConfig();
  if (name.endsWith('.json')) return decodeJson(signal, bytes, limits).received;
  return decodeProtobuf(signal, name.endsWith('.gz') ? gunzipSync(bytes) : bytes, limits).received;
}
