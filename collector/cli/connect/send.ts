/** Sends a probe as the client would. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { messageOf, type ProbeEncoding, probeBody, refusalOf } from './probe.ts';
import { pemOf, type Target } from './target.ts';

const ANSWER_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * 1024;

/** What came back, or what did not. */
export type Sent =
  | { readonly kind: 'http'; readonly status: number; readonly type: string; readonly text: string; readonly message: string }
  | { readonly kind: 'grpc'; readonly code: number; readonly text: string; readonly message: string }
  | { readonly kind: 'failed'; readonly code: string; readonly text: string };

export interface Probe {
  readonly id: string;
  readonly nowMs: number;
}

export const sendProbe = (target: Target, probe: Probe): Promise<Sent> =>
  target.protocol === 'grpc' ? sendGrpc(target, probe) : sendHttp(target, probe);

const failed = (error: NodeJS.ErrnoException): Sent => ({ kind: 'failed', code: error.code ?? error.name, text: error.message });

const TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

function sendHttp({ url, protocol, headers, env }: Target, { id, nowMs }: Probe): Promise<Sent> {
  const encoding: ProbeEncoding = protocol === 'http/json' ? 'json' : 'protobuf';
  const body = probeBody(id, nowMs, encoding);
  const isTls = url.protocol === 'https:';
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-type': TYPES[encoding], 'content-length': body.length },
    agent: isTls ? new HttpsAgent({ proxyEnv: { ...env }, ...tlsOf(env) }) : new HttpAgent({ proxyEnv: { ...env } }),
    signal: AbortSignal.timeout(ANSWER_MS),
  };
  return new Promise((resolve) => {
    const take = (response: IncomingMessage): void => {
      readAll(response).then((answer) => {
        const { statusCode = 0, headers: sent } = response;
        const type = sent['content-type'] ?? '';
        const message = statusCode === 200 ? messageOf(answer, encoding) : '';
        resolve({ kind: 'http', status: statusCode, type, text: refusalOf(answer, type), message });
      }, onError);
    };
    const onError = (error: NodeJS.ErrnoException): void => resolve(failed(error));
    const request = isTls ? httpsRequest(url, options, take) : httpRequest(url, options, take);
    request.on('error', onError).end(body);
  });
}

function tlsOf(env: Target['env']) {
  const extra = pemOf(env, 'NODE_EXTRA_CA_CERTS');
  const [cert, key, passphrase] = [
    pemOf(env, 'CLAUDE_CODE_CLIENT_CERT'),
    pemOf(env, 'CLAUDE_CODE_CLIENT_KEY'),
    env.CLAUDE_CODE_CLIENT_KEY_PASSPHRASE,
  ];
  return {
    ...(extra !== undefined && { ca: [...getCACertificates('default'), extra.toString()] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
  };
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(chunks);
}

const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const asIs = (bytes: Buffer): Buffer => bytes;

function sendGrpc({ url, headers, env }: Target, { id, nowMs }: Probe): Promise<Sent> {
  const isTls = url.protocol === 'https:';
  const pem = (name: string): Buffer | null => pemOf(env, `OTEL_EXPORTER_OTLP_${name}`) ?? null;
  const channel = isTls ? credentials.createSsl(pem('CERTIFICATE'), pem('CLIENT_KEY'), pem('CLIENT_CERTIFICATE')) : credentials.createInsecure();
  const client = new Client(url.port === '' ? `${url.hostname}:${isTls ? 443 : 80}` : url.host, channel);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, decodeURIComponent(value));
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null, answer?: Buffer): void => {
      client.close();
      if (error === null) resolve({ kind: 'grpc', code: 0, text: '', message: messageOf(answer ?? Buffer.alloc(0), 'protobuf') });
      else resolve({ kind: 'grpc', code: error.code, text: error.details, message: '' });
    };
    client.makeUnaryRequest(EXPORT, asIs, asIs, probeBody(id, nowMs, 'protobuf'), metadata, { deadline: Date.now() + ANSWER_MS }, answered);
  });
}
