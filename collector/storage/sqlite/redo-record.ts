/** An export in the redo log: in a form that later versions read, too, whichever dimensions and measures there are then. */
import { deserialize, serialize } from 'node:v8';
import { DIMENSION_NAMES, type DimensionName } from '../../catalog/measures.ts';
import { LedgerlineError } from '../../core/error.ts';
import { type BatchMessage, type Job, messageAlone } from '../batch-codec.ts';

const FORMAT = 1;

/** V8's own form, which later versions of V8 read. */
interface Stored extends Pick<BatchMessage, 'receivedMs' | 'sender' | 'cells' | 'repeats'> {
  readonly format: number;
  /** Names and values of those dimensions that have one, in turn. */
  readonly dims: readonly (readonly string[])[];
  /** Of each combination; undefined where they are not known. */
  readonly keys: readonly (string | undefined)[];
}

export function recordOf(job: Job): Buffer {
  const { receivedMs, sender, dims, cells, repeats } = messageAlone(job);
  const stored: Stored = {
    ...{ format: FORMAT, receivedMs, sender, cells, repeats },
    dims: dims.map((values) => DIMENSION_NAMES.flatMap((name, index) => (values[index] ? [name, values[index]] : []))),
    keys: dims.map((values) => values[DIMENSION_NAMES.length]),
  };
  return serialize(stored);
}

/** Throws `invalid` where only a later version knows all of it. */
export function messageOf(record: Buffer): BatchMessage {
  const { format, dims, keys, ...rest }: Stored = deserialize(record);
  if (format !== FORMAT) throw newer(`its form is ${format}, this program knows ${FORMAT}`);
  const combinations = dims.map((named, index) => {
    const values = valuesOf(named);
    const key = keys[index];
    return key === undefined ? values : [...values, key];
  });
  return { id: 0, reset: true, dims: combinations, ...rest };
}

function valuesOf(named: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (let at = 0; at < named.length; at += 2) byName.set(named[at] ?? '', named[at + 1] ?? '');
  const unknown = byName.keys().find((name) => !DIMENSION_NAMES.includes(name as DimensionName));
  if (unknown !== undefined) throw newer(`it has a dimension "${unknown}" that this program does not know`);
  return DIMENSION_NAMES.map((name) => byName.get(name) ?? '');
}

const newer = (reason: string): LedgerlineError =>
  new LedgerlineError('invalid', `An export of the redo log was written by a newer Ledgerline: ${reason}.`, {
    hint: 'Start that version once and stop it: it books what is in the log.',
  });
