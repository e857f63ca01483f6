/**
 * Batches on their way to the writer thread, as one flat list of primitives: copying a flat list between threads costs a
 * tenth of copying objects. Combinations of dimensions travel once and are then named by a number.
 */

import { DIMENSION_NAMES, type DimensionName, type Dimensions, MEASURES, type MeasureName, measureById } from '../catalog/measures.ts';
import { SOURCE_NAMES, SOURCES, type Source } from '../catalog/sources.ts';
import { LedgerlineError } from '../core/error.ts';
import { framed } from '../core/framed.ts';
import type { BookingItem } from '../ledger/booking.ts';
import type { Amounts, Batch, Entry } from '../ledger/entry.ts';
import type { IncomingBatch, IncomingEntry } from '../ledger/tables.ts';

type Cell = string | number | bigint;

export interface BatchMessage {
  readonly id: number;
  readonly receivedMs: number;
  readonly sender: string;
  /** True when the handles begin anew. */
  readonly reset: boolean;
  /** Combinations not sent before, in the order of their handles: values in catalog order, then the keys, if they are known, as one text. */
  readonly dims: readonly (readonly string[])[];
  /** FIXED cells for each entry, then as many pairs (measure id, amount) as its last fixed cell says. */
  readonly cells: readonly Cell[];
  /** Of entries that their export repeats, which few are: the place among the entries and how often, in turn. */
  readonly repeats: readonly number[];
}

const FIXED = 12;
const HANDLE_AT = 4;
const PAIRS_AT = FIXED - 1;
/** In the place of a session: that of the entry before. */
const SAME = 0;
/** Stands for no sequence. */
const UNNUMBERED = -1;
/** Flags: the lowest bit of the source's number, one that older files used, two facts about the entry, then the other bits of the number. */
const LOWEST = 1;
const COST_MISSING = 4;
export const TIME_UNCERTAIN = 8;
const OTHER_BITS = 3;
/** Above all bits of the source's number: a program that does not know it refuses the entry rather than booking it. */
export const SET_ASIDE = 1 << 24;
export const STAND_IN = 1 << 25;
export const ADJUSTMENT = 1 << 26;
/** Set by the store alone: a stand-in whose event is there (ledger/stand-ins.ts). */
export const COVERED = 1 << 27;
const FACTS = SET_ASIDE | STAND_IN | ADJUSTMENT | COVERED;
/** Combinations both threads remember, and the characters of these. About 300 in a real one. */
const HANDLES_MAX = 50_000;
const HANDLE_CHARACTERS_MAX = 24_000_000;

const SOURCE_BY_ID = new Map<number, Source>(SOURCE_NAMES.map((name) => [SOURCES[name].id, name]));
const FLAGS = Object.fromEntries(SOURCE_NAMES.map((name) => [name, sourceFlags(SOURCES[name].id)])) as Record<Source, number>;

function sourceFlags(id: number): number {
  return (id & LOWEST) | ((id & ~LOWEST) << OTHER_BITS);
}

type Flagged = Pick<BookingItem<unknown>, 'source' | 'isCostMissing' | 'isTimeUncertain' | 'isSetAside' | 'isStandIn' | 'isAdjustment'>;

export const flagsOf = (entry: Flagged): number =>
  FLAGS[entry.source] |
  (entry.isCostMissing ? COST_MISSING : 0) |
  (entry.isTimeUncertain ? TIME_UNCERTAIN : 0) |
  (entry.isSetAside ? SET_ASIDE : 0) |
  (entry.isStandIn ? STAND_IN : 0) |
  (entry.isAdjustment ? ADJUSTMENT : 0);

/** Throws for a source that only a newer program knows: booked without it, a session would come to less than it did. */
export function sourceOf(flags: number): Source {
  const source = SOURCE_BY_ID.get((flags & LOWEST) | (((flags & ~FACTS) >> OTHER_BITS) & ~LOWEST));
  if (source === undefined) throw new LedgerlineError('internal', `An entry is of a source that this program does not know (flags ${flags}).`);
  return source;
}
export const isCostMissing = (flags: number): boolean => (flags & COST_MISSING) !== 0;
export const isTimeUncertain = (flags: number): boolean => (flags & TIME_UNCERTAIN) !== 0;
export const isSetAside = (flags: number): boolean => (flags & SET_ASIDE) !== 0;
export const isStandIn = (flags: number): boolean => (flags & STAND_IN) !== 0;
export const isAdjustment = (flags: number): boolean => (flags & ADJUSTMENT) !== 0;

