/** Collectors of their own, filled with an organization, small or large, for the scripts that draw and time boards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../../../collector/app/collector.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { ledgerFileOf } from '../../../collector/config/data-folder.ts';
import { startDemo } from '../../../collector/demo/demo.ts';
import { fill } from '../../bench/fill.ts';
import { stderrLog } from '../../support/log.ts';

export interface Organization {
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

/** No port that another collector may have. */
const ANY_PORT = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
const folderOf = (): Promise<string> => mkdtemp(join(tmpdir(), 'ledgerline-boards-'));

/** Resolves when 90 days are booked. */
export async function startDemoOrganization(log: (line: string) => void): Promise<Organization> {
  const data = await folderOf();
  const collector = await startCollector(configSchema.parse({ ...CONFIG, data, server: ANY_PORT }), stderrLog());
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

const DAYS = 60;
const ENTRIES_A_DAY = 12;
const USERS_IN_TEAM = 12;

/** Thousands of users, two months of them, written by the store itself: by the wire they would take an hour. */
export async function startLargeOrganization(users: number, log: (line: string) => void): Promise<Organization> {
  const data = await folderOf();
  const budgets = [
    { name: 'engineering', scope: {}, period: 'month', amount_usd: '90000' },
    { name: 'each-team', per: 'team', period: 'month', amount_usd: '600' },
  ];
  const config = configSchema.parse({ budgets, data, server: ANY_PORT });
  const entries = users * DAYS * ENTRIES_A_DAY;
  fill(ledgerFileOf(config), { people: users, days: DAYS, entries, endMs: Date.now(), peopleInTeam: USERS_IN_TEAM }, (filled) =>
    log(`${filled.entries} of about ${entries} entries`),
  );
  const collector = await startCollector(config, stderrLog());
  const stop = async (): Promise<void> => {
    await collector.stop();
    await rm(data, { recursive: true });
  };
  return { url: `http://127.0.0.1:${collector.ports.api}/`, stop };
}
