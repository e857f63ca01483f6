/**
 * What was acknowledged before its transaction is committed to the ledger's file. A commit writes each page that has changed as a whole, so one
 * commit for all exports of a second writes a fraction of what one for every few of them does. Until then they are durable here, a sequence of
 * records; after a kill, who opens the ledger applies them again. Once they are committed, the next ones are written over them: to
 * sync a file that grows takes longer.
 */
import { closeSync, constants, existsSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { sync } from './durable-files.ts';

export const redoFileOf = (file: string): string => `${file}-redo`;

/** Before each record: how long it is, its number, and a checksum of these and of the record. */
const HEAD_BYTES = 16;
const NUMBER_AT = 4;
const CHECKSUM_AT = 12;
const NO_HEAD = Buffer.alloc(HEAD_BYTES);

export interface RedoRecord {
  /** One more than that of the record before. */
  readonly number: number;
  readonly bytes: Buffer;
}

export class RedoLog {
  readonly #file: string;
  readonly #handle: number;
  #end = 0;
  #last = 0;

  /** Makes the file where there is none. */
  constructor(file: string) {
    this.#file = file;
    const isNew = !existsSync(file);
    this.#handle = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    if (isNew) sync(dirname(file));
    for (const { number, bytes } of recordsOf(this.#read(fstatSync(this.#handle).size))) {
      this.#end += HEAD_BYTES + bytes.length;
      this.#last = number;
    }
  }

  /** Bytes of the records since the last reuse. */
  get size(): number {
    return this.#end;
  }

  /** Number of the last record. */
  get last(): number {
    return this.#last;
  }

  /** The records after the one with that number. */
  after(done: number): RedoRecord[] {
    return [...recordsOf(this.#read(this.#end))].filter(({ number }) => number > done);
  }

  /** On the disk when it returns. Throws where it cannot be written; then it is not there. */
  append(record: Buffer): void {
    const whole = Buffer.concat([headOf(this.#last + 1, record), record]);
    try {
      this.#write(whole);
      fdatasyncSync(this.#handle);
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#end += whole.length;
    this.#last++;
  }

  /** After all records are committed: the next are written over them, and follow the one with that number. */
  reuse(last: number): void {
    this.#end = 0;
    this.#last = last;
  }

  /** Nothing of what was in the file stays on the disk. After all records are committed. */
  clear(): void {
    ftruncateSync(this.#handle, 0);
    fdatasyncSync(this.#handle);
    this.#end = 0;
  }

  close(): void {
    closeSync(this.#handle);
  }

  /** After all records are committed, and before close. */
  remove(): void {
    rmSync(this.#file, { force: true });
  }

  #write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#handle, bytes, done, bytes.length - done, this.#end + done);
  }

  /** A record that came to the disk before the failure must not be found there: nobody acknowledged it. */
  #takeBack(): void {
    try {
      writeSync(this.#handle, NO_HEAD, 0, HEAD_BYTES, this.#end);
      fdatasyncSync(this.#handle);
    } catch {
      // Where this cannot be written, neither was the record.
    }
  }

  #read(size: number): Buffer {
    const bytes = Buffer.alloc(size);
    let done = 0;
    for (let read = -1; done < size && read !== 0; done += read) read = readSync(this.#handle, bytes, done, size - done, done);
    return bytes.subarray(0, done);
  }
}

/** Is anything in it, be it committed or not? */
export const hasRecords = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;

function headOf(number: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(bytes.length);
  head.writeBigUInt64LE(BigInt(number), NUMBER_AT);
  head.writeUInt32LE(checksumOf(head, bytes), CHECKSUM_AT);
  return head;
}

const checksumOf = (head: Buffer, bytes: Buffer): number => crc32(bytes, crc32(head.subarray(0, CHECKSUM_AT)));

/** Up to the first that is not whole, or does not follow the one before: there begins what was written earlier. */
function* recordsOf(file: Buffer): Generator<RedoRecord> {
  let expected: number | undefined;
  for (let at = 0; at + HEAD_BYTES <= file.length; ) {
    const head = file.subarray(at, at + HEAD_BYTES);
    const bytes = file.subarray(at + HEAD_BYTES, at + HEAD_BYTES + head.readUInt32LE());
    const number = Number(head.readBigUInt64LE(NUMBER_AT));
    const isWhole = bytes.length === head.readUInt32LE() && checksumOf(head, bytes) === head.readUInt32LE(CHECKSUM_AT);
    if (!isWhole || bytes.length === 0 || (expected !== undefined && number !== expected)) return;
    yield { number, bytes };
    expected = number + 1;
    at += HEAD_BYTES + bytes.length;
  }
}
