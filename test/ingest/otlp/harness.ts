/** Real receivers on free ports, with an ingest that remembers and an observer that counts. */
import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Refusal } from '../../../collector/catalog/refusals.ts';
import type { Config } from '../../../collector/config/config.ts';
import { defaultConfig, type Limits, type TokenConfig } from '../../../collector/config/config.ts';
import type { LedgerlineError } from '../../../collector/core/error.ts';
import type { ReceivedRequest } from '../../../collector/ingest/otlp/observer.ts';
import { type Receivers, startReceivers } from '../../../collector/ingest/otlp/receiver.ts';
import type { Export, Ingest, OtlpSignal } from '../../../collector/ingest/telemetry.ts';
import type { Access } from '../../../collector/server/access.ts';
import type { Credentials } from '../../../collector/server/auth.ts';
import { loadTls } from '../../../collector/server/tls.ts';
import { createAuthenticator, fixedTls } from '../../support/authenticator.ts';
import { MESSAGES } from './decode/otlp-schema.ts';

export interface Harness extends Receivers {
  readonly exports: Export[];
  readonly senders: Credentials[];
  readonly requests: ReceivedRequest[];
  readonly limitsHit: string[];
  /** How many records of each export were malformed. */
  readonly malformed: number[];
  readonly refused: (Refusal & { readonly address: string })[];
  readonly failures: LedgerlineError[];
}

export interface HarnessOptions {
  readonly limits?: Partial<Limits>;
  readonly tokens?: readonly TokenConfig[];
  readonly tls?: Config['server']['tls'];
  readonly server?: Partial<Pick<Config['server'], 'host' | 'allowed_hosts'>>;
  /** Instead of tokens and tls. */
  readonly access?: Access;
  readonly ingest?: Ingest;
  readonly drainMs?: number;
}

export const recordsOf = (received: Export): number => {
  if (received.signal === 'traces') return received.spans;
  let records = 0;
  for (const scope of received.scopes) records += scope.records.length;
  return records;
};

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const config = defaultConfig();
  const log = {
    exports: [] as Export[],
    senders: [] as Credentials[],
    requests: [] as ReceivedRequest[],
    limitsHit: [] as string[],
    malformed: [] as number[],
    refused: [] as (Refusal & { address: string })[],
    failures: [] as LedgerlineError[],
  };
  const ingest: Ingest = async (received, sender) => {
    const outcome = (await options.ingest?.(received, sender)) ?? { accepted: recordsOf(received), rejected: 0, message: '' };
    log.exports.push(received);
    log.senders.push(sender);
    return outcome;
  };
  const material = loadTls(options.tls);
  const receivers = await startReceivers({
    server: { ...config.server, ...options.server, otlp_grpc_port: 0, otlp_http_port: 0 },
    tls: options.access?.tls ?? (material === undefined ? undefined : fixedTls(material)),
    limits: { ...config.limits, ...options.limits },
    authenticate: options.access?.authenticate ?? createAuthenticator(options.tokens ?? []),
    ingest,
    observer: {
      requestAnswered: (request) => void log.requests.push(request),
      limitHit: (limit) => void log.limitsHit.push(limit),
      refused: (refusal, address) => void log.refused.push({ ...refusal, address }),
      malformed: (records) => void log.malformed.push(records),
      failed: (error) => void log.failures.push(error),
    },
    drainMs: options.drainMs ?? 20_000,
  });
  return { ...receivers, ...log };
}

export const tokenOf = (secret: string, more: Partial<TokenConfig> = {}): TokenConfig => ({
  name: 'laptop',
  role: 'ingest',
  sha256: createHash('sha256').update(secret).digest('hex'),
  ...more,
});

const RECORD = { timeUnixNano: '1763600000123000000', attributes: [{ key: 'event.name', value: { stringValue: 'api_request' } }] };
const POINT = { timeUnixNano: '1763600000123000000', asDouble: 0.25 };

/** A small export of two records, in the JSON form. */
export const REQUESTS: Record<OtlpSignal, object> = {
  logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [RECORD, RECORD] }] }] },
  metrics: { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'cost', sum: { dataPoints: [POINT, POINT], aggregationTemporality: 1 } }] }] }] },
  traces: { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b' }] }] }] },
};

export const jsonBody = (signal: OtlpSignal): Buffer => Buffer.from(JSON.stringify(REQUESTS[signal]));
export const protobufBody = (signal: OtlpSignal): Buffer =>
  Buffer.from(MESSAGES[signal].encode(MESSAGES[signal].fromObject(REQUESTS[signal])).finish());

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface PostOptions {
  readonly path?: string;
  readonly method?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly chunked?: boolean;
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** One request on a connection of its own. */
export function post(port: number, body: Buffer, options: PostOptions = {}): Promise<HttpAnswer> {
  const { path = '/v1/logs', method = 'POST', type = 'application/x-protobuf', tls } = options;
  const headers = { 'content-type': type, ...(options.chunked !== true && { 'content-length': String(body.length) }), ...options.headers };
  const common = { host: '127.0.0.1', port, path, method, headers, agent: false as const };
  return new Promise((resolve, reject) => {
    const request = tls === undefined ? httpRequest(common) : httpsRequest({ ...common, ...tls, servername: 'localhost' });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    // With one write Node would count the bytes and announce a length after all.
    if (options.chunked === true) request.write(body.subarray(0, 1));
    request.end(options.chunked === true ? body.subarray(1) : body);
  });
}

const PACKAGE = { logs: 'logs.v1.LogsService', metrics: 'metrics.v1.MetricsService', traces: 'trace.v1.TraceService' } as const;
const asIs = (bytes: Buffer): Buffer => bytes;

export interface GrpcCaller {
  call(signal: OtlpSignal, body: Buffer, headers?: Record<string, string>): Promise<Buffer>;
  close(): void;
}

const GRPC_COMPRESSION = { identity: 0, deflate: 1, gzip: 2 } as const;

/** Rejects with grpc-js' ServiceError, which has `code`, `details` and `metadata`. */
export function grpcCaller(
  port: number,
  channel: ChannelCredentials = credentials.createInsecure(),
  compression: keyof typeof GRPC_COMPRESSION = 'identity',
): GrpcCaller {
  const client = new Client(`127.0.0.1:${port}`, channel, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.default_compression_algorithm': GRPC_COMPRESSION[compression],
    'grpc.ssl_target_name_override': 'localhost',
  });
  const call = (signal: OtlpSignal, body: Buffer, headers: Record<string, string> = {}): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      const path = `/opentelemetry.proto.collector.${PACKAGE[signal]}/Export`;
      client.makeUnaryRequest(path, asIs, asIs, body, metadata, { deadline: Date.now() + 60_000 }, (error: ServiceError | null, answer?: Buffer) => {
        if (error === null) resolve(answer ?? Buffer.alloc(0));
        else reject(error);
      });
    });
  return { call, close: () => client.close() };
}
