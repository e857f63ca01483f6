/** Finds sessions by what people know of them: in SQL, as a function of the needle and the number of a place's dimensions. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isNamed, SEARCHED } from '../../ledger/session-search.ts';

/** Takes the needle in small letters, and a number of dimensions. */
const FOUND = 'ledgerline_found';

export class SessionSearch {
  readonly #select: StatementSync;
  readonly #isFound = new Map<number, boolean>();
  #needle = '';

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(`SELECT ${SEARCHED.join()} FROM dims WHERE id = ?`);
    database.function(FOUND, (needle, dims) => (this.#matches(String(needle), Number(dims)) ? 1 : 0));
  }

  /** Names may have been erased or merged since the last question. */
  forget(): void {
    this.#isFound.clear();
  }

  /** Many sessions share their dimensions, so what is known of these is remembered while the same is looked for. */
  #matches(needle: string, dims: number): boolean {
    if (needle !== this.#needle) this.#isFound.clear();
    this.#needle = needle;
    return this.#isFound.getOrInsertComputed(dims, () => isNamed(this.#select.get(dims) ?? {}, needle));
  }
}

/** Of a session s and a place of it: its condition, which takes the needle twice and then in small letters. */
export const isFoundAt = (place: string): string => `(substr(s.session_id, 1, length(?)) = ? COLLATE NOCASE OR ${FOUND}(?, ${place}.id))`;
