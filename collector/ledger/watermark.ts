/** How far the coarse roll-ups have come: rows of the finest roll-up before the watermark are in them, the others are not. */

/** A place in the finest roll-up, whose rows stand in the order of their quarter and then of their dimensions' number. */
export interface Watermark {
  readonly bucket: number;
  readonly dims: number;
}

export const BEGINNING: Watermark = { bucket: 0, dims: 0 };

export const isBeforeWatermark = (bucket: number, dims: number, watermark: Watermark): boolean =>
  bucket < watermark.bucket || (bucket === watermark.bucket && dims < watermark.dims);
