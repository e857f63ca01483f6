/** A collector of its own, filled with the demo organization, for the scripts that draw and time boards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../../../collector/app/collector.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { startDemo } from '../../../collector/demo/demo.ts';
import { stderrLog } from '../../support/log.ts';

export interface DemoOrganization {
  /** Of the boards, with a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Budgets and limits as an operator would set them, so that no board stays empty. */
const CONFIG = {
  budgets: [
    { name: 'engineering', scope: {}, period: 'month', amount_usd: '7000' },
    { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '800' },
    { name: 'payments', scope: { team: 'payments' }, period: 'month', amount_usd: '1400' },
    { name: 'data-week', scope: { team: 'data' }, period: 'week', amount_usd: '260' },
  ],
  rate_limits: { tokens_per_minute: 400_000, requests_per_minute: 60 },
};

/** Resolves when 90 days are booked. */
export async function startDemoOrganization(log: (line: string) => void): Promise<DemoOrganization> {
  const data = await mkdtemp(join(tmpdir(), 'ledgerline-boards-'));
  const ports = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  const collector = await startCollector(configSchema.parse({ ...CONFIG, data, server: ports }), stderrLog());
  const demo = startDemo({ url: `http://127.0.0.1:${collector.ports.otlpHttp}`, log });
  const stop = async (): Promise<void> => {
    await demo.stop();
    await collector.stop();
    await rm(data, { recursive: true });
  };
  await demo.filled.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url: `http://127.0.0.1:${collector.ports.api}/`, stop };
}
