/** The ledger's tables in memory, each answer a promise, as a store over a network has them: proof that the engine needs no more. */
import { DIMENSION_NAMES, type DimensionName } from '../../collector/catalog/measures.ts';
import { SOURCE_NAMES, type Source } from '../../collector/catalog/sources.ts';
import { inTimeOrder } from '../../collector/ledger/booking.ts';
import type { ClosedMonth } from '../../collector/ledger/closed-months.ts';
import type { DimensionSets } from '../../collector/ledger/dimension-sets.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { HistoryItem } from '../../collector/ledger/history.ts';
import { type Buckets, vectorAt } from '../../collector/ledger/quarter-sums.ts';
import { FINEST } from '../../collector/ledger/rollups.ts';
import type * as ledger from '../../collector/ledger/tables.ts';
import { BEGINNING, isBeforeWatermark, type Watermark } from '../../collector/ledger/watermark.ts';

export class MemoryDims implements DimensionSets {
  readonly #rows: (readonly string[])[] = [];
  readonly #ids = new Map<string, number>();

  idOf(values: readonly string[]): number {
    return this.#ids.getOrInsertComputed(JSON.stringify(values), () => this.#rows.push(values) - 1);
  }

  value(dims: number, name: DimensionName): string {
    return this.#rows[dims]?.[DIMENSION_NAMES.indexOf(name)] ?? '';
  }

  project(dims: number, dimensions: readonly DimensionName[]): number {
    return this.idOf(DIMENSION_NAMES.map((name) => (dimensions.includes(name) ? this.value(dims, name) : '')));
  }

  incoming(entry: Entry): ledger.IncomingEntry {
    const { dimensions, cumulative, sequence, startMs, ...rest } = entry;
    const dims = this.idOf(DIMENSION_NAMES.map((name) => dimensions[name] ?? ''));
    return { ...rest, dims, model: dimensions.model ?? '', cumulative, sequence, startMs, amountsText: JSON.stringify(entry.amounts) };
  }
}

type Question = keyof ledger.Tables;

export class MemoryTables implements ledger.Tables {
  /** Every question that was asked. */
  readonly asked: Question[] = [];
  readonly counters = new Map<ledger.Counter, number>();
  readonly rollups = new Map<string, Buckets>();
  readonly sessionRows = new Map<string, ledger.SessionRow>();
  readonly #entries: { readonly session: number; entries: readonly ledger.IncomingEntry[] }[] = [];
  readonly #closed: ClosedMonth[] = [];
  readonly #othersWrite: boolean;
  #facts: ledger.Facts = { asOfMs: undefined, rolledUp: BEGINNING };

  /** As where several write: what is remembered is answered too, as if another had changed it. */
  constructor(othersWrite = true) {
    this.#othersWrite = othersWrite;
  }

  othersWrite(): boolean {
    return this.#othersWrite;
  }

