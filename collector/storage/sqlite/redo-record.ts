/** Exports in the redo log: in a form that later versions read, too, whichever dimensions and measures there are then. */
import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DIMENSION_NAMES, type DimensionName } from '../../catalog/measures.ts';
import { LedgerlineError } from '../../core/error.ts';
import { type BatchMessage, type DimsRef, type Job, ownCells } from '../batch-codec.ts';

const FORMAT = 1;

/** Names and values of those dimensions of a combination that have one, in turn, and its keys, where they are known. */
type Combination = readonly [named: readonly string[], keys: string | undefined];

/** Written in V8's own form, which later versions of V8 read, and compressed: that takes a fortieth of the writer's time, and leaves a third. */
interface Stored {
  readonly format: number;
  readonly exports: readonly StoredExport[];
}

interface StoredExport extends Pick<BatchMessage, 'receivedMs' | 'sender' | 'cells' | 'repeats'> {
  /** Those that are not in the exports before. */
  readonly dims: readonly Combination[];
}

const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** What is compressed begins with it. V8's own form, in which the first logs were written, begins with another byte. */
const ZSTD_MAGIC = 0xfd2fb528;

/** Combinations come again and again. */
const NAMED = new WeakMap<readonly string[], readonly string[]>();

/** Of jobs that were applied: their dimensions have names then. */
export function recordOf(jobs: readonly Job[]): Buffer {
  const cells = ownCells(jobs);
  const exports = jobs.map(({ receivedMs, sender, message: { repeats } }, index) => {
    const own = cells[index];
    return { receivedMs, sender, repeats, cells: own?.cells ?? [], dims: own?.refs.map(combinationOf) ?? [] };
  });
  const stored: Stored = { format: FORMAT, exports };
  return zstdCompressSync(serialize(stored), FASTEST);
}

function combinationOf({ kept, keys }: DimsRef): Combination {
  const known = NAMED.get(kept);
  if (known !== undefined) return [known, keys?.join(' ')];
  const named = DIMENSION_NAMES.flatMap((name, index) => (kept[index] ? [name, kept[index]] : []));
  NAMED.set(kept, named);
  return [named, keys?.join(' ')];
}

/** For a Decoder of their own, in this order. Throws `invalid` where only a later version knows all of it. */
export function messagesOf(record: Buffer): BatchMessage[] {
  const { format, exports }: Stored = deserialize(isCompressed(record) ? zstdDecompressSync(record) : record);
  if (format !== FORMAT) throw newer(`its form is ${format}, this program knows ${FORMAT}`);
  return exports.map(({ dims, ...rest }, index) => ({ id: 0, reset: index === 0, dims: dims.map(sentOf), ...rest }));
}

const isCompressed = (record: Buffer): boolean => record.length >= 4 && record.readUInt32LE() === ZSTD_MAGIC;

function sentOf([named, keys]: Combination): string[] {
  const byName = new Map<string, string>();
  for (let at = 0; at < named.length; at += 2) byName.set(named[at] ?? '', named[at + 1] ?? '');
  const unknown = byName.keys().find((name) => !DIMENSION_NAMES.includes(name as DimensionName));
  if (unknown !== undefined) throw newer(`it has a dimension "${unknown}" that this program does not know`);
  const values = DIMENSION_NAMES.map((name) => byName.get(name) ?? '');
  return keys === undefined ? values : [...values, keys];
}

const newer = (reason: string): LedgerlineError =>
  new LedgerlineError('invalid', `An export of the redo log was written by a newer Ledgerline: ${reason}.`, {
    hint: 'Start that version once and stop it: it books what is in the log.',
  });
