/** Holds a ledger's file against the truth: every record by what it says, every session's and the whole ledger's totals. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { readAmounts, sourceOf } from '../../collector/storage/batch-codec.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { keyOf, noTotals, type SentExport, type SentRecord, TOTALS, type Totals, type Truth, totalsOf } from './truth.ts';

export interface Findings {
  /** Acknowledged records that are not in the ledger. */
  missing: number;
  /** Records that are in the ledger more than once. */
  twice: number;
  /** Exports of which a part is in the ledger. */
  torn: number;
  /** Entries that nobody sent. */
  invented: number;
  /** One sentence for every total that is not what the records in the ledger come to. */
  readonly differences: string[];
}

export const noFindings = (): Findings => ({ missing: 0, twice: 0, torn: 0, invented: 0, differences: [] });

const DIFFERENCES_MAX = 50;
const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;

interface SessionFound {
  readonly keys: Map<string, number>;
  readonly expected: Totals;
}

export class Inspector {
  readonly findings = noFindings();
  readonly #committedUnanswered = new Set<number>();
  readonly #file: string;
  readonly #truth: Truth;
  /** What every session came to when it was last looked at. */
  readonly #expected = new Map<string, Totals>();
  readonly #sum = noTotals();

  constructor(file: string, truth: Truth) {
    this.#file = file;
    this.#truth = truth;
  }

  /** Exports that were seen in the ledger before anyone was told so: the collector died between its commit and its answer. */
  get committedUnanswered(): number {
    return this.#committedUnanswered.size;
  }

  /** Compares these sessions record by record, and the totals of the whole ledger. Nothing may be in flight. */
  async look(sessions: Iterable<string>): Promise<void> {
    const reader = openReader({ file: this.#file, ...CALENDAR });
    const database = new DatabaseSync(this.#file, { readOnly: true });
    try {
      const entries = database.prepare(ENTRIES);
      entries.setReadBigInts(true);
      const found = new Map<string, SessionFound>();
      for (const session of sessions) found.set(session, await this.#session(session, entries, reader));
      this.#exports(found);
      await this.#whole(reader);
    } finally {
      database.close();
      await reader.close();
    }
  }

  /** The ledger's own pair assertion over everything, and SQLite's over the file. Grows with the ledger. */
  async lookInside(): Promise<void> {
    const reader = openReader({ file: this.#file, ...CALENDAR });
    for (const difference of await reader.check()) this.#differ(difference);
    const { conflicts, expired } = (await reader.status()).counters;
    if (conflicts > 0 || expired > 0) this.#differ(`${conflicts} conflicts and ${expired} expired entries were counted, though none were sent.`);
    await reader.close();
    const database = new DatabaseSync(this.#file, { readOnly: true });
    const verdict = database.prepare('PRAGMA quick_check').all();
    database.close();
    if (verdict.length !== 1 || verdict[0]?.quick_check !== 'ok') this.#differ(`quick_check: ${JSON.stringify(verdict)}`);
  }

  async #session(session: string, entries: StatementSync, reader: LedgerReader): Promise<SessionFound> {
    const sent = new Map<string, SentRecord>();
    for (const { records } of this.#truth.exportsOf(session)) {
      for (const record of records) if (record.session === session) sent.set(keyOf(record), record);
    }
    const keys = new Map<string, number>();
    const present: SentRecord[] = [];
    for (const row of entries.all(session)) {
      const key = keyOfRow(row);
      const times = (keys.get(key) ?? 0) + 1;
      keys.set(key, times);
      const record = sent.get(key);
      if (record === undefined) this.findings.invented++;
      else if (times > 1) this.findings.twice++;
      else present.push(record);
    }
    const expected = totalsOf(present);
    this.#compare(`session ${session}`, expected, (await reader.session(session))?.totals);
    const before = this.#expected.get(session);
    for (const name of TOTALS) this.#sum[name] += expected[name] - (before?.[name] ?? 0n);
    this.#expected.set(session, expected);
    return { keys, expected };
  }

  /** Every export wholly there or not at all; an acknowledged one wholly there. */
  #exports(found: ReadonlyMap<string, SessionFound>): void {
    const exports = new Set<SentExport>();
    for (const session of found.keys()) for (const sent of this.#truth.exportsOf(session)) exports.add(sent);
    for (const { number, records, acknowledged } of exports) {
      const known = records.filter(({ session }) => found.has(session));
      const there = known.filter((record) => found.get(record.session)?.keys.has(keyOf(record))).length;
      if (there === known.length && !acknowledged) this.#committedUnanswered.add(number);
      if (there === known.length) continue;
      if (there > 0) this.findings.torn++;
      if (acknowledged) this.findings.missing += known.length - there;
    }
  }

  async #whole(reader: LedgerReader): Promise<void> {
    const { totals } = await reader.query({ measures: TOTALS, by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 10 });
    this.#compare('all sessions', this.#sum, Object.fromEntries(TOTALS.map((name, index) => [name, totals[index] ?? 0n])));
  }

  #compare(what: string, expected: Totals, found: Partial<Totals> = {}): void {
    for (const name of TOTALS) {
      const value = found[name] ?? 0n;
      if (value !== expected[name]) this.#differ(`${what}: ${name} is ${value}, its records come to ${expected[name]}.`);
    }
  }

  #differ(sentence: string): void {
    if (this.findings.differences.length < DIFFERENCES_MAX) this.findings.differences.push(sentence);
  }
}

const ENTRIES = `SELECT e.time_ms, e.flags, e.cost, e.amounts, d.model
  FROM entries e JOIN sessions s ON s.id = e.session JOIN dims d ON d.id = e.dims WHERE s.session_id = ?`;

function keyOfRow(row: Record<string, unknown>): string {
  return keyOf({
    source: sourceOf(Number(row.flags)),
    timeMs: Number(row.time_ms),
    model: String(row.model),
    cost: row.cost as bigint, // the statement reads BigInts
    amounts: readAmounts(String(row.amounts)),
  });
}
