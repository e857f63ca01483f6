/** What both transports are given and what they give back. */
import type { Config, Limits } from '../../config/config.ts';
import type { TlsSource } from '../../server/tls.ts';
import type { ExportHandler } from './export-handler.ts';
import type { ReceiverObserver } from './observer.ts';
import type { SenderAccess } from './sender-access.ts';

export interface TransportOptions {
  readonly server: Pick<Config['server'], 'host' | 'otlp_grpc_port' | 'otlp_http_port'>;
  readonly tls: TlsSource | undefined;
  readonly limits: Limits;
  readonly access: SenderAccess;
  readonly handler: ExportHandler;
  readonly observer: ReceiverObserver;
}

export interface StartedReceiver {
  readonly port: number;
  /** Stops accepting, lets what is in flight finish for at most graceMs, then closes every connection. */
  drain(graceMs: number): Promise<void>;
}
