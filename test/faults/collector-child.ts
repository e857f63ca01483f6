/**
 * A collector that waits, loaded, to be told where its data is: so a killed one is replaced within a fraction of a second,
 * and a thousand kills take minutes. Ends when whoever started it is gone.
 */

import { type CollectorPorts, startCollector } from '../../collector/app/collector.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { stderrLog } from '../support/log.ts';

export interface StartOrder {
  readonly data: string;
  readonly limits?: Partial<Config['limits']>;
}

export type ChildReport =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'started'; readonly ports: CollectorPorts }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly hint: string };

const report = (report: ChildReport) => process.send?.(report);
const ANY_PORT = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };

process.once('message', async (order: StartOrder) => {
  try {
    const config = configSchema.parse({ data: order.data, server: ANY_PORT, limits: order.limits ?? {} });
    const collector = await startCollector(config, stderrLog());
    process.once('SIGTERM', () => collector.stop().then(() => process.exit(0)));
    report({ kind: 'started', ports: collector.ports });
  } catch (thrown) {
    const { code, message, hint } = LedgerlineError.from(thrown);
    if (!(thrown instanceof LedgerlineError)) console.error(thrown);
    report({ kind: 'refused', code, message, hint });
    process.disconnect?.();
  }
});
process.once('disconnect', () => process.exit(1));
report({ kind: 'loaded' });
