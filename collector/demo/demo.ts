/**
 * The demo: fills a collector with the past of a made-up organization through its own receiver, newest day first, and then
 * goes on sending as that organization works. Sending a record twice changes nothing, so a restart just begins again.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoProgress } from '../catalog/demo-progress.ts';
import { ROUTES } from '../catalog/names.ts';
import { DAY_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { dayOf, reviewSession, sessionsOfDay } from './generate.ts';
import { organization, type Person } from './people.ts';
import { recordsIn } from './session.ts';
import { type DemoExport, encodeProtobuf } from './wire.ts';

export interface DemoSettings {
  /** Base of the OTLP/HTTP receiver: "http://127.0.0.1:4318". */
  readonly url: string;
  /** Bearer token, where the receiver asks for one. */
  readonly token?: string;
  readonly log: (line: string) => void;
  readonly now?: () => number;
  readonly seed?: string;
  readonly people?: number;
  readonly days?: number;
}

export interface Demo {
  /** Resolves when the past is in the ledger; rejects with LedgerlineError when the receiver refuses it. */
  readonly filled: Promise<{ readonly records: number; readonly sessions: number }>;
  /** How much of the past is in the ledger. */
  progress(): DemoProgress;
  /** Resolves when nothing is being sent any more. */
  stop(): Promise<void>;
}

/** How much past the demo has. */
export const DEMO_DAYS = 90;

const TICK_MS = 2_000;
/** One unattended review begins in every slot, so that something moves at any hour. */
const REVIEW_EVERY_MS = 6_000;
/** So many are under way when live sending begins; after the machine slept, no more than these are made up for. */
const REVIEWS_UNDER_WAY = 20;
const BATCH_RECORDS = 4_000;
const PARALLEL = 4;
const ATTEMPTS = 10;
const PROGRESS_EVERY_MS = 2_000;

export function startDemo(settings: DemoSettings): Demo {
  const run = new DemoRun(settings);
  return { filled: run.filled, progress: () => ({ daysSent: run.daysSent, days: run.days }), stop: () => run.stop() };
}

class DemoRun {
  readonly filled: Promise<{ records: number; sessions: number }>;
  readonly days: number;
  daysSent = 0;
  readonly #settings: DemoSettings;
  readonly #now: () => number;
  readonly #seed: string;
  readonly #everyone: readonly Person[];
  readonly #stopping = new AbortController();
  readonly #live: Promise<void>;
  /** Exports whose time has not come yet. */
  #pending: DemoExport[] = [];
  #generatedUntil = '';
  #records = 0;
  #sessions = 0;

  constructor(settings: DemoSettings) {
    this.#settings = settings;
    this.#now = settings.now ?? Date.now;
    this.#seed = settings.seed ?? 'ledgerline';
    this.#everyone = organization(this.#seed, settings.people ?? 40);
    this.days = settings.days ?? DEMO_DAYS;
    this.filled = this.#fill(this.days);
    // Whoever started the demo awaits `filled`; here it only decides whether live sending begins.
    this.#live = this.filled.then(
      () => this.#keepSending(),
      () => undefined,
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#live;
  }

