/** What decoding yields, and the tally of records that were left out while the rest of the export went on. */
import { LedgerlineError } from '../../../core/error.ts';
import type { Attributes } from '../../attribution/claims.ts';
import type { Export } from '../../telemetry.ts';
import { type DecodeLimits, LimitError, type RecordLimitName, tooManyRecords } from '../limits.ts';

export interface Decoded {
  readonly received: Export;
  /** Records kept in `received`. */
  readonly records: number;
  /** Records left out because of a limit, by the limit's name. */
  readonly refused: ReadonlyMap<RecordLimitName, number>;
  readonly malformed: Malformed;
}

/** Records left out because they are not OTLP, and what is wrong with the first of them: where and which type, never a value. */
export interface Malformed {
  readonly records: number;
  readonly messages: readonly string[];
}

/** So many are spelt out. */
const MESSAGES_MAX = 3;

/** Records and attributes that are read without a pause: about 5 ms where every text is a new one. */
const WORK_PER_TURN = 4_096;

/** Reading pauses once for each item; undefined is none, which costs nothing. */
export type Pauses = Iterable<void> | undefined;

const ONE_PAUSE: Pauses = [undefined];

/** Something that is not OTLP. Inside a record it costs that record, elsewhere the export. */
export class MalformedError extends LedgerlineError {
  constructor(message: string) {
    super('invalid', message);
  }
}

/** Counts the records of one export. `violation` is the limit that the record being read has broken. */
export class RecordTally {
  readonly limits: DecodeLimits;
  readonly refused = new Map<RecordLimitName, number>();
  readonly #malformed: MalformedError[] = [];
  #malformedRecords = 0;
  records = 0;
  #work = 0;
  /** Metric messages read so far. */
  messages = 0;
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
    this.#work += 1;
    this.records += 1;
    if (this.records > this.limits.records_per_export) throw tooManyRecords(this.limits.records_per_export);
  }

  /** Call for each attribute that is kept. */
  countAttribute(): void {
    this.#work += 1;
  }

  /** A pause when so much has been read since the last that others should have their turn. Call after each record. */
  pauses(): Pauses {
    if (this.#work < WORK_PER_TURN) return undefined;
    this.#work = 0;
    return ONE_PAUSE;
  }

  /** Call when what was thrown while reading a record is about that record alone; anything else is thrown on. */
  leaveOut(thrown: unknown): void {
    if (!(thrown instanceof MalformedError)) throw thrown;
    this.#work += 1;
    if (this.#malformed.length < MESSAGES_MAX) this.#malformed.push(thrown);
    this.#malformedRecords += 1;
    this.violation = undefined;
    if (this.#malformedRecords > this.limits.records_per_export) throw tooManyRecords(this.limits.records_per_export);
  }

  /** Resource and scope belong to every record below them, so a limit broken there refuses the export. */
  assertShared(what: string): void {
    const limit = this.violation;
    if (limit !== undefined) throw new LimitError(limit, `The attributes of the ${what} exceed ${limit}.`);
  }

  /** Throws what was wrong when nothing of the export could be read. */
  decoded(received: Export): Decoded {
    const [first] = this.#malformed;
    if (first !== undefined && this.records === 0 && this.refused.size === 0) throw first;
    const malformed = { records: this.#malformedRecords, messages: this.#malformed.map(({ message }) => message) };
    return { received, records: this.records, refused: this.refused, malformed };
  }
}

/** What the records of a scope share. A hop may have moved there what clients say on each record. */
export const withScope = (resource: Attributes, scope: Attributes): Attributes => (scope.size === 0 ? resource : new Map([...resource, ...scope]));

// A UTF-16 unit takes at most three bytes of UTF-8, so most strings need no counting.
export const fits = (text: string, limit: number): boolean => text.length * 3 <= limit || Buffer.byteLength(text) <= limit;

/** A number inside an array or map that is rendered as JSON text; what JSON cannot say becomes a string. */
export const numberText = (value: number): string => (Number.isFinite(value) ? String(value) : `"${value}"`);
