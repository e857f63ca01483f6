/**
 * What a body will be in memory, measured before anything is built for it. Bytes say little: a body of 200 kB can hold 100,000 records,
 * and gzip brings those down to 315 bytes.
 */
import type { OtlpSignal } from '../../telemetry.ts';
import { decodesTooLarge, type MeasureLimits, tooManyRecords } from '../limits.ts';

export interface BodySize {
  /** Log records, data points or spans. An estimate where the body is JSON. */
  readonly records: number;
  /** Bytes of memory, about. */
  readonly decodedBytes: number;
}

export interface MeasuredBody {
  readonly signal: OtlpSignal;
  readonly body: Uint8Array;
}

/** Adds up one body. Throws as soon as it exceeds a limit. */
export class SizeTally implements BodySize {
  readonly #limits: MeasureLimits;
  records = 0;
  decodedBytes = 0;

  constructor(limits: MeasureLimits) {
    this.#limits = limits;
  }

  countRecord(): void {
    this.records += 1;
    if (this.records > this.#limits.records_per_export) throw tooManyRecords(this.#limits.records_per_export);
  }

  addBytes(bytes: number): void {
    this.decodedBytes += bytes;
    if (this.decodedBytes > this.#limits.decoded_bytes) throw decodesTooLarge(this.#limits.decoded_bytes);
  }
}
