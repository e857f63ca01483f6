/** The two threads for readers, as one: the reader, which answers, and the front, which listens for it. Without the first, health is answered alone. */
import type { Readiness } from '../api/health.ts';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { dutiesOf } from '../config/role.ts';
import type { LedgerlineError } from '../core/error.ts';
import type { LogSettings } from '../core/logger.ts';
import type { Handlers } from '../core/rpc-channel.ts';
import { VERSION } from '../core/version.ts';
import type { AccessMaterial } from '../server/access.ts';
import { makePrivateSockets } from '../server/private-sockets.ts';
import type { ReadWorkerProtocol } from './read-worker.ts';
import type { RefusedReader } from './reader-refusals.ts';
import { startFrontWorker, startReadWorker } from './workers.ts';

export interface ReadingOptions {
  readonly config: Config;
  readonly log: Log;
  readonly logSettings: LogSettings;
  readonly access: () => AccessMaterial;
  /** Signs links to requests for more budget. */
  readonly requestKey: Uint8Array;
  readonly answers: Handlers<ReadWorkerProtocol['parent']>;
  readonly readiness: () => Promise<Readiness>;
  readonly refused: (batch: readonly RefusedReader[]) => void;
  readonly limitHit: (limit: string) => void;
}

export interface Reading {
  readonly ports: { readonly apiPort: number; readonly metricsPort: number };
  /** One sentence while the reader does not run. */
  trouble(): string | undefined;
  /** Resolves when the front ended by itself. */
  readonly lost: Promise<LedgerlineError>;
  replaceAccess(material: AccessMaterial): Promise<void>;
  stop(): Promise<void>;
}

type ReadWorker = Awaited<ReturnType<typeof startReadWorker>>;

/** Resolves when both ports are open. Leaves nothing behind when it rejects. */
export async function startReading({ config, log, logSettings, access, requestKey, ...main }: ReadingOptions): Promise<Reading> {
  const privateSockets = await makePrivateSockets([config.data]);
  const sockets = { api: privateSockets.pathOf('api'), metrics: privateSockets.pathOf('metrics') };
  const common = () => ({ config, log: logSettings, sockets, access: access() });
  const stops: (() => Promise<void>)[] = [() => privateSockets.remove()];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).toReversed()) await one();
  };
  try {
    let reader: ReadWorker | undefined;
    stops.push(async () => reader?.stop());
    // The front loads its files while the reader does, and opens its ports when that runs.
    const running = Promise.withResolvers<void>();
    running.promise.catch(() => undefined);
    const answers = { readiness: main.readiness, selfText: main.answers.selfText, readerRuns: () => running.promise };
    const fronting = startFrontWorker(common(), answers, (notice) => {
      if ('limit' in notice) main.limitHit(notice.limit);
      else main.refused(notice.refused);
    });
    const settled = fronting.catch(() => undefined);
    stops.push(async () => (await settled)?.close());
    try {
      const reads = { answers: main.answers, onPost: main.refused };
      if (dutiesOf(config.role).reads) reader = await startReadWorker(() => ({ ...common(), version: VERSION, requestKey }), reads, log);
      running.resolve();
    } catch (error) {
      running.reject(error);
      throw error;
    }
    const front = await fronting;
    const replaceAccess = async (material: AccessMaterial): Promise<void> => {
      await front.request('replaceAccess', material);
      // One that ends meanwhile is started again with it.
      await reader
        ?.running()
        ?.request('replaceAccess', material)
        .catch(() => undefined);
    };
    return { ports: front.ready, trouble: () => reader?.trouble(), lost: front.lost, replaceAccess, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
