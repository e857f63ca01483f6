/** How far the delayed roll-ups have come: rows of the finest roll-up before the mark are in them, the others are not. */

/** A place in the finest roll-up, whose rows stand in the order of their quarter and then of their dimensions' number. */
export interface Mark {
  readonly bucket: number;
  readonly dims: number;
}

export const BEGINNING: Mark = { bucket: 0, dims: 0 };

export const isBeforeMark = (bucket: number, dims: number, mark: Mark): boolean =>
  bucket < mark.bucket || (bucket === mark.bucket && dims < mark.dims);
