/**
 * Writes beside a shared ledger what cannot be computed by SQL, once a minute: of the ledger by the one replica that shows it on /metrics, and
 * by each replica its own series.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Budget } from '../budgets/journal.ts';
import type { Log } from '../catalog/log-codes.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { periodAround, periodStart } from '../core/time-range.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { SampleStore } from '../ledger/samples.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { parseSamples } from '../query/boards/self-rows.ts';
import type { GaugeContext } from '../query/gauges/gauge.ts';
import { GaugeRounds, samplesOfDay } from '../query/gauges/samples.ts';

export interface SamplingOptions {
  readonly config: Config;
  readonly store: SampleStore;
  readonly reader: Pick<LedgerReader, 'snapshot'>;
  readonly prices: PriceBook;
  readonly budgets: () => Promise<readonly Budget[]>;
  /** The collector's own series, in Prometheus' text format. */
  readonly selfText: () => Promise<string>;
  /** Is this replica the one that shows the ledger? */
  readonly showsLedger: () => boolean;
  readonly now: () => number;
  readonly log: Log;
}

/** As many as boards show of a gauge's past. */
const DAYS = 400;
/** Telemetry that comes late changes days that are over: these are read again every hour, and those before them once a day. */
const DAYS_IN_MOTION = 7;
/** The first time, and after a night. */
const DAYS_AT_ONCE = 20;
const SOON_MS = 5 * SECOND_MS;
const SOON_ROUNDS = 6;

export class Sampling {
  readonly #options: SamplingOptions;
  readonly #rounds: GaugeRounds;
  /** When each day was read last, by its beginning. */
  readonly #readMs = new Map<number, number>();
  #hasWritten = false;

  constructor(options: SamplingOptions) {
    this.#options = options;
    this.#rounds = new GaugeRounds(
      () => performance.now(),
      (name, error) => this.#note(`The gauge ${name} could not be computed`, error),
    );
  }

  /** Has this replica written gauges of the ledger? */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** Never rejects: what goes wrong is tried again the next time. */
  async round(): Promise<void> {
    const { store, selfText, showsLedger, now } = this.#options;
    try {
      await store.replaceOwn(parseSamples(await selfText()), now());
      if (showsLedger()) await this.#ledger(now());
    } catch (error) {
      this.#note('Samples could not be written', error);
    }
  }

  async #ledger(nowMs: number): Promise<void> {
    const { store, reader } = this.#options;
    const budgets = await this.#options.budgets();
    const samples = await reader.snapshot((ledger) => this.#rounds.read(this.#contextOf(ledger, budgets, nowMs)));
    await store.replaceGauges(samples, nowMs);
    this.#hasWritten = true;
    if (budgets.length === 0) return;
    for (const startMs of this.#dueDays(nowMs)) {
      const { toMs } = periodAround('day', startMs, ledgerCalendar(this.#options.config));
      // The end itself is no longer of the day: a period that ends with it has given way to the next.
      const atMs = Math.min(nowMs, toMs - 1);
      await store.replaceDay(startMs, await reader.snapshot((ledger) => samplesOfDay(this.#contextOf(ledger, budgets, atMs))));
      this.#readMs.set(startMs, nowMs);
    }
  }

  #contextOf(reader: GaugeContext['reader'], budgets: readonly Budget[], nowMs: number): GaugeContext {
    const { config, prices } = this.#options;
    return { reader, scope: 'all', config, prices, budgets, calendar: ledgerCalendar(config), nowMs, where: [] };
  }

  /** Today, and of the days before the newest of those whose time has come. */
  #dueDays(nowMs: number): number[] {
    const calendar = ledgerCalendar(this.#options.config);
    const today = periodStart('day', nowMs, calendar);
    const due: number[] = [];
    let startMs = today;
    for (let back = 0; back < DAYS && due.length < DAYS_AT_ONCE; back++) {
      const patienceMs = back === 0 ? 0 : back <= DAYS_IN_MOTION ? HOUR_MS : DAY_MS;
      if (nowMs - (this.#readMs.get(startMs) ?? Number.NEGATIVE_INFINITY) >= patienceMs) due.push(startMs);
      startMs = periodStart('day', startMs - 1, calendar);
    }
    return due;
  }

  #note(what: string, thrown: unknown): void {
    const error = LedgerlineError.from(thrown);
    this.#options.log('samples_failed', `${what}: ${error.message}`, { error });
  }
}

/** Gives what stops it. */
export function startSampling(options: SamplingOptions): () => Promise<void> {
  const sampling = new Sampling(options);
  const stopping = new AbortController();
  const { signal } = stopping;
  const rounds = (async () => {
    for (let round = 0; !signal.aborted; round++) {
      await sampling.round();
      // Which replica shows the ledger is decided a moment after the start.
      await delay(sampling.hasWritten || round >= SOON_ROUNDS ? MINUTE_MS : SOON_MS, undefined, { signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await rounds;
    await options.store.close();
  };
}
