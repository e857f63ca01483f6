/** How far the coarse roll-ups have come, on disk. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BEGINNING, type Watermark } from '../../ledger/watermark.ts';

const SELECT = `SELECT (SELECT value FROM state WHERE name = 'rolled_up_bucket') AS bucket, (SELECT value FROM state WHERE name = 'rolled_up_dims') AS dims`;

export class WatermarkReader {
  readonly #select: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(SELECT);
  }

  read(): Watermark {
    const row = this.#select.get();
    return { bucket: Number(row?.bucket ?? BEGINNING.bucket), dims: Number(row?.dims ?? BEGINNING.dims) };
  }
}
