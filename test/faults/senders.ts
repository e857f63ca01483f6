/** The three ways in which a client sends an export, each with the client's own idea of what an answer means. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { CollectorPorts } from '../../collector/app/collector.ts';
import { ROUTES } from '../../collector/catalog/names.ts';
import { bodyOf, type Route } from './routes.ts';
import type { PlannedExport } from './traffic.ts';

export type Transport = 'protobuf' | 'json' | 'grpc';

/** taken: committed. again: refused before anything was committed. unanswered: nobody knows. */
export type Reply = 'taken' | 'again' | 'unanswered';

export interface Sender {
  readonly transport: Transport;
  /** Another collector may answer what one does not. */
  readonly hasOthers: boolean;
  /** Throws for an answer that none of this traffic should ever get. */
  send(sent: PlannedExport, route: Route): Promise<Reply>;
  close(): void;
}

/** One collector, or several. */
export type Destination = CollectorPorts | { open(transport: Transport): Sender };

export function openSender(transport: Transport, to: Destination): Sender {
  return 'open' in to ? to.open(transport) : senderTo(transport, to);
}

export function senderTo(transport: Transport, ports: CollectorPorts): Sender {
  return transport === 'grpc' ? new GrpcSender(ports.otlpGrpc) : new HttpSender(transport, ports.otlpHttp);
}

/** Longer than a busy machine takes, so that only a hang is unanswered here; a killed collector breaks the connection. */
const ANSWER_MS = 60_000;

/** One keep-alive connection, one request at a time, as the client has it. */
class HttpSender implements Sender {
  readonly transport: 'protobuf' | 'json';
  readonly hasOthers = false;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(transport: 'protobuf' | 'json', port: number) {
    this.transport = transport;
    this.#port = port;
  }

  async send(sent: PlannedExport, route: Route): Promise<Reply> {
    const plain = bodyOf(this.transport, sent, route);
    const isPacked = sent.number % 4 === 0;
    const headers = {
      'content-type': this.transport === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(isPacked && { 'content-encoding': 'gzip' }),
    };
    const answer = await this.#post(ROUTES[sent.signal], headers, isPacked ? gzipSync(plain) : plain).catch(() => undefined);
    if (answer === undefined) return 'unanswered';
    if (answer.status === 200 && ['', '{}'].includes(answer.text)) return 'taken';
    if (answer.status === 503 && answer.retryAfter !== undefined) return 'again';
    throw new Error(`Export ${sent.number} was answered ${answer.status}: ${answer.text}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #post(path: string, headers: Record<string, string>, body: Buffer): Promise<Answer> {
    const outgoing = request({ port: this.#port, host: '127.0.0.1', method: 'POST', path, agent: this.#agent, headers, timeout: ANSWER_MS });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    const answered = once(outgoing, 'response');
    outgoing.end(body);
    const [response]: IncomingMessage[] = await answered;
    if (response === undefined) throw new Error('no answer');
    const text = (await buffer(response)).toString();
    return { status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] };
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

const METHOD = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const;
/** What grpc-js reports when the connection is gone or the server is leaving. */
const GONE: ReadonlySet<status> = new Set([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL, status.UNKNOWN, status.DEADLINE_EXCEEDED]);
const asIs = (bytes: Buffer): Buffer => bytes;

class GrpcSender implements Sender {
  readonly transport = 'grpc';
  readonly hasOthers = false;
  readonly #client: Client;

  constructor(port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  }

  send(sent: PlannedExport, route: Route): Promise<Reply> {
    const options = { deadline: Date.now() + ANSWER_MS };
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, body?: Buffer) => {
        if (error === null && body?.length === 0) resolve('taken');
        else if (error !== null && GONE.has(error.code)) resolve('unanswered');
        else reject(new Error(`Export ${sent.number} was answered ${error?.code ?? body?.toString()}: ${error?.details}`));
      };
      this.#client.makeUnaryRequest(METHOD[sent.signal], asIs, asIs, bodyOf('protobuf', sent, route), new Metadata(), options, answered);
    });
  }

  close(): void {
    this.#client.close();
  }
}
