/** The collector that is attacked: the whole of it, in a process of its own that ends with whoever started it. */
import { type CollectorPorts, startCollector } from '../../../collector/app/collector.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { stderrLog } from '../../support/log.ts';

export type ToCollector = { readonly start: object } | 'collect';

export interface Memory {
  readonly rssBytes: number;
  /** Of the main thread. */
  readonly heapBytes: number;
}

export type FromCollector = { readonly ports: CollectorPorts } | { readonly memory: Memory } | { readonly failed: string };

const report = (message: FromCollector) => process.send?.(message);

async function start(given: object): Promise<void> {
  const collector = await startCollector(configSchema.parse(given), stderrLog());
  process.once('SIGTERM', () => void collector.stop().then(() => process.exit(0)));
  report({ ports: collector.ports });
}

/** Twice: what the first round makes unreachable through finalizers, the second takes away. */
function collect(): void {
  globalThis.gc?.();
  globalThis.gc?.();
  report({ memory: { rssBytes: process.memoryUsage.rss(), heapBytes: process.memoryUsage().heapUsed } });
}

process.on('message', (message: ToCollector) => {
  if (message === 'collect') collect();
  else start(message.start).catch((error: unknown) => report({ failed: error instanceof Error ? error.message : String(error) }));
});
process.once('disconnect', () => process.exit(1));