/** A number where it holds the amount exactly, which takes less time between threads. */
const moneyCell = (amount: bigint): Cell => {
  const number = Number(amount);
  return Number.isSafeInteger(number) ? number : amount;
};
const moneyOf = (cell: Cell | undefined): bigint => BigInt(cell ?? 0);

/** Turns batches into messages. Its handles are no cache: both threads forget them at once, and only between two messages. */
export class Encoder {
  readonly #handles = new Map<string, number>();
  #characters = 0;
  #nextId = 1;

  encode(batch: Batch): BatchMessage {
    const reset = this.#handles.size === 0 || this.#handles.size >= HANDLES_MAX || this.#characters >= HANDLE_CHARACTERS_MAX;
    if (reset) this.#forget();
    const dims: string[][] = [];
    const cells: Cell[] = [];
    const repeats: number[] = [];
    let before: string | undefined;
    for (const [index, entry] of batch.entries.entries()) {
      cells.push(entry.sessionId === before ? SAME : entry.sessionId);
      before = entry.sessionId;
      this.#push(entry, cells, dims);
      if (entry.repeats !== undefined) repeats.push(index, entry.repeats);
    }
    return { id: this.#nextId++, receivedMs: batch.receivedMs, sender: batch.sender ?? '', reset, dims, cells, repeats };
  }

  #forget(): void {
    this.#handles.clear();
    this.#characters = 0;
  }

  #push(entry: Entry, cells: Cell[], dims: string[][]): void {
    const { cumulative } = entry;
    const names = Object.keys(entry.amounts) as MeasureName[];
    cells.push(entry.identity, entry.timeMs, flagsOf(entry), this.#handle(entry, dims));
    cells.push(
      moneyCell(entry.cost),
      moneyCell(entry.listCost),
      cumulative?.series ?? '',
      cumulative?.startMs ?? entry.startMs ?? 0,
      entry.sequence ?? UNNUMBERED,
      entry.request ?? '',
      names.length,
    );
    for (const name of names) cells.push(MEASURES[name].id, entry.amounts[name] ?? 0);
  }

  #handle({ dimensions, keys }: { dimensions: Dimensions; keys?: readonly string[] }, fresh: string[][]): number {
    // Only what is set makes the key: a record has a dozen of the dimensions. Set in another order it gets another handle, no harm.
    let key = '';
    for (const name in dimensions) key += `${name}=${framed(dimensions[name as DimensionName] ?? '')}`;
    const keysText = keys?.join(' ');
    if (keysText !== undefined) key += `keys=${keysText}`;
    const known = this.#handles.get(key);
    if (known !== undefined) return known;
    const handle = this.#handles.size;
    this.#handles.set(key, handle);
    this.#characters += key.length;
    const values = DIMENSION_NAMES.map((name) => dimensions[name] ?? '');
    fresh.push(keysText === undefined ? values : [...values, keysText]);
    return handle;
  }
}

/** A combination of dimensions as it was sent; the store notes here what it knows of it. */
export interface DimsRef {
  readonly values: readonly string[];
  /** With what stands for people who were erased. */
  kept: readonly string[];
  readonly sentKeys: readonly string[] | undefined;
  keys: readonly string[] | undefined;
  id: number;
  model: string;
  /** Whether a cost was reported with it. */
  spends: boolean;
  /** Id and model count only while the store's generation is this one. */
  generation: number;
}

/** One entry as the writer thread sees it. */
export interface DecodedEntry extends IncomingEntry {
  readonly ref: DimsRef;
  repeats: number;
  /** Set by the store, from `ref`, as the id of the session is where its person was erased. */
  dims: number;
  sessionId: string;
  keys: readonly string[] | undefined;
  model: string;
}

/** 0 stands for a start that is not known. */
const startOf = (startMs: number): number | undefined => (startMs === 0 ? undefined : startMs);

/** One export as the writer thread applies it. */
export interface Job extends IncomingBatch {
  readonly id: number;
  readonly sender: string;
  readonly entries: readonly DecodedEntry[];
  /** What it was decoded from. */
  readonly message: BatchMessage;
}

/** A job's cells by themselves, with the combinations that are in none before it. */
export interface OwnCells extends Pick<BatchMessage, 'cells'> {
  readonly refs: readonly DimsRef[];
}

