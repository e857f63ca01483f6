/** Finds sessions by what people know of them: in SQL, as a function of the needle and the number of a place's dimensions. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { showValue } from '../../catalog/values.ts';
import type { SessionDimension } from '../../ledger/sessions.ts';

const SEARCHED: readonly SessionDimension[] = ['user', 'team', 'workspace', 'repository'];

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

  /** Many sessions share their dimensions, so what is known of these is remembered while the same is looked for. */
  #matches(needle: string, dims: number): boolean {
    if (needle !== this.#needle) this.#isFound.clear();
    this.#needle = needle;
    return this.#isFound.getOrInsertComputed(dims, () => {
      const row = this.#select.get(dims) ?? {};
      return SEARCHED.some((name) => showValue(name, String(row[name])).toLowerCase().includes(needle));
    });
  }
}

/** Of a session s and a place of it: its condition, which takes the needle three times. */
export const isFoundAt = (place: string): string => `(substr(s.session_id, 1, length(?)) = ? COLLATE NOCASE OR ${FOUND}(?, ${place}.id))`;

/** As the condition takes it. */
export const needleOf = (search: string): string => search.trim().toLowerCase();
