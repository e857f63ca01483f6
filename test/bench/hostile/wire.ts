/** One request over HTTP or gRPC, with all that an attacker or a good client wants to say about it, and how it ended as a word. */
import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';

export interface Sending {
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** With a body it is a POST. */
  readonly body?: Buffer;
  /** Without one the connection is used once. */
  readonly agent?: HttpAgent | undefined;
  readonly localAddress?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Over TLS, trusting this authority. */
  readonly ca?: Buffer | undefined;
}

export interface Ending {
  /** The status, or the code of the error that came instead. */
  readonly outcome: string;
  readonly text: string;
}

const TIMEOUT_MS = 60_000;
const TEXT_MAX = 1 << 20;

export const keepAlive = (ca?: Buffer): HttpAgent =>
  ca === undefined
    ? new HttpAgent({ keepAlive: true, maxSockets: 1 })
    : new HttpsAgent({ keepAlive: true, maxSockets: 1, ca, servername: 'localhost' });

/** Never rejects. */
export async function send(sending: Sending): Promise<Ending> {
  const { port, path, headers = {}, body, agent, localAddress, signal, ca } = sending;
  const timeout = AbortSignal.timeout(sending.timeoutMs ?? TIMEOUT_MS);
  const options = {
    ...{ host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST', agent: agent ?? (false as const) },
    ...{ headers: { ...headers, ...(body !== undefined && { 'content-length': body.length }) } },
    ...{ signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) },
    ...(localAddress !== undefined && { localAddress }),
  };
  try {
    const outgoing = ca === undefined ? httpRequest(options) : httpsRequest({ ...options, ca, servername: 'localhost' });
    const answered = once(outgoing, 'response');
    // After the answer a broken pipe is no news.
    outgoing.on('error', () => undefined);
    outgoing.end(body);
    const [response]: IncomingMessage[] = await answered;
    return { outcome: String(response?.statusCode), text: response === undefined ? '' : await textOf(response) };
  } catch (error) {
    return { outcome: timeout.aborted ? 'no answer' : errorCode(error), text: '' };
  }
}

/** At most the beginning of it; the rest is read and dropped. */
async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= TEXT_MAX) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  const code = 'code' in error ? String(error.code) : error.name;
  return code === 'ABORT_ERR' || code === '20' ? 'cut off' : code;
}

const PACKAGE = { logs: 'logs.v1.LogsService', metrics: 'metrics.v1.MetricsService', traces: 'trace.v1.TraceService' } as const;

export const grpcPath = (signal: keyof typeof PACKAGE): string => `/opentelemetry.proto.collector.${PACKAGE[signal]}/Export`;

/** Resolves when there is room to write again, or nobody to write to. */
export function room(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}
