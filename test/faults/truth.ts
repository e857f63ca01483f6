/**
 * What was sent, what was acknowledged, and what a ledger must therefore say. Worked out from the promises alone and without
 * the collector's own code: a plain sum for each source, the highest value of a running total, and of both sources the larger.
 */
export type Count = 'requests' | 'input_tokens' | 'output_tokens' | 'prompts' | 'lines_added';
export const COUNTS: readonly Count[] = ['requests', 'input_tokens', 'output_tokens', 'prompts', 'lines_added'];
/** Reported by both sources and booked once. */
const REPORTED_TWICE: ReadonlySet<string> = new Set(['cost', 'input_tokens', 'output_tokens']);

export type Amounts = Partial<Record<Count, number>>;

/** One record of a client. No two records of a session have the same key. */
export interface SentRecord {
  readonly session: string;
  readonly source: 'events' | 'metrics';
  readonly timeMs: number;
  readonly model: string;
  /** Pico-dollars. Of a running total: its value so far, as the amounts. */
  readonly cost: bigint;
  readonly amounts: Amounts;
  /** Names the running total (series and start) that the record is a reading of. */
  readonly stream?: string;
}

type Said = Omit<SentRecord, 'session' | 'stream' | 'source'> & { readonly source: string };

/** Names a record by what it says, not by what the collector makes of it. */
export function keyOf({ source, timeMs, model, cost, amounts }: Said): string {
  return `${source} ${timeMs} ${model} ${cost} ${COUNTS.map((name) => amounts[name] ?? 0).join(' ')}`;
}

export const TOTALS = ['cost', 'cost_events', 'cost_metrics', 'sessions', ...COUNTS] as const;
export type Totals = Record<(typeof TOTALS)[number], bigint>;

export const noTotals = (): Totals => Object.fromEntries(TOTALS.map((name) => [name, 0n])) as Totals; // the keys are all of TOTALS

/** What a session's records come to when they are all that is known of it. */
export function totalsOf(records: Iterable<SentRecord>): Totals {
  const sums = new Sums();
  const readings = new Map<string, SentRecord>();
  let any = false;
  for (const record of records) {
    any = true;
    if (record.stream === undefined) sums.add(record);
    else if (isHigher(record, readings.get(record.stream))) readings.set(record.stream, record);
  }
  for (const record of readings.values()) sums.add(record);
  return { ...sums.booked(), sessions: any ? 1n : 0n };
}

const isHigher = (record: SentRecord, than: SentRecord | undefined): boolean => than === undefined || record.timeMs > than.timeMs;

class Sums {
  /** By "measure model", the events' sum and the metrics' sum. */
  readonly #reported = new Map<string, { events: bigint; metrics: bigint }>();

  add({ source, model, cost, amounts }: SentRecord): void {
    this.#report('cost', model, source, cost);
    for (const name of COUNTS) this.#report(name, model, source, BigInt(amounts[name] ?? 0));
  }

  booked(): Totals {
    const totals = noTotals();
    for (const [key, { events, metrics }] of this.#reported) {
      const name = key.slice(0, key.indexOf(' ')) as 'cost' | Count; // the first word, as #tell wrote it
      totals[name] += REPORTED_TWICE.has(name) ? (events > metrics ? events : metrics) : events + metrics;
      if (name !== 'cost') continue;
      totals.cost_events += events;
      totals.cost_metrics += metrics;
    }
    return totals;
  }

  #report(measure: 'cost' | Count, model: string, source: SentRecord['source'], amount: bigint): void {
    if (amount === 0n) return;
    const key = `${measure} ${model}`;
    const reported = this.#reported.get(key) ?? { events: 0n, metrics: 0n };
    reported[source] += amount;
    this.#reported.set(key, reported);
  }
}

/** One request body: what it holds and what became of it. */
export interface SentExport {
  readonly number: number;
  readonly records: readonly SentRecord[];
  acknowledged: boolean;
}

/** Everything sent so far, by session. */
export class Truth {
  readonly #sessions = new Map<string, Set<SentExport>>();
  readonly #touched = new Set<string>();
  acknowledgedExports = 0;
  acknowledgedRecords = 0;

  /** To be called before the first byte leaves. */
  sending(sent: SentExport): void {
    for (const { session } of sent.records) {
      this.#touched.add(session);
      const exports = this.#sessions.get(session);
      if (exports === undefined) this.#sessions.set(session, new Set([sent]));
      else exports.add(sent);
    }
  }

  acknowledge(sent: SentExport): void {
    if (sent.acknowledged) return;
    sent.acknowledged = true;
    this.acknowledgedExports++;
    this.acknowledgedRecords += sent.records.length;
  }

  get sessions(): Iterable<string> {
    return this.#sessions.keys();
  }

  exportsOf(session: string): ReadonlySet<SentExport> {
    return this.#sessions.get(session) ?? new Set();
  }

  /** Sessions that something was sent for since this was last asked. */
  takeTouched(): string[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }
}
