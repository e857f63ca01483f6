/**
 * The numbers of combinations by their digests. Digests are random, so that each new one would have a page of an index of its own to be
 * written, the largest part of all that an export writes. New ones are kept in memory instead, and go into the table by hundreds that lie
 * beside each other. A start finds them again: they are the last rows of `dims`.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';

export const DIMS_BY_KEY = `CREATE TABLE dims_by_key (key TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID`;

/** In memory: 100 bytes each. A start may have to read some times as many. */
const RECENT_MAX = 16_384;
const STARTS_MAX = 4;
/** What a digest begins with: one of these parts goes into the table at a time, so that no transaction takes long. */
const PARTS = [...'-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'];
const PART_OF = new Map(PARTS.map((part, index) => [part, index]));

export class DimsIndex {
  readonly #recentMax: number;
  readonly #newRow: StatementSync;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #unsettled: StatementSync;
  readonly #last: StatementSync;
  readonly #mark: StatementSync;
  readonly #parts = PARTS.map(() => new Map<string, number>());
  #recent = 0;
  /** Which part goes next. */
  #next = 0;
  #lastId = 0;
  /** All numbers up to this one are in the table when each part has had its turn. */
  #roundId = 0;
  /** Since begin(). */
  #isGrown = false;

  constructor(database: DatabaseSync, recentMax = RECENT_MAX) {
    this.#recentMax = recentMax;
    const places = DIMENSION_NAMES.map(() => '?').join();
    this.#newRow = database.prepare(`INSERT INTO dims (key, ${DIMENSION_NAMES.join()}) VALUES (?, ${places})`);
    this.#select = database.prepare('SELECT id FROM dims_by_key WHERE key = ?');
    this.#insert = database.prepare('INSERT INTO dims_by_key (key, id) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#delete = database.prepare('DELETE FROM dims_by_key WHERE key = ?');
    this.#unsettled = database.prepare(`SELECT key, id FROM dims WHERE id > ifnull((SELECT value FROM state WHERE name = 'dims_indexed'), 0)`);
    this.#last = database.prepare('SELECT max(id) AS id FROM dims');
    this.#mark = database.prepare(
      `INSERT INTO state (name, value) VALUES ('dims_indexed', ?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
    );
    this.reread();
  }

  /** Before each transaction. */
  begin(): void {
    this.#isGrown = false;
  }

  /** Of a combination, given in catalog order; a new one gets a row. */
  numberOf(values: readonly string[], digest: string): number {
    const known = this.find(digest);
    if (known !== undefined) return known;
    const id = Number(this.#newRow.run(digest, ...values).lastInsertRowid);
    this.add(digest, id);
    return id;
  }

  find(digest: string): number | undefined {
    const id = this.#partOf(digest).get(digest) ?? this.#select.get(digest)?.id;
    return id === undefined ? undefined : Number(id);
  }

  /** In the transaction that adds the row. */
  add(digest: string, id: number): void {
    this.#isGrown = true;
    this.#keep(digest, id);
    // So many are there only when starts followed each other before each part had its turn.
    if (this.#recent > STARTS_MAX * this.#recentMax) this.settle();
    else if (this.#recent > this.#recentMax) this.#settleNext();
  }

  /** In the transaction that removes the row, or gives it another digest; settle() has to follow. */
  remove(digest: string): void {
    if (this.#partOf(digest).delete(digest)) this.#recent--;
    this.#delete.run(digest);
  }

  /** All that is in memory goes into the table. After rows were changed or removed, too: a start reads the last ones alone. */
  settle(): void {
    this.#next = 0;
    this.#lastId = Number(this.#last.get()?.id ?? 0);
    this.#roundId = this.#lastId;
    for (let part = 0; part < PARTS.length; part++) this.#settleNext();
  }

  /** After the transaction was rolled back. */
  forget(): void {
    if (this.#isGrown) this.reread();
  }

  /** After others changed rows. */
  reread(): void {
    for (const part of this.#parts) part.clear();
    this.#recent = 0;
    this.#next = 0;
    this.#lastId = Number(this.#last.get()?.id ?? 0);
    for (const { key, id } of this.#unsettled.iterate()) this.#keep(String(key), Number(id));
    this.#roundId = this.#lastId;
  }

  #keep(digest: string, id: number): void {
    const part = this.#partOf(digest);
    if (!part.has(digest)) this.#recent++;
    part.set(digest, id);
    this.#lastId = Math.max(this.#lastId, id);
  }

  #partOf(digest: string): Map<string, number> {
    return this.#parts[PART_OF.get(digest.charAt(0)) ?? 0] ?? NONE;
  }

  #settleNext(): void {
    const part = this.#parts[this.#next++] ?? NONE;
    for (const [digest, id] of [...part].sort(byDigest)) this.#insert.run(digest, id);
    this.#recent -= part.size;
    part.clear();
    if (this.#next < PARTS.length) return;
    this.#mark.run(this.#roundId);
    this.#next = 0;
    this.#roundId = this.#lastId;
  }
}

const NONE = new Map<string, number>();
const byDigest = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);
