/** How far the delayed roll-ups have come: rows of the finest roll-up before the mark are in them, the others are not. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A place in the finest roll-up, whose rows stand in the order of their quarter and then of their dimensions' id. */
export interface Mark {
  readonly bucket: number;
  readonly dims: number;
}

export const BEGINNING: Mark = { bucket: 0, dims: 0 };

export const isBeforeMark = (bucket: number, dims: number, mark: Mark): boolean =>
  bucket < mark.bucket || (bucket === mark.bucket && dims < mark.dims);

const SELECT = `SELECT (SELECT value FROM state WHERE name = 'rolled_up_bucket') AS bucket, (SELECT value FROM state WHERE name = 'rolled_up_dims') AS dims`;

export class MarkReader {
  readonly #select: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(SELECT);
  }

  read(): Mark {
    const row = this.#select.get();
    return { bucket: Number(row?.bucket ?? 0), dims: Number(row?.dims ?? 0) };
  }
}
