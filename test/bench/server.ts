/**
 * What is measured, in a process of its own: the whole collector on its embedded ledger, or the same receivers with an ingest that returns
 * at once after decoding, so that the ratio of the two is what keeping costs.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startCollector } from '../../collector/app/collector.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import { startReceivers } from '../../collector/ingest/otlp/receiver.ts';
import type { Ingest } from '../../collector/ingest/telemetry.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { stderrLog } from '../support/log.ts';

export interface ServerOrder {
  readonly mode: 'ledger' | 'discard';
  /** Folder of the ledger. */
  readonly data: string;
  /** Beside the folder and the ports. */
  readonly config?: object | undefined;
}

export type Mode = ServerOrder['mode'];

export interface ServerPorts {
  readonly grpc: number;
  readonly http: number;
  /** 0 where nothing can be asked. */
  readonly api: number;
  readonly metrics: number;
}

export type ToServer = { readonly start: ServerOrder } | 'usage' | 'loop delay' | 'stop';

export interface ServerUsage {
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  /** To disk, as the kernel counts it: what is written twice counts twice. */
  readonly writtenBytes: number;
}

/** How late the receiver's thread did what was due, since it was last asked for. */
export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
}

export type FromServer =
  | { readonly ports: ServerPorts }
  | { readonly usage: ServerUsage }
  | { readonly loopDelay: LoopDelay }
  | { readonly failed: string };

const tell = (message: FromServer) => process.send?.(message);
const ANY_PORT = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
let stop = async (): Promise<void> => {};

async function startLedger(config: Config): Promise<ServerPorts> {
  const collector = await startCollector(config, stderrLog());
  stop = () => collector.stop();
  const { otlpGrpc, otlpHttp, api, metrics } = collector.ports;
  return { grpc: otlpGrpc, http: otlpHttp, api, metrics };
}

async function startDiscard(config: Config): Promise<ServerPorts> {
  const ignore = () => undefined;
  const receivers = await startReceivers({
    server: config.server,
    limits: config.limits,
    authenticate: createAuthenticator([]),
    ingest: discard,
    observer: { requestAnswered: ignore, limitHit: ignore, malformed: ignore, refused: ignore, failed: ignore },
  });
  stop = () => receivers.drain();
  return { grpc: receivers.grpcPort, http: receivers.httpPort, api: 0, metrics: 0 };
}

const discard: Ingest = async (received) => {
  const accepted = received.signal === 'traces' ? received.spans : received.scopes.reduce((sum, scope) => sum + scope.records.length, 0);
  return { accepted, rejected: 0, message: '' };
};

async function start({ mode, data, config: given }: ServerOrder): Promise<void> {
  const config = configSchema.parse({ ...given, data, server: ANY_PORT });
  tell({ ports: await (mode === 'ledger' ? startLedger(config) : startDiscard(config)) });
}

function usage(): ServerUsage {
  const { user, system } = process.cpuUsage();
  const { fsWrite } = process.resourceUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6, writtenBytes: fsWrite * 512 };
}

const RESOLUTION_MS = 10;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
/** What is recorded is the time from one look to the next. */
const lateMs = (recorded: number): number => Math.max(0, recorded / 1e6 - RESOLUTION_MS);

/** Watched from the first question on: watching has a cost of its own. */
function loopDelay(): LoopDelay {
  delays.enable();
  const found = { p99Ms: lateMs(delays.percentile(99)), maxMs: lateMs(delays.max) };
  delays.reset();
  return found;
}

process.on('message', (message: ToServer) => {
  if (message === 'usage') tell({ usage: usage() });
  else if (message === 'loop delay') tell({ loopDelay: loopDelay() });
  else if (message === 'stop') stop().then(() => process.exit(0));
  else start(message.start).catch((error: unknown) => tell({ failed: error instanceof Error ? error.message : String(error) }));
});
// Nothing is left running when the bench itself is killed.
process.once('disconnect', () => process.exit(1));
