/**
 * A collector that waits, loaded, to be told where its data is: so a killed one is replaced within a fraction of a second,
 * and a thousand kills take minutes. Ends when whoever started it is gone.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { type CollectorPorts, startCollector } from '../../collector/app/collector.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { openFolding } from '../../collector/storage/open.ts';
import { stderrLog } from '../support/log.ts';

export interface StartOrder {
  readonly data: string;
  readonly limits?: Partial<Config['limits']>;
  readonly storage?: Pick<Config['storage'], 'url'>;
  /** Instead of a collector: adds up roll-ups of a shared ledger without a pause, which collectors do every 15 s. */
  readonly onlyFolds?: true;
}

export type ChildReport =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'started'; readonly ports: CollectorPorts }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly hint: string };

const report = (report: ChildReport) => process.send?.(report);
/** A part of the collector ended by itself: as `ledgerline serve` does, which is started again. */
const LOST = 3;
const FOLD_EVERY_MS = 20;
const ANY_PORT = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };

process.once('message', async (order: StartOrder) => {
  try {
    const config = configSchema.parse({ data: order.data, server: ANY_PORT, limits: order.limits ?? {}, storage: order.storage ?? {} });
    report({ kind: 'started', ports: order.onlyFolds ? await fold(config) : await collect(config) });
  } catch (thrown) {
    const { code, message, hint } = LedgerlineError.from(thrown);
    if (!(thrown instanceof LedgerlineError)) console.error(thrown);
    report({ kind: 'refused', code, message, hint });
    process.disconnect?.();
  }
});
process.once('disconnect', () => process.exit(1));
report({ kind: 'loaded' });

async function collect(config: Config): Promise<CollectorPorts> {
  const collector = await startCollector(config, stderrLog());
  process.once('SIGTERM', () => collector.stop().then(() => process.exit(0)));
  void collector.lost.then((error) => {
    console.error(error);
    process.exit(LOST);
  });
  return collector.ports;
}

async function fold(config: Config): Promise<CollectorPorts> {
  const folding = await openFolding(config);
  const stopping = new AbortController();
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await folding?.over(Date.now(), stopping.signal).catch((error) => console.error(String(error)));
      await delay(FOLD_EVERY_MS);
    }
    await folding?.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => stopping.abort());
  void work();
  return { otlpGrpc: 0, otlpHttp: 0, api: 0, metrics: 0 };
}