  async facts(): Promise<ledger.Facts> {
    this.asked.push('facts');
    const { rolledUp = BEGINNING } = this.#facts;
    const near = Math.max(BEGINNING.bucket, ...[...(this.rollups.get(FINEST.table)?.keys() ?? [])].map((bucket) => bucket + 1));
    return { ...this.#facts, rolledUp: rolledUp.bucket > near ? { bucket: near, dims: 0 } : rolledUp };
  }

  async closedMonths(): Promise<ClosedMonth[]> {
    return this.#closed;
  }

  async close(month: ClosedMonth): Promise<void> {
    this.#closed.push(month);
  }

  async sessions(wanted: readonly ledger.WantedSession[]): Promise<ledger.FoundSession[]> {
    this.asked.push('sessions');
    const asked = this.#othersWrite ? wanted : wanted.filter(({ isRemembered }) => !isRemembered);
    return asked.map(({ sessionId, first }) => {
      const known = this.sessionRows.get(sessionId);
      if (known !== undefined) return { row: { ...known, costBySource: { ...known.costBySource } }, isNew: false };
      const costBySource = Object.fromEntries(SOURCE_NAMES.map((source) => [source, 0n])) as Record<Source, bigint>;
      const nothing = {
        isDashboard: false,
        isShared: false,
        removedBeforeMs: 0,
        cost: 0n,
        costBySource,
        numberedEvents: 0,
        missingEvents: 0,
        heldBackEntries: 0,
      };
      const row = { session: this.sessionRows.size, sessionId, first, last: first, ...nothing };
      this.sessionRows.set(sessionId, row);
      return { row: { ...row, costBySource: { ...costBySource } }, isNew: true };
    });
  }

  async insert(bySession: readonly ledger.SessionEntries[]): Promise<Map<ledger.IncomingEntry, ledger.StoredEntry>> {
    this.asked.push('insert');
    const there = new Map<ledger.IncomingEntry, ledger.StoredEntry>();
    for (const { session, entries } of bySession) {
      for (const entry of entries) {
        const known = this.#of(session).find(({ identity }) => identity === entry.identity);
        if (known === undefined) this.#entries.push({ session, entries: [entry] });
        else there.set(entry, known);
      }
    }
    return there;
  }

  async standIns(): Promise<Map<number, []>> {
    return new Map();
  }

  async requests(): Promise<Map<number, []>> {
    return new Map();
  }

  async cover(): Promise<Map<number, []>> {
    return new Map();
  }

  async release(): Promise<Map<number, []>> {
    return new Map();
  }

  async setAside(): Promise<Map<number, []>> {
    return new Map();
  }

  async adjustments(sessions: readonly number[]): Promise<Map<number, HistoryItem[]>> {
    return new Map(sessions.map((session) => [session, this.#of(session).filter(({ isAdjustment }) => isAdjustment === true)]));
  }

  async poolsOn(): Promise<[]> {
    return [];
  }

  async link(): Promise<[]> {
    return [];
  }

  async links(): Promise<[]> {
    return [];
  }

  async meetings(): Promise<Map<number, []>> {
    return new Map();
  }

  async counts(): Promise<Map<number, number>> {
    return new Map();
  }

  async newest(sessionsMax: number): Promise<number[]> {
    this.asked.push('newest');
    return [...this.sessionRows.values()].slice(-sessionsMax).map(({ last }) => last.timeMs);
  }

  async sweep(entriesMax: number): Promise<number> {
    this.asked.push('sweep');
    const removed = [...this.sessionRows.values()].flatMap(({ session, removedBeforeMs }) =>
      this.#entries.filter((kept) => kept.session === session && (kept.entries[0]?.timeMs ?? 0) < removedBeforeMs),
    );
    const gone = new Set(removed.slice(0, entriesMax));
    this.#entries.splice(0, Number.POSITIVE_INFINITY, ...this.#entries.filter((kept) => !gone.has(kept)));
    return gone.size;
  }

  async endedBefore(beforeMs: number, entriesMax: number): Promise<ledger.EndedSession[]> {
    this.asked.push('endedBefore');
    const ended = [...this.sessionRows.values()].filter(({ last, removedBeforeMs }) => removedBeforeMs <= last.timeMs && last.timeMs < beforeMs);
    return ended.slice(0, entriesMax);
  }

  async histories(sessions: readonly number[], take: (session: number, history: readonly HistoryItem[]) => void): Promise<void> {
    this.asked.push('histories');
    for (const session of sessions) take(session, this.#records(session).sort(inTimeOrder));
  }

  async later(sessions: ReadonlyMap<number, number>, take: (session: number, history: readonly HistoryItem[]) => void): Promise<void> {
    this.asked.push('later');
    for (const [session, afterMs] of sessions)
      take(
        session,
        this.#records(session)
          .filter(({ timeMs }) => timeMs > afterMs)
          .sort(inTimeOrder),
      );
  }

  async holdBack(held: readonly ledger.HeldBackEntry[]): Promise<void> {
    this.asked.push('holdBack');
    for (const { session, identity, heldBack } of held) {
      const kept = this.#entries.find((one) => one.session === session && one.entries[0]?.identity === identity);
      if (kept !== undefined) kept.entries = kept.entries.map((entry) => ({ ...entry, heldBack }));
    }
  }

  async noteRemoved(sessions: readonly ledger.EndedSession[], beforeMs: number): Promise<void> {
    this.asked.push('noteRemoved');
    for (const { sessionId } of sessions) {
      const row = this.sessionRows.get(sessionId);
      if (row !== undefined) this.sessionRows.set(sessionId, { ...row, removedBeforeMs: beforeMs });
    }
  }

  async sweepMinutes(): Promise<number> {
    this.asked.push('sweepMinutes');
    return 0;
  }

  async quarters(from: Watermark, until: Watermark, rowsMax: number): Promise<{ quarters: Buckets; next: Watermark }> {
    this.asked.push('quarters');
    const rows = [...(this.rollups.get(FINEST.table) ?? [])].flatMap(([bucket, byDims]) =>
      [...byDims].map(([dims, vector]) => ({ bucket, dims, vector })),
    );
    const ahead = rows.filter(({ bucket, dims }) => !isBeforeWatermark(bucket, dims, from) && isBeforeWatermark(bucket, dims, until));
    const taken = ahead.sort((a, b) => a.bucket - b.bucket || a.dims - b.dims).slice(0, rowsMax);
    const quarters: Buckets = new Map();
    for (const { bucket, dims, vector } of taken) vectorAt(quarters, bucket, dims).addVector(vector);
    const last = taken.at(-1);
    return { quarters, next: taken.length < rowsMax || last === undefined ? until : { bucket: last.bucket, dims: last.dims + 1 } };
  }

  async write({ rollups, sessions, counters, facts }: ledger.Changes): Promise<void> {
    this.asked.push('write');
    for (const { rollup, rows } of rollups) {
      const table = this.rollups.getOrInsertComputed(rollup.table, () => new Map());
      for (const [bucket, byDims] of rows) for (const [dims, vector] of byDims) vectorAt(table, bucket, dims).addVector(vector);
    }
    for (const row of sessions) this.sessionRows.set(row.sessionId, { ...row, costBySource: { ...row.costBySource } });
    for (const [counter, amount] of counters) this.counters.set(counter, (this.counters.get(counter) ?? 0) + amount);
    this.#facts = { ...this.#facts, ...facts };
  }

  #records(session: number): ledger.IncomingEntry[] {
    return this.#of(session).filter(({ isAdjustment }) => isAdjustment !== true);
  }

  #of(session: number): ledger.IncomingEntry[] {
    return this.#entries.flatMap(({ session: of, entries }) => (of === session ? entries : []));
  }
}
