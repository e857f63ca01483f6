/** The demo's organization in a real ledger, and what /metrics said of it while it came in, by a clock that is handed in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { type Config, configSchema } from '../../collector/config/config.ts';
import type { DemoSession } from '../../collector/demo/session.ts';
import { createLedgerText } from '../../collector/exposition/ledger-text.ts';
import { type SelfTelemetry, startSelfTelemetry } from '../../collector/exposition/self-telemetry.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { createDemoFeed } from '../support/demo-feed.ts';
import type { Scrape } from './prometheus-api.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;

export interface DemoHistoryOptions {
  readonly people: number;
  /** First day of the ledger. */
  readonly ledgerFromMs: number;
  /** When /metrics is read: the instants that windows begin or end with. */
  readonly scrapesMs: readonly number[];
  /** When it is read besides. */
  readonly betweenMs?: readonly number[];
  /** Default: every session that is not under way when /metrics is read. */
  readonly isSent?: (session: DemoSession) => boolean;
  /** After this scrape the read worker is started again. */
  readonly restartMs?: number;
  readonly config?: z.input<typeof configSchema>;
}

export interface DemoHistory {
  /** The ledger's. */
  readonly file: string;
  readonly config: Config;
  readonly reader: LedgerReader;
  readonly scrapes: readonly Scrape[];
  /** The collector's own series at the last scrape. */
  readonly selfText: string;
  stop(): Promise<void>;
}

/**
 * A session that is under way when /metrics is read is left out: what a client tells later about earlier is booked where it belongs, but
 * what was scraped before cannot know it. All others are there as they are, with their corrections, gaps and late exports.
 */
const isWholeBetween =
  (scrapesMs: readonly number[]) =>
  ({ exports }: DemoSession): boolean => {
    const times = exports.flatMap((sent) => [sent.timeMs, ...(sent.signal === 'logs' ? sent.logs.map((log) => log.timeMs) : [])]);
    const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
    return !scrapesMs.some((ms) => from < ms && to >= ms);
  };

export async function recordDemo({
  people,
  ledgerFromMs,
  scrapesMs,
  betweenMs = [],
  restartMs,
  isSent = () => true,
  config: given = {},
}: DemoHistoryOptions): Promise<DemoHistory> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-demo-'));
  const config = configSchema.parse({ ...given, limits: { exposition_series: 1_000_000, query_rows: 200_000, ...given.limits } });
  const ledger = { file: join(folder, 'ledger.sqlite'), ...UTC };
  const writer = await openWriter(ledger);
  const reader = openReader(ledger);
  const self = startSelfTelemetry();
  self.watchPending(() => 0);
  const isWhole = isWholeBetween(scrapesMs);
  const feed = createDemoFeed({ config, ledger: writer, people, fromMs: ledgerFromMs, isSent: (session) => isSent(session) && isWhole(session) });
  const stop = async (): Promise<void> => {
    await reader.close();
    await writer.close();
    await rm(folder, { recursive: true });
  };
  let nowMs = ledgerFromMs;
  const readingWorker = () =>
    createLedgerText({
      reader,
      config,
      prices: loadPriceBook(),
      now: () => nowMs,
      budgets: async () => config.budgets,
      version: '0.0.0-test',
      // Reading takes no time, so that on a busy machine, too, no scrape leaves a gauge for the next.
      elapsedMs: () => 0,
    });
  let ledgerText = readingWorker();
  const scrapes: Scrape[] = [];
  let selfText = '';
  try {
    for (nowMs of [...scrapesMs, ...betweenMs].sort((a, b) => a - b)) {
      const before = (await reader.status()).counters.appended;
      await feed.sendUntil(nowMs);
      reportAll(self, (await reader.status()).counters.appended - before);
      selfText = await self.collectSelfText();
      if (nowMs === restartMs) ledgerText = readingWorker();
      scrapes.push({ timeMs: nowMs, text: [...(await Array.fromAsync(ledgerText())), selfText].join('') });
    }
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await self.close();
  }
  return { file: ledger.file, config, reader, scrapes, selfText, stop };
}

/** Something of everything that the collector counts about itself. */
function reportAll(self: SelfTelemetry, appended: number): void {
  const request = { signal: 'logs', transport: 'http', encoding: 'protobuf', durationMs: 3 };
  self.requestAnswered({ ...request, outcome: 'accepted', accepted: appended });
  self.requestAnswered({ ...request, outcome: 'unauthenticated', accepted: 0 });
  self.committed({ appended, duplicates: 2, conflicts: 1, expired: 1 }, 0.004);
  self.rejected('no_time', 1);
  self.ignored('hook_execution_start', 3);
  self.unknownAttribute('moon.phase', 1);
  self.correctedTimes('metrics', 1);
  self.refused('unauthenticated', 1);
  self.limitHit('limits.body_bytes');
}
