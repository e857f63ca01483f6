/**
 * What was sent, what was acknowledged, and what a ledger must therefore say. Worked out from the promises alone and without
 * the collector's own code: a plain sum for each source, the growth of a running total, and of both sources what ADR 2 says.
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
  /** Where the interval of a point begins, of a running total its series; absent for events. */
  readonly startMs?: number;
  readonly model: string;
  /** Pico-dollars. Of a running total: its value so far, as the amounts. */
  readonly cost: bigint;
  readonly amounts: Amounts;
  /** Names the running total (series and start) that the record is a reading of. */
  readonly stream?: string;
}

type Said = Omit<SentRecord, 'session' | 'stream' | 'source' | 'startMs'> & { readonly source: string };

/** Names a record by what it says, not by what the collector makes of it. */
export function keyOf({ source, timeMs, model, cost, amounts }: Said): string {
  return `${source} ${timeMs} ${model} ${cost} ${COUNTS.map((name) => amounts[name] ?? 0).join(' ')}`;
}

export const TOTALS = ['cost', 'cost_events', 'cost_metrics', 'sessions', ...COUNTS] as const;
export type Totals = Record<(typeof TOTALS)[number], bigint>;

export const noTotals = (): Totals => Object.fromEntries(TOTALS.map((name) => [name, 0n])) as Totals; // the keys are all of TOTALS

/** What a session's records come to when they are all that is known of it. */
export function totalsOf(records: Iterable<SentRecord>): Totals {
  const increments = incrementsOf([...records]);
  const totals = noTotals();
  if (increments.length > 0) totals.sessions = 1n;
  for (const { isEvent, amounts } of increments) {
    totals[isEvent ? 'cost_events' : 'cost_metrics'] += amounts.cost;
    for (const name of COUNTS) if (!REPORTED_TWICE.has(name)) totals[name] += amounts[name];
  }
  for (const window of windowsOf(increments.filter(({ amounts }) => isReportedTwice(amounts)))) {
    totals.cost += bookedOf(window, 'cost');
    for (const name of COUNTS) if (REPORTED_TWICE.has(name)) totals[name] += bookedOf(window, name);
  }
  return totals;
}

type Measure = 'cost' | Count;

/** What one record adds, and the time it covers. */
interface Increment {
  readonly isEvent: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly amounts: Readonly<Record<Measure, bigint>>;
}

const amountsOf = ({ cost, amounts }: Pick<SentRecord, 'cost' | 'amounts'>, before?: Increment['amounts']): Increment['amounts'] => ({
  cost: cost - (before?.cost ?? 0n),
  requests: BigInt(amounts.requests ?? 0) - (before?.requests ?? 0n),
  input_tokens: BigInt(amounts.input_tokens ?? 0) - (before?.input_tokens ?? 0n),
  output_tokens: BigInt(amounts.output_tokens ?? 0) - (before?.output_tokens ?? 0n),
  prompts: BigInt(amounts.prompts ?? 0) - (before?.prompts ?? 0n),
  lines_added: BigInt(amounts.lines_added ?? 0) - (before?.lines_added ?? 0n),
});

function incrementsOf(records: readonly SentRecord[]): Increment[] {
  const readings = new Map<string, SentRecord>();
  return records
    .toSorted((a, b) => a.timeMs - b.timeMs)
    .map((record) => {
      const { source, timeMs, startMs = timeMs, stream } = record;
      const before = stream === undefined ? undefined : readings.get(stream);
      if (stream !== undefined) readings.set(stream, record);
      const isEvent = source === 'events';
      return {
        isEvent,
        fromMs: isEvent ? timeMs : (before?.timeMs ?? startMs),
        toMs: timeMs,
        amounts: amountsOf(record, before && amountsOf(before)),
      };
    });
}

const isReportedTwice = (amounts: Increment['amounts']): boolean => amounts.cost > 0n || amounts.input_tokens > 0n || amounts.output_tokens > 0n;

/** Of a point: so much on either side belongs to it, too; and so long after it an event may be stamped that it holds. */
const SLACK_MS = 60_000;

function windowsOf(increments: readonly Increment[]): Increment[][] {
  const slack = ({ isEvent }: Increment): number => (isEvent ? 0 : SLACK_MS);
  const windows: Increment[][] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const one of increments.toSorted((a, b) => a.fromMs - slack(a) - (b.fromMs - slack(b)))) {
    if (one.fromMs - slack(one) > endMs) windows.push([]);
    windows.at(-1)?.push(one);
    endMs = Math.max(endMs, one.toMs + slack(one));
  }
  return windows;
}

/** All that events report, and the most that the metric was ahead of them a minute after a reading. */
function bookedOf(window: readonly Increment[], measure: Measure): bigint {
  const seenMs = ({ isEvent, toMs }: Increment): number => (isEvent ? toMs : toMs + SLACK_MS);
  let events = 0n;
  let metrics = 0n;
  let ahead = 0n;
  for (const one of window.toSorted((a, b) => seenMs(a) - seenMs(b) || Number(b.isEvent) - Number(a.isEvent))) {
    if (one.isEvent) events += one.amounts[measure];
    else metrics += one.amounts[measure];
    if (!one.isEvent && metrics - events > ahead) ahead = metrics - events;
  }
  return events + ahead;
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
