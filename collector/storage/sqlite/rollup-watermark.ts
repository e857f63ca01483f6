/** How far the coarse roll-ups have come, on disk. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { FINEST } from '../../ledger/rollups.ts';
import { BEGINNING, type Watermark } from '../../ledger/watermark.ts';

const SELECT = `SELECT (SELECT value FROM state WHERE name = 'rolled_up_bucket') AS bucket, (SELECT value FROM state WHERE name = 'rolled_up_dims') AS dims`;

export class WatermarkReader {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(SELECT);
    this.#database = database;
  }

  read(): Watermark {
    const row = this.#select.get();
    return { bucket: Number(row?.bucket ?? BEGINNING.bucket), dims: Number(row?.dims ?? BEGINNING.dims) };
  }

  /** Never far beyond the last sums, where a clock that was ahead may have left it: a watermark that says the same of what is there. */
  near(): Watermark {
    const watermark = this.read();
    const last = this.#database.prepare(`SELECT max(bucket) AS bucket FROM ${FINEST.table}`).get()?.bucket;
    const near = typeof last === 'number' ? last + 1 : BEGINNING.bucket;
    return watermark.bucket > near ? { bucket: near, dims: 0 } : watermark;
  }
}
