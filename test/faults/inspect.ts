/** Holds a ledger against the truth: every record by what it says, every session's and the whole ledger's totals. */
import type { OpenedLedger, OpenLedger } from './opened-ledger.ts';
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

interface SessionFound {
  readonly keys: Map<string, number>;
  readonly expected: Totals;
}

export class Inspector {
  readonly findings = noFindings();
  readonly #committedUnanswered = new Set<number>();
  readonly #open: OpenLedger;
  readonly #truth: Truth;
  /** What every session came to when it was last looked at. */
  readonly #expected = new Map<string, Totals>();
  readonly #sum = noTotals();

  constructor(open: OpenLedger, truth: Truth) {
    this.#open = open;
    this.#truth = truth;
  }

  /** Exports that were seen in the ledger before anybody was answered so: the collector died between its commit and its answer. */
  get committedUnanswered(): number {
    return this.#committedUnanswered.size;
  }

  /** Compares these sessions record by record, and the totals of the whole ledger. Nothing may be in flight. */
  async look(sessions: Iterable<string>): Promise<void> {
    await this.#opened(async (ledger) => {
      const found = new Map<string, SessionFound>();
      for (const session of sessions) found.set(session, await this.#session(session, ledger));
      this.#exports(found);
      await this.#whole(ledger);
    });
  }

  /** The ledger's own pair assertion over everything, and what its database says of itself. Grows with the ledger. */
  async lookInside(): Promise<void> {
    await this.#opened(async ({ reader, damage }) => {
      for (const difference of await reader.check()) this.#differ(difference);
      const { conflicts, expired } = (await reader.status()).counters;
      if (conflicts > 0 || expired > 0) this.#differ(`${conflicts} conflicts and ${expired} expired entries were counted, though none were sent.`);
      for (const sentence of damage()) this.#differ(sentence);
    });
  }

  async #opened(look: (ledger: OpenedLedger) => Promise<void>): Promise<void> {
    const ledger = this.#open();
    try {
      await look(ledger);
    } finally {
      await ledger.close();
    }
  }

  async #session(session: string, { reader, keysOf }: OpenedLedger): Promise<SessionFound> {
    const sent = new Map<string, SentRecord>();
    for (const { records } of this.#truth.exportsOf(session)) {
      for (const record of records) if (record.session === session) sent.set(keyOf(record), record);
    }
    const keys = new Map<string, number>();
    const present: SentRecord[] = [];
    for (const key of await keysOf(session)) {
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

  async #whole({ reader }: OpenedLedger): Promise<void> {
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
