/** Combinations of dimensions: rows of the source, and the numbers that they have in the target. */
import { hash } from 'node:crypto';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { LedgerlineError } from '../../core/error.ts';
import { DimsTable } from '../postgres/dimension-sets.ts';
import { storable } from '../postgres/sql-text.ts';
import type { CopyContext } from './context.ts';
import type { SourceRow } from './embedded-source.ts';

const ROWS_AT_ONCE = 1_000;
const WHAT = 'dims';

export class CopiedDims {
  readonly table = new DimsTable();
  readonly #context: CopyContext;
  readonly #numbers = new Map<bigint, number>();
  #last = 0n;

  constructor(context: CopyContext) {
    this.#context = context;
  }

  /** Those that have come since the last time. Rejects where names were changed in rows that were copied. */
  async copy(): Promise<void> {
    await this.#refuseRenamed();
    for (;;) {
      const rows = this.#context.source.rows(
        `SELECT id, ${DIMENSION_NAMES.join()} FROM dims WHERE id > ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`,
        this.#last,
      );
      const last = rows.at(-1);
      if (last === undefined) return;
      await this.#store(rows);
      this.#last = last.id as bigint;
    }
  }

  /** Of a row of the source. */
  numberOf(id: unknown): number {
    const number = this.#numbers.get(id as bigint);
    if (number === undefined) throw new LedgerlineError('invalid', `The source is damaged: it has no combination of dimensions ${id}.`);
    return number;
  }

  async #store(rows: readonly SourceRow[]): Promise<void> {
    await this.table.begin(this.#context.database);
    await this.#context.transaction(
      async (sql) => {
        for (const row of rows) this.#numbers.set(row.id as bigint, this.table.numberOf(DIMENSION_NAMES.map((name) => storable(String(row[name])))));
        await this.table.store(sql);
      },
      () => this.table.forget(),
    );
    this.table.kept();
  }

  /** An erasure or a merge changes rows of the source that the target has under their old names. */
  async #refuseRenamed(): Promise<void> {
    const { progress, transaction } = this.#context;
    const [known = ''] = (await progress.read(WHAT)).values();
    const [last = '', digest] = known.split(' ');
    const until = last === '' ? undefined : BigInt(last);
    const now = this.#digestOf(until);
    if (until !== undefined && now.before !== digest) {
      throw new LedgerlineError('invalid', 'Users were erased or renamed at the source after the copy was begun.', {
        hint: 'Empty the database, so that their former names are nowhere, and begin the copy again.',
      });
    }
    await transaction((sql) => progress.write(sql, WHAT, new Map([[0, `${now.last} ${now.all}`]])));
  }

  #digestOf(until: bigint | undefined): { readonly last: bigint; readonly before: string; readonly all: string } {
    let [digestBefore, digest, last] = ['', '', 0n];
    for (const { id, key } of this.#context.source.each('SELECT id, key FROM dims ORDER BY id')) {
      digest = hash('sha256', `${digest} ${id} ${key}`, 'base64url');
      last = id as bigint;
      if (last === until) digestBefore = digest;
    }
    return { last, before: digestBefore, all: digest };
  }
}