  async #fill(days: number): Promise<{ records: number; sessions: number }> {
    const startedMs = performance.now();
    let saidMs = startedMs;
    const nowMs = this.#now();
    // Tomorrow, too: it has begun where the sun rises first.
    this.#generatedUntil = dayOf(nowMs + DAY_MS);
    const underWay = new Set<DayBatch>();
    await inParallel(this.#past(days, nowMs), async (next) => {
      underWay.add(next);
      await this.#send(next.batch);
      if (this.#stopping.signal.aborted) return;
      underWay.delete(next);
      // Batches come in the order of their days: what comes before all that are under way is in.
      this.daysSent = Math.max(this.daysSent, Math.min(next.back, ...[...underWay].map(({ back }) => back)));
      if (performance.now() - saidMs < PROGRESS_EVERY_MS) return;
      saidMs = performance.now();
      this.#settings.log(`${this.daysSent} of ${days} days, ${this.#records.toLocaleString('en')} records`);
    });
    const filled = { records: this.#records, sessions: this.#sessions };
    if (this.#stopping.signal.aborted) return filled;
    this.daysSent = days;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    this.#settings.log(`${days} days of ${this.#everyone.length} users are in: ${this.#records.toLocaleString('en')} records in ${seconds} s`);
    return filled;
  }

  /** Newest day first, each made while those before it are still being written. */
  *#past(days: number, nowMs: number): Iterable<DayBatch> {
    for (let back = -1; back < days; back++) {
      for (const batch of batchesOf(this.#due(dayOf(nowMs - back * DAY_MS), nowMs))) {
        if (this.#stopping.signal.aborted) return;
        yield { back, batch };
      }
    }
  }

  /** A day's exports that are due; later ones wait. */
  #due(day: string, nowMs: number): DemoExport[] {
    const due: DemoExport[] = [];
    for (const session of sessionsOfDay(this.#seed, this.#everyone, day)) {
      if (session.startMs <= nowMs) this.#sessions++;
      for (const sent of session.exports) (sent.timeMs <= nowMs ? due : this.#pending).push(sent);
    }
    return due;
  }

  async #keepSending(): Promise<void> {
    let lastSlot = 0;
    let failing = false;
    while (await this.#pause(TICK_MS)) {
      const nowMs = this.#now();
      const slot = Math.floor(nowMs / REVIEW_EVERY_MS);
      for (let begun = Math.max(lastSlot, slot - REVIEWS_UNDER_WAY) + 1; begun <= slot; begun++) {
        this.#pending.push(...(reviewSession(this.#seed, this.#everyone, begun * REVIEW_EVERY_MS)?.exports ?? []));
      }
      lastSlot = slot;
      this.#turnPage(nowMs);
      const due = this.#pending.filter((sent) => sent.timeMs <= nowMs);
      try {
        await inParallel(batchesOf(due), (batch) => this.#send(batch));
        this.#pending = this.#pending.filter((sent) => sent.timeMs > nowMs);
        failing = false;
      } catch (thrown) {
        if (!failing && !this.#stopping.signal.aborted) this.#settings.log(`${LedgerlineError.from(thrown).message} Trying again.`);
        failing = true;
      }
    }
  }

  /** As soon as a new day begins somewhere, its sessions are planned; after the machine slept, those of the days between, too. */
  #turnPage(nowMs: number): void {
    const wanted = Array.from({ length: DEMO_DAYS }, (_, back) => dayOf(nowMs + DAY_MS - back * DAY_MS)).filter((day) => day > this.#generatedUntil);
    for (const day of wanted) {
      for (const session of sessionsOfDay(this.#seed, this.#everyone, day)) this.#pending.push(...session.exports);
    }
    this.#generatedUntil = wanted[0] ?? this.#generatedUntil;
  }

  async #pause(ms: number): Promise<boolean> {
    await wait(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    return !this.#stopping.signal.aborted;
  }

  async #send(batch: readonly DemoExport[]): Promise<void> {
    const [first] = batch;
    if (first === undefined || this.#stopping.signal.aborted) return;
    const body = encodeProtobuf(batch);
    for (let attempt = 1; ; attempt++) {
      const refusal = await this.#post(`${this.#settings.url}${first.signal === 'logs' ? ROUTES.logs : ROUTES.metrics}`, body);
      if (refusal === undefined) break;
      if (refusal.retry && attempt < ATTEMPTS && (await this.#pause(refusal.waitMs))) continue;
      // Broken off by stop().
      if (this.#stopping.signal.aborted) return;
      throw new LedgerlineError('unavailable', `The receiver did not accept the demo's data: ${refusal.reason}.`);
    }
    for (const sent of batch) this.#records += recordsIn(sent);
  }

  /** Undefined when the export was taken. */
  async #post(url: string, body: Uint8Array): Promise<{ retry: boolean; waitMs: number; reason: string } | undefined> {
    const headers: Record<string, string> = { 'content-type': 'application/x-protobuf' };
    if (this.#settings.token !== undefined) headers.authorization = `Bearer ${this.#settings.token}`;
    try {
      const response = await fetch(url, { method: 'POST', headers, body: Buffer.from(body), signal: this.#stopping.signal });
      await response.arrayBuffer();
      if (response.ok) return undefined;
      const busy = response.status === 503 || response.status === 429;
      return { retry: busy, waitMs: Number(response.headers.get('retry-after') ?? 1) * 1_000, reason: `HTTP ${response.status}` };
    } catch (thrown) {
      return { retry: true, waitMs: 500, reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }
}

interface DayBatch {
  /** How many days ago. */
  readonly back: number;
  readonly batch: readonly DemoExport[];
}

/** So many at once, each taken when there is room. Rejects with the first that rejects; then no more are taken. */
async function inParallel<Item>(items: Iterable<Item>, task: (item: Item) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  let failed = false;
  const take = async (): Promise<void> => {
    for (let next = left.next(); !failed && next.done !== true; next = left.next()) {
      await task(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, take));
}

function* batchesOf(exports: readonly DemoExport[]): Iterable<readonly DemoExport[]> {
  yield* batchesOfSignal(exports, 'logs');
  yield* batchesOfSignal(exports, 'metrics');
}

/** Exports of one signal in requests of bounded size. */
function* batchesOfSignal(exports: readonly DemoExport[], signal: DemoExport['signal']): Iterable<DemoExport[]> {
  let batch: DemoExport[] = [];
  let records = 0;
  for (const sent of exports) {
    if (sent.signal !== signal) continue;
    batch.push(sent);
    records += recordsIn(sent);
    if (records < BATCH_RECORDS) continue;
    yield batch;
    batch = [];
    records = 0;
  }
  if (batch.length > 0) yield batch;
}
