/** Both OTLP receivers as one thing that starts, names its ports and drains. */
import type { Config, Limits } from '../../config/config.ts';
import type { Authenticator } from '../../server/auth.ts';
import type { TlsSource } from '../../server/tls.ts';
import { WrongTokens } from '../../server/wrong-tokens.ts';
import type { Ingest } from '../telemetry.ts';
import { createExportHandler } from './export-handler.ts';
import { startGrpcReceiver } from './grpc/receiver.ts';
import { startHttpReceiver } from './http/receiver.ts';
import type { ReceiverObserver } from './observer.ts';
import { createSenderAccess } from './sender-access.ts';

export interface ReceiverOptions {
  readonly server: Pick<Config['server'], 'host' | 'otlp_grpc_port' | 'otlp_http_port' | 'allowed_hosts'>;
  readonly tls?: TlsSource | undefined;
  readonly limits: Limits;
  readonly authenticate: Authenticator;
  readonly ingest: Ingest;
  readonly observer: ReceiverObserver;
  /** How long drain waits for what is in flight. Default 10,000 ms. */
  readonly drainMs?: number;
}

export interface Receivers {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Exports admitted and not yet answered. */
  pending(): number;
  /** Stops accepting, answers what is in flight (at most drainMs), closes every connection. Safe to call twice. */
  drain(): Promise<void>;
}

/** Throws `unavailable` naming the key and the port when one is taken, and leaves nothing listening then. */
export async function startReceivers(options: ReceiverOptions): Promise<Receivers> {
  const { authenticate, server, tls } = options;
  const handler = createExportHandler(options);
  const access = createSenderAccess({
    authenticate,
    isGuarded: () => authenticate.isGuarded('ingest'),
    hosts: server,
    wrongTokens: new WrongTokens({ now: Date.now }),
  });
  const http = await startHttpReceiver({ ...options, tls, access, handler });
  const grpc = await startGrpcReceiver({ ...options, tls, access, handler }).catch(async (error: unknown) => {
    await http.drain(0);
    throw error;
  });
  let drained: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    handler.close();
    const drainMs = options.drainMs ?? 10_000;
    await Promise.all([http.drain(drainMs), grpc.drain(drainMs)]);
  };
  return {
    httpPort: http.port,
    grpcPort: grpc.port,
    pending: handler.pending,
    drain: () => {
      drained ??= drain();
      return drained;
    },
  };
}