/** For a Decoder that has seen nothing before these jobs. After they were named: people who were erased are in neither. */
export function ownCells(jobs: readonly Job[]): OwnCells[] {
  const handles = new Map<DimsRef, number>();
  return jobs.map((job) => {
    const known = handles.size;
    const cells = withHandles(job, handles);
    return { cells, refs: [...handles.keys().drop(known)] };
  });
}

/** Each entry's combination by its number in `handles`, which gets those that it has not. */
function withHandles({ message, entries }: Job, handles: Map<DimsRef, number>): Cell[] {
  const cells = message.cells.slice();
  let at = 0;
  for (const { ref, sessionId } of entries) {
    if (cells[at] !== SAME) cells[at] = sessionId;
    cells[at + HANDLE_AT] = handles.getOrInsertComputed(ref, () => handles.size);
    at += FIXED + 2 * (cells[at + PAIRS_AT] as number);
  }
  return cells;
}

function newRef(sent: readonly string[]): DimsRef {
  const keys = sent[DIMENSION_NAMES.length];
  const sentKeys = keys === '' ? [] : keys?.split(' ');
  const values = sent.slice(0, DIMENSION_NAMES.length);
  return { values, kept: values, sentKeys, keys: sentKeys, id: 0, model: '', spends: false, generation: 0 };
}

/** The other end of an Encoder. Every message must pass through it once, in order. */
export class Decoder {
  #refs: DimsRef[] = [];

  decode(message: BatchMessage): Job {
    if (message.reset) this.#refs = [];
    for (const values of message.dims) this.#refs.push(newRef(values));
    const entries = this.#entries(message.cells);
    for (let at = 0; at < message.repeats.length; at += 2) {
      const entry = entries[message.repeats[at] ?? -1];
      if (entry !== undefined) entry.repeats = message.repeats[at + 1] ?? 0;
    }
    return { id: message.id, receivedMs: message.receivedMs, sender: message.sender, entries, message };
  }

  #entries(cells: readonly Cell[]): DecodedEntry[] {
    const entries: DecodedEntry[] = [];
    let sessionId = '';
    for (let at = 0; at < cells.length; ) {
      const pairs = cells[at + PAIRS_AT] as number;
      const flags = cells[at + 3] as number;
      const series = cells[at + 7] as string;
      const ref = this.#refs[cells[at + HANDLE_AT] as number] ?? newRef([]);
      const session = cells[at];
      if (typeof session === 'string') sessionId = session;
      entries.push({
        sessionId,
        identity: cells[at + 1] as string,
        timeMs: cells[at + 2] as number,
        source: sourceOf(flags),
        isCostMissing: isCostMissing(flags),
        isTimeUncertain: isTimeUncertain(flags),
        isSetAside: isSetAside(flags),
        isStandIn: isStandIn(flags),
        isAdjustment: isAdjustment(flags),
        request: (cells[at + 10] as string) || undefined,
        startMs: startOf(cells[at + 8] as number),
        ref,
        keys: ref.keys,
        dims: 0,
        model: '',
        cost: moneyOf(cells[at + 5]),
        listCost: moneyOf(cells[at + 6]),
        cumulative: series === '' ? undefined : { series, startMs: cells[at + 8] as number },
        sequence: cells[at + 9] === UNNUMBERED ? undefined : (cells[at + 9] as number),
        amounts: amountsOf(cells, at + FIXED, pairs),
        amountsText: writeAmounts(cells, at + FIXED, pairs),
        repeats: 0,
      });
      at += FIXED + 2 * pairs;
    }
    return entries;
  }
}

function amountsOf(cells: readonly Cell[], from: number, pairs: number): Amounts {
  const amounts: Amounts = {};
  for (let at = from; at < from + 2 * pairs; at += 2) {
    const name = measureById(cells[at] as number);
    if (name !== undefined) amounts[name] = cells[at + 1] as number;
  }
  return amounts;
}

/** "id=amount id=amount": the form in which an entry's amounts are stored. */
function writeAmounts(cells: readonly Cell[], from: number, pairs: number): string {
  let text = '';
  for (let pair = 0; pair < pairs; pair++) {
    text += `${pair === 0 ? '' : ' '}${cells[from + 2 * pair]}=${cells[from + 2 * pair + 1]}`;
  }
  return text;
}

export function readAmounts(text: string): Amounts {
  const amounts: Amounts = {};
  if (text === '') return amounts;
  for (const pair of text.split(' ')) {
    const equals = pair.indexOf('=');
    const name = measureById(Number(pair.slice(0, equals)));
    if (name !== undefined) amounts[name] = Number(pair.slice(equals + 1));
  }
  return amounts;
}
