/** What decoding yields, and the tally of records that a limit refused while the rest of the export went on. */
import type { Export } from '../../telemetry.ts';
import { type DecodeLimits, LimitError, type RecordLimitName, tooManyRecords } from '../limits.ts';

export interface Decoded {
  readonly received: Export;
  /** Records kept in `received`. */
  readonly records: number;
  /** Records left out because of a limit, by the limit's name. */
  readonly refused: ReadonlyMap<RecordLimitName, number>;
}

/** Counts the records of one export. `violation` is the limit that the record being read has broken. */
export class RecordTally {
  readonly limits: DecodeLimits;
  readonly refused = new Map<RecordLimitName, number>();
  records = 0;
  violation: RecordLimitName | undefined = undefined;

  constructor(limits: DecodeLimits) {
    this.limits = limits;
  }

  /** Call after each record; false when it must be left out. */
  keep(): boolean {
    this.count();
    if (this.violation === undefined) return true;
    this.refused.set(this.violation, (this.refused.get(this.violation) ?? 0) + 1);
    this.violation = undefined;
    this.records -= 1;
    return false;
  }

  /** Spans are counted without being read. */
  count(): void {
    this.records += 1;
    if (this.records > this.limits.records_per_export) throw tooManyRecords(this.limits.records_per_export);
  }

  /** Resource and scope belong to every record below them, so a limit broken there refuses the export. */
  assertShared(what: string): void {
    const limit = this.violation;
    if (limit !== undefined) throw new LimitError(limit, `The attributes of the ${what} exceed ${limit}.`);
  }
}

/** A number inside an array or map that is rendered as JSON text; what JSON cannot say becomes a string. */
export const numberText = (value: number): string => (Number.isFinite(value) ? String(value) : `"${value}"`);
