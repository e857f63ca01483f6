/** The read worker of a collector in this process: a real ledger on disk behind a real /metrics. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dimensions } from '../../collector/catalog/measures.ts';
import { configSchema } from '../../collector/config/config.ts';
import { fromWire } from '../../collector/core/money.ts';
import { createExposition } from '../../collector/exposition/exposition.ts';
import { createLedgerText } from '../../collector/exposition/ledger-text.ts';
import { adjustmentIdentity } from '../../collector/ledger/adjustments.ts';
import type { Amounts, Entry } from '../../collector/ledger/entry.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import type { Gauge } from '../../collector/query/gauges/gauge.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { answering } from '../support/answering.ts';

export interface Spend extends Dimensions {
  readonly timeMs: number;
  readonly usd: number;
  readonly amounts?: Amounts;
  readonly session?: string;
  /** Booked as it is, apart from all events: below zero, too. */
  readonly isAdjustment?: true;
}

export interface TestCollectorOptions {
  readonly now?: () => number;
  readonly timeZone?: string;
  /** As in ledgerline.yaml. */
  readonly config?: object;
  readonly seriesMax?: number;
  /** Instead of the whole catalog. */
  readonly gauges?: readonly Gauge[];
  /** Time that reading takes; none unless given, so that on a busy machine, too, every scrape reads everything anew. */
  readonly elapsedMs?: () => number;
  readonly selfText?: () => Promise<string>;
  /** Called before each question that a scrape asks of the ledger. */
  readonly beforeQuery?: () => Promise<void>;
}

export interface TestCollector {
  /** http://127.0.0.1:port/metrics */
  readonly url: string;
  readonly target: string;
  readonly reader: LedgerReader;
  /** Books api_request events, durable when it resolves. */
  spend(...items: readonly Spend[]): Promise<void>;
  scrape(): Promise<string>;
  /** The ledger's part of a scrape, piece by piece. */
  text(): AsyncIterable<string>;
  stop(): Promise<void>;
}

export async function startTestCollector(options: TestCollectorOptions = {}): Promise<TestCollector> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-prometheus-'));
  const ledger = { file: join(folder, 'ledger.db'), timeZone: options.timeZone ?? 'UTC', weekStart: 'monday' as const };
  const writer = await openWriter(ledger);
  const reader = openReader(ledger);
  const {
    now = Date.now,
    seriesMax = 100_000,
    selfText = async () => '',
    gauges,
    elapsedMs = () => 0,
    beforeQuery = async () => undefined,
  } = options;
  const config = configSchema.parse({ ...options.config, timezone: ledger.timeZone, limits: { exposition_series: seriesMax } });
  const prices = loadPriceBook();
  const snapshot: LedgerReader['snapshot'] = (read) =>
    reader.snapshot((held) =>
      read(
        answering(held, {
          query: async (query) => {
            await beforeQuery();
            return held.query(query);
          },
        }),
      ),
    );
  const text = createLedgerText({
    reader: { snapshot },
    config,
    prices,
    now,
    budgets: async () => config.budgets,
    version: '0.0.0-test',
    ...(gauges && { gauges }),
    elapsedMs,
  });
  const server = createServer(createExposition({ ledgerText: text, selfText }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen() on a TCP port: the address is an object.
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${target}/metrics`;
  let entries = 0;
  return {
    url,
    target,
    reader,
    spend: async (...items) => {
      const batch = items.map((item) => toEntry(item, entries++));
      await writer.append({ entries: batch, receivedMs: Math.max(...items.map(({ timeMs }) => timeMs)) });
    },
    text,
    scrape: async () => (await fetch(url)).text(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await reader.close();
      await writer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function toEntry({ timeMs, usd, amounts, session, isAdjustment, ...dimensions }: Spend, index: number): Entry {
  const cost = usd < 0 ? -(fromWire(-usd) ?? 0n) : (fromWire(usd) ?? 0n);
  if (isAdjustment === true) {
    const place = { sessionId: session ?? `session-${dimensions.user ?? 'nobody'}`, identity: adjustmentIdentity('history', String(index)) };
    return { ...place, timeMs, source: 'events', cost, listCost: cost, amounts: amounts ?? {}, dimensions, isAdjustment };
  }
  return {
    sessionId: session ?? `session-${dimensions.user ?? 'nobody'}`,
    identity: String(index).padStart(16, '0'),
    timeMs,
    source: 'events',
    cost,
    listCost: cost,
    amounts: { requests: 1, ...amounts },
    dimensions,
  };
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:\\.|[^"\\])*)"/g;

/** The samples of an exposition. Throws for a line that is neither a sample nor a comment. */
export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const match = LINE.exec(line);
    if (match === null) throw new Error(`not a sample: ${line}`);
    const [, name = '', labels = '', value = ''] = match;
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c))]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

export const sumOf = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number =>
  samples
    .filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
