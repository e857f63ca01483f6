/** The collector's own alerting over a real ledger and a real store on disk, by a clock of the test's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChannels } from '../../collector/alerts/channels/channels.ts';
import { AlertEngine } from '../../collector/alerts/engine.ts';
import type { Outbox } from '../../collector/alerts/outbox.ts';
import type { Raise } from '../../collector/budgets/journal.ts';
import { linkBases } from '../../collector/catalog/alert-links.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { openAlertStore } from '../../collector/storage/sqlite/alert-store.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { event } from '../support/entries.ts';

export interface Alerting {
  readonly config: Config;
  readonly folder: string;
  readonly reader: LedgerReader;
  readonly lines: string[];
  /** Of the budgets. */
  readonly raises: Raise[];
  /** The clock, epoch milliseconds. */
  nowMs: number;
  outbox: Outbox;
  engine: AlertEngine;
  /** Books a request of the user ada of team platform, at the clock's time, unless given. */
  spend(usd: string, overrides?: { team?: string; user?: string; model?: string; session?: string; timeMs?: number }): Promise<void>;
  /** Books these. */
  append(entries: readonly Entry[]): Promise<void>;
  /** One evaluation, and whatever is due is sent once. */
  round(): Promise<void>;
  /** As after a restart of the process: a new store on the same file, a new engine. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const NOVEMBER = Date.parse('2026-11-20T12:00:00Z');
export const DECEMBER = Date.parse('2026-12-01T00:20:00Z');
export const BUDGET = { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00' };

export async function startAlerting(given: object): Promise<Alerting> {
  const config = configSchema.parse({ budgets: [BUDGET], ...given });
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-alerts-'));
  const calendar = { timeZone: config.timezone, weekStart: config.week_start };
  const file = join(folder, 'ledger.sqlite');
  const writer = await openWriter({ file, ...calendar });
  const reader = openReader({ file, ...calendar });
  const journalFile = join(folder, 'budgets.sqlite');
  const lines: string[] = [];
  let entries = 0;
  const engineOn = (outbox: Outbox): AlertEngine => {
    const { alerts } = config;
    const channels = createChannels(alerts, () => self.nowMs);
    const budgets = async () => config.budgets.map((budget) => ({ ...budget, raises: self.raises }));
    return new AlertEngine({
      alerts,
      links: linkBases(config),
      reader,
      calendar,
      budgets,
      rateLimits: config.rate_limits,
      outbox,
      ...channels,
      now: () => self.nowMs,
      random: () => 0,
      log: (_code, message) => lines.push(message),
    });
  };
  const outbox = openAlertStore(journalFile);
  const self: Alerting = {
    ...{ config, folder, reader, lines, outbox, raises: [], nowMs: NOVEMBER },
    // Replaced below, since it needs the clock of what it is part of.
    engine: undefined as unknown as AlertEngine,
    async spend(usd, { session = 'session-1', timeMs = self.nowMs, ...who } = {}) {
      await writer.append({
        entries: [event({ id: `${entries++}`, cost: usd, user: 'ada@example.com', sessionId: session, timeMs, ...who })],
        receivedMs: self.nowMs,
      });
    },
    async append(given) {
      await writer.append({ entries: given, receivedMs: self.nowMs });
    },
    async round() {
      await self.engine.evaluate();
      await self.engine.dispatch();
    },
    async restart() {
      await self.outbox.close();
      self.outbox = openAlertStore(journalFile);
      self.engine = engineOn(self.outbox);
    },
    async stop() {
      await self.outbox.close();
      await reader.close();
      await writer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  self.engine = engineOn(outbox);
  return self;
}
