/** The good clients' two ways of sending one export, on a connection that is kept and now and then on a fresh one. */
import type { Agent } from 'node:http';
import { type ChannelCredentials, Client, credentials, Metadata } from '@grpc/grpc-js';
import type { CollectorPorts } from '../../../collector/app/collector.ts';
import { ROUTES } from '../../../collector/catalog/names.ts';
import { grpcPath, keepAlive, send } from './wire.ts';

export interface Door {
  readonly ports: CollectorPorts;
  readonly tokens: { readonly send: string; readonly read: string };
  /** The authority to trust, where it listens with TLS. */
  readonly ca?: Buffer | undefined;
}

/** taken: committed. refused: nothing of it was. unanswered: nobody knows. */
export type Reply = 'taken' | 'refused' | 'unanswered';

export interface GoodSender {
  send(body: Buffer, isFresh: boolean): Promise<Reply>;
  close(): void;
}

/** What an OpenTelemetry exporter waits. */
const ANSWER_MS = 10_000;

export class HttpGoodSender implements GoodSender {
  readonly #door: Door;
  readonly #agent: Agent;

  constructor(door: Door) {
    this.#door = door;
    this.#agent = keepAlive(door.ca);
  }

  async send(body: Buffer, isFresh: boolean): Promise<Reply> {
    const { ports, tokens, ca } = this.#door;
    const headers = { 'content-type': 'application/x-protobuf', authorization: `Bearer ${tokens.send}` };
    const agent = isFresh ? undefined : this.#agent;
    const { outcome } = await send({ port: ports.otlpHttp, path: ROUTES.logs, headers, body, agent, timeoutMs: ANSWER_MS, ca });
    if (outcome === '200') return 'taken';
    return /^\d+$/.test(outcome) ? 'refused' : 'unanswered';
  }

  close(): void {
    this.#agent.destroy();
  }
}

const asIs = (bytes: Buffer): Buffer => bytes;
/** Of google.rpc.Code, what says that nothing was committed: the answer is the collector's own. */
const OK = 0;
const REFUSED: readonly number[] = [3, 7, 8, 12, 16];

export class GrpcGoodSender implements GoodSender {
  readonly #door: Door;
  readonly #client: Client;

  constructor(door: Door) {
    this.#door = door;
    this.#client = connect(door);
  }

  async send(body: Buffer, isFresh: boolean): Promise<Reply> {
    const client = isFresh ? connect(this.#door) : this.#client;
    const code = await this.#call(client, body);
    if (isFresh) client.close();
    if (code === OK) return 'taken';
    return REFUSED.includes(code) ? 'refused' : 'unanswered';
  }

  close(): void {
    this.#client.close();
  }

  #call(client: Client, body: Buffer): Promise<number> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${this.#door.tokens.send}`);
    const options = { deadline: Date.now() + ANSWER_MS };
    return new Promise((resolve) => {
      client.makeUnaryRequest(grpcPath('logs'), asIs, asIs, body, metadata, options, (error) => resolve(error?.code ?? OK));
    });
  }
}

function connect({ ports, ca }: Door): Client {
  const channel: ChannelCredentials = ca === undefined ? credentials.createInsecure() : credentials.createSsl(ca);
  return new Client(`127.0.0.1:${ports.otlpGrpc}`, channel, {
    ...{
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_reconnect_backoff_ms': 200,
      'grpc.initial_reconnect_backoff_ms': 100,
    },
    ...(ca !== undefined && { 'grpc.ssl_target_name_override': 'localhost' }),
  });
}
