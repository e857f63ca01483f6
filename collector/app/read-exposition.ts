/** /metrics of a replica that reads: over a reader of its own, so that a scrape waits for no board. */
import type { BudgetJournal } from '../budgets/journal.ts';
import type { Log } from '../catalog/log-codes.ts';
import { SELF_SERIES } from '../catalog/names.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { Config } from '../config/config.ts';
import type { Lease } from '../core/leases.ts';
import { gauge, samplesText } from '../exposition/families.ts';
import { createLedgerText } from '../exposition/ledger-text.ts';
import { createScopedExpositions, type ScopedExpositionsOptions } from '../exposition/scoped-expositions.ts';
import { SELF_HELP } from '../exposition/self-help.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { scopedReader } from '../query/scoped-reader.ts';
import { standbyBehind } from '../query/standby.ts';
import { openLaggingReader, openLeases, openSamples } from '../storage/open.ts';
import { leased, untilAborted } from './leased.ts';
import { type SamplingOptions, startSampling } from './samples.ts';

export interface ReadExpositionOptions extends Pick<ScopedExpositionsOptions, 'selfText' | 'scopeOf'> {
  readonly config: Config;
  readonly prices: PriceBook;
  readonly budgets: BudgetJournal;
  /** Never behind the ledger. */
  readonly primary: LedgerReader;
  readonly version: string;
  readonly log: Log;
}

export interface ReadExposition {
  readonly handler: ReturnType<typeof createScopedExpositions>;
  close(): Promise<void>;
}

export async function openReadExposition(options: ReadExpositionOptions): Promise<ReadExposition> {
  const { config, prices, budgets, primary, version, log, selfText, scopeOf } = options;
  const reader = await openLaggingReader(config);
  const ledgerText = (scope: ReadScope) =>
    createLedgerText({
      ...{ reader: scopedReader(reader, scope), scope, config, prices, now: Date.now, version },
      budgets: () => budgets.budgets(config.budgets),
    });
  const showing = await showLedger(config, log);
  const ownText = async (): Promise<string> => (await selfText()) + (await standbyText(config, primary, reader));
  const handler = createScopedExpositions({ ledgerText, selfText: ownText, scopeOf, showsLedger: showing.now });
  const stopSampling = await sample(config, {
    ...{ reader: primary, prices, log, selfText, showsLedger: showing.now },
    budgets: () => budgets.budgets(config.budgets),
  });
  const close = async (): Promise<void> => {
    await stopSampling();
    await Promise.all([showing.stop(), reader.close()]);
  };
  return { handler, close };
}

/** For those who read a shared ledger by SQL. */
async function sample(config: Config, options: Omit<SamplingOptions, 'config' | 'store' | 'now'>): Promise<() => Promise<void>> {
  const store = await openSamples(config);
  return store === undefined ? async () => undefined : startSampling({ ...options, config, store, now: Date.now });
}

/** One replica at a time shows the ledger on /metrics: whoever scrapes all of them counts nothing twice. */
async function showLedger(config: Config, log: Log): Promise<{ now(): boolean; stop(): Promise<void> }> {
  if (config.storage.url === undefined) return { now: () => true, stop: async () => undefined };
  const leases = await openLeases(config);
  let isShown = false;
  const work = async (_: Lease, signal: AbortSignal): Promise<void> => {
    isShown = true;
    await untilAborted(signal);
    isShown = false;
  };
  const stop = leased({ config, leases, name: 'exposition', log, work });
  return { now: () => isShown, stop: () => stop().then(() => leases.close()) };
}

/** Nothing while it is not known. */
async function standbyText({ storage }: Config, primary: LedgerReader, standby: LedgerReader): Promise<string> {
  if (storage.read_url === undefined) return '';
  const seconds = await standbyBehind(primary, standby).catch(() => null);
  return seconds === null ? '' : samplesText(gauge(SELF_SERIES.standbyBehind, SELF_HELP.standbyBehind), [[{}, seconds]]);
}
