/** The recorded requests of the real client, and what each session cost by its own account. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { CollectorPorts } from '../../collector/app/collector.ts';

/** gRPC's number of it. */
const GZIP = 2;
export const CAPTURES = fileURLToPath(new URL('../fixtures/captures/', import.meta.url));

export interface CapturedRequest {
  readonly capture: string;
  readonly signal: 'logs' | 'metrics' | 'traces';
  readonly transport: 'grpc' | 'http';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** With gzip, as it was sent. */
  readonly isCompressed: boolean;
}

interface Meta {
  readonly transport: string;
  readonly path: string;
  readonly content_type: string;
  readonly content_encoding: string | null;
}

/** Every capture as "version/scenario", with its requests in the order they were sent. */
export function loadCaptures(): ReadonlyMap<string, readonly CapturedRequest[]> {
  const captures = new Map<string, CapturedRequest[]>();
  for (const version of readdirSync(CAPTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    for (const scenario of readdirSync(`${CAPTURES}${version.name}`))
      captures.set(`${version.name}/${scenario}`, loadRequests(`${version.name}/${scenario}`));
  }
  return captures;
}

function loadRequests(capture: string): CapturedRequest[] {
  const folder = `${CAPTURES}${capture}/`;
  const bodies = readdirSync(folder).filter((name) => /^\d+-(logs|metrics|traces)\.(json|bin|bin\.gz)$/.test(name));
  return bodies.sort().map((name) => {
    const meta = JSON.parse(readFileSync(`${folder}${name.split('-')[0]}.meta.json`, 'utf8')) as Meta;
    return {
      capture,
      signal: name.split('-')[1]?.split('.')[0] as CapturedRequest['signal'],
      transport: meta.transport === 'grpc' ? 'grpc' : 'http',
      path: meta.path,
      headers: { 'content-type': meta.content_type, ...(meta.content_encoding !== null && { 'content-encoding': meta.content_encoding }) },
      body: readFileSync(`${folder}${name}`),
      isCompressed: name.endsWith('.gz'),
    };
  });
}

/** Sends requests over the protocol they were recorded with. */
export class Replayer {
  readonly #ports: CollectorPorts;
  readonly #grpc: Client;
  /** Compresses each message with gzip. */
  readonly #grpcGzip: Client;

  readonly #token: string | undefined;

  /** `token`: sent with every export. */
  constructor(ports: CollectorPorts, token?: string) {
    this.#ports = ports;
    this.#token = token;
    this.#grpc = new Client(`127.0.0.1:${ports.otlpGrpc}`, credentials.createInsecure());
    this.#grpcGzip = new Client(`127.0.0.1:${ports.otlpGrpc}`, credentials.createInsecure(), { 'grpc.default_compression_algorithm': GZIP });
  }

  /** Resolves when the export was acknowledged; rejects otherwise. */
  async send(request: CapturedRequest): Promise<void> {
    if (request.transport === 'grpc') await this.#call(request);
    else await this.#post(request);
  }

  close(): void {
    this.#grpc.close();
    this.#grpcGzip.close();
  }

  async #post({ path, headers, body }: CapturedRequest): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.otlpHttp}${path}`, {
      method: 'POST',
      headers: { ...headers, ...this.#authorization() },
      body: new Uint8Array(body),
    });
    if (response.status !== 200) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }

  #authorization(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  #call({ path, body, isCompressed }: CapturedRequest): Promise<Buffer> {
    const answered = Promise.withResolvers<Buffer>();
    const raw = (bytes: Buffer) => bytes;
    const [client, message] = isCompressed ? [this.#grpcGzip, gunzipSync(body)] : [this.#grpc, body];
    client.makeUnaryRequest(path, raw, raw, message, Metadata.fromHttp2Headers(this.#authorization()), (error, answer) => {
      if (error !== null) answered.reject(error);
      else answered.resolve(answer ?? Buffer.alloc(0));
    });
    return answered.promise;
  }
}

export interface AgreementRow {
  readonly capture: string;
  /** First eight characters of the session's id. */
  readonly session: string;
  readonly cliLastTotal: number | undefined;
  readonly cliSumOfProcesses: number | undefined;
  readonly metricCost: number;
  readonly eventCost: number;
  readonly metricTokens: number;
  readonly eventTokens: number;
  readonly verdict: string;
}

/** agreement.tsv: one row for each session. */
export function loadAgreement(): readonly AgreementRow[] {
  const [, ...lines] = readFileSync(`${CAPTURES}agreement.tsv`, 'utf8').trimEnd().split('\n');
  const amount = (text = '') => (text === '' ? undefined : Number(text));
  return lines.map((line) => {
    const [version, fixture, session = '', last, sum, metricCost, eventCost, metricTokens, eventTokens, , verdict = ''] = line.split('\t');
    return {
      capture: `${version}/${fixture}`,
      session,
      cliLastTotal: amount(last),
      cliSumOfProcesses: amount(sum),
      metricCost: Number(metricCost),
      eventCost: Number(eventCost),
      metricTokens: Number(metricTokens),
      eventTokens: Number(eventTokens),
      verdict,
    };
  });
}

export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheCreationInputTokens: number;
}

interface Run {
  readonly session_id?: string;
  readonly modelUsage?: Readonly<Record<string, ModelUsage>>;
  readonly last_in_claude_json?: { readonly lastSessionId?: string; readonly lastModelUsage?: Readonly<Record<string, ModelUsage>> };
}

/** The client's own account of tokens for each of its runs, by full session id. */
export function loadClientUsage(capture: string): ReadonlyMap<string, readonly ModelUsage[][]> {
  const { runs } = JSON.parse(readFileSync(`${CAPTURES}${capture}/truth.json`, 'utf8')) as { runs: readonly Run[] };
  const usage = new Map<string, ModelUsage[][]>();
  for (const run of runs) {
    const session = run.session_id ?? run.last_in_claude_json?.lastSessionId;
    const models = run.modelUsage ?? run.last_in_claude_json?.lastModelUsage;
    if (session !== undefined && models !== undefined) usage.getOrInsertComputed(session, () => []).push(Object.values(models));
  }
  return usage;
}
