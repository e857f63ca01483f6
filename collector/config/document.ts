/** ledgerline.yaml as plain data that still knows its lines, bounded in size. */
import { closeSync, openSync, readSync } from 'node:fs';
import { LedgerlineError } from '../core/error.ts';
import { dataOf, type PlainYaml, parsePlainYaml, TOO_MANY_ALIASES } from '../core/plain-yaml.ts';
import { utf8Text } from '../core/utf8.ts';
import { refusal, systemReason } from './mistakes.ts';

const MEBIBYTE = 1024 * 1024;
/** Ten thousand budgets take half of it. Beyond, somebody named another file. */
const BYTES_MAX = 4 * MEBIBYTE;

export interface ConfigDocument {
  readonly document: PlainYaml['document'];
  readonly raw: Record<string, unknown>;
  /** "ledgerline.yaml:4:14" of an offset in the text. */
  at(offset: number): string;
}

/** Throws LedgerlineError `invalid` for what is no map of plain data. */
export function readDocument(file: string): ConfigDocument {
  const { document, flaws, placeOf } = parsePlainYaml(readText(file));
  const at = (offset: number): string => {
    const { line, column } = placeOf(offset);
    return `${file}:${line}:${column}`;
  };
  if (flaws.length > 0)
    throw refusal(flaws, ({ line, column, sentence, isSyntax }) => `${file}:${line}:${column}: ${isSyntax ? 'this is not YAML: ' : ''}${sentence}`);
  const read = dataOf(document);
  if (read === undefined) throw new LedgerlineError('invalid', `${at(0)}: ${TOO_MANY_ALIASES}`);
  const { data } = read;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new LedgerlineError('invalid', `${at(0)}: must be a map of keys and values, such as "timezone: Europe/Berlin"`);
  }
  // YAML gives objects with string keys for maps, which is what was just checked.
  return { document, raw: data as Record<string, unknown>, at };
}

function readText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readBounded(file);
  } catch (cause) {
    const remedy = 'give the configuration with --config FILE, or leave it out to use the defaults';
    throw new LedgerlineError('invalid', `${file}: ${systemReason(cause)}; ${remedy}`, { cause });
  }
  if (bytes.length <= BYTES_MAX) return utf8Text(bytes, file);
  throw new LedgerlineError(
    'invalid',
    `${file}: larger than ${BYTES_MAX / MEBIBYTE} MiB, which no configuration is; give the right file with --config FILE`,
  );
}

/** At most one byte beyond the bound: a device has no end, and a pipe no length. */
function readBounded(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(BYTES_MAX + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) read = readSync(descriptor, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
