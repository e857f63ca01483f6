/**
 * Reading fields of a parsed JSON message. What protobuf's JSON mapping allows is taken: numbers as JSON numbers or strings, enums as
 * numbers or names, null as absent, unknown fields. Beyond it, names in snake_case are taken too, since senders exist that write them.
 * A value of another type is refused with the path to it; what that costs is decided where the item is read that holds it.
 */
import { parseEpochMs, toEpochMs } from '../../../../core/epoch-time.ts';
import { MalformedError, type Pauses } from '../decoded.ts';

/** Where a value stands; turned into text only when something is wrong with it. */
interface Place {
  readonly parent: Place | undefined;
  readonly name: string | number;
}

/** Of such numbers a double has lost the last digits. */
const NANOSECONDS_MIN = 1e17;
const NO_ITEMS: readonly unknown[] = [];
const INTEGER = /^-?\d{1,20}$/;
const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

export class JsonObject {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #place: Place | undefined;

  constructor(value: unknown, place: Place | undefined) {
    if (!isRecord(value)) throw wrong(place, 'an object', value);
    this.#fields = value;
    this.#place = place;
  }

  static root(value: unknown): JsonObject {
    return new JsonObject(value, undefined);
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  object(name: string): JsonObject | undefined {
    const value = this.#get(name);
    return value === undefined ? undefined : new JsonObject(value, this.#at(name));
  }

  *objects(name: string): Generator<JsonObject> {
    const place = this.#at(name);
    let index = 0;
    for (const item of this.#array(name)) yield new JsonObject(item, { parent: place, name: index++ });
  }

  /** Reads the items one by one. What is thrown while one of them is read goes to `onThrown`, which decides about the others. */
  each(name: string, read: (item: JsonObject) => void, onThrown: (thrown: unknown) => void): void {
    const place = this.#at(name);
    for (const [index, item] of this.#array(name).entries()) {
      try {
        read(new JsonObject(item, { parent: place, name: index }));
      } catch (thrown) {
        onThrown(thrown);
      }
    }
  }

  /** The same where reading may pause. */
  *eachInTurns(name: string, read: (item: JsonObject) => Pauses, onThrown: (thrown: unknown) => void): Generator<void> {
    const place = this.#at(name);
    for (const [index, item] of this.#array(name).entries()) {
      try {
        const pauses = read(new JsonObject(item, { parent: place, name: index }));
        if (pauses !== undefined) yield* pauses;
      } catch (thrown) {
        onThrown(thrown);
      }
    }
  }

  text(name: string): string | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw wrong(this.#at(name), 'a string', value);
  }

  /** The text of a field that matters little: '' when it is missing or no text. */
  optionalText(name: string): string {
    const value = this.#get(name);
    return typeof value === 'string' ? value : '';
  }

  /** A string, number or truth value, whichever is there: what it means is for the reader of the record to say. */
  scalar(name: string): string | number | boolean | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    throw wrong(this.#at(name), 'a value', value);
  }

  /** An int64 as a double: exact up to 2^53. */
  integer(name: string): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    if (typeof value === 'string' && INTEGER.test(value)) return Number(value);
    throw wrong(this.#at(name), 'an integer', value);
  }

  number(name: string): number | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'number') return value;
    if (typeof value === 'string') {
      if (value === 'NaN' || value === 'Infinity' || value === '-Infinity' || DECIMAL.test(value)) return Number(value);
    }
    throw wrong(this.#at(name), 'a number', value);
  }

  /** A time since the epoch, in whichever unit, as whole milliseconds; 0 when absent or no date. */
  milliseconds(name: string): number {
    const value = this.#get(name);
    if (value === undefined) return 0;
    if (typeof value === 'number') return value >= NANOSECONDS_MIN ? fromLossyNanoseconds(value) : toEpochMs(value);
    const timeMs = typeof value === 'string' ? parseEpochMs(value.trim()) : undefined;
    if (timeMs !== undefined) return timeMs;
    if (value === '') return 0;
    throw wrong(this.#at(name), 'a time in nanoseconds', value);
  }

  /** An enum by number or by name; a number that is not listed is the first one, as protobuf reads unknown enums. */
  choice<Choice extends string>(name: string, prefix: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.#get(name);
    if (value === undefined) return choices[0];
    if (typeof value === 'number') return choices[value] ?? choices[0];
    if (typeof value === 'string' && /^\d+$/.test(value)) return choices[Number(value)] ?? choices[0];
    const chosen = choices.find((choice) => value === prefix + choice.toUpperCase());
    if (chosen !== undefined) return chosen;
    throw wrong(this.#at(name), `${prefix}… or its number`, value);
  }

  #get(name: string): unknown {
    const value = this.#fields[name] ?? this.#fields[snakeCase(name)];
    return value === null ? undefined : value;
  }

  #array(name: string): readonly unknown[] {
    const value = this.#get(name);
    if (value === undefined) return NO_ITEMS;
    if (Array.isArray(value)) return value;
    throw wrong(this.#at(name), 'an array', value);
  }

  #at(name: string): Place {
    return { parent: this.#place, name };
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const snakeNames = new Map<string, string>();

/** Only the names this folder asks for come here, so the memory is bounded. */
function snakeCase(name: string): string {
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return snake;
}

/** A JSON number of nanoseconds lost its last digits (a double steps by 256 there), so a time just short of a millisecond is that one. */
function fromLossyNanoseconds(nanoseconds: number): number {
  if (!Number.isFinite(nanoseconds)) return 0;
  const exact = BigInt(nanoseconds) + (Number.isSafeInteger(nanoseconds) ? 0n : 255n);
  return Number(exact / 1_000_000n);
}

function describe(place: Place | undefined): string {
  if (place === undefined) return '';
  if (typeof place.name === 'number') return `${describe(place.parent)}[${place.name}]`;
  return place.parent === undefined ? place.name : `${describe(place.parent)}.${place.name}`;
}

/** Says the type and not the value, because a value may be content. */
function wrong(place: Place | undefined, expected: string, value: unknown): MalformedError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const where = place === undefined ? 'the body' : describe(place);
  return new MalformedError(`Not a valid OTLP JSON message: ${where} should be ${expected}, found ${found}.`);
}
