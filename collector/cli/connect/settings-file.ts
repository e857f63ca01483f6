/** Reads and writes a settings file so that nobody else's work in it is lost. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';
import { makeOpenFolder } from '../open-folder.ts';

export interface SettingsFile {
  /** Where it really is: a link stays a link. */
  readonly file: string;
  /** Undefined: there is none yet. */
  readonly text: string | undefined;
  /** Of the file. */
  readonly mode?: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

const BYTES_MAX = 4 * 1024 * 1024;
const ANY_WRITE = 0o222;
const PERMISSIONS = 0o777;

const refusal = (message: string, hint: string, cause?: unknown): LedgerlineError =>
  new LedgerlineError('invalid', message, { hint: `Nothing was changed. ${hint}`, cause });

function realPlaceOf(file: string): string {
  try {
    return realpathSync(file);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT' || lstatSync(file, { throwIfNoEntry: false }) === undefined) return file;
    throw refusal(`${file} is a link to a file that does not exist.`, 'Remove the link, or make the file that it leads to.', cause);
  }
}

/** Throws `invalid` for what is no file, is too large, or cannot be read. */
export function readSettings(given: string): SettingsFile {
  const file = realPlaceOf(given);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return { file, text: undefined };
  if (!stats.isFile()) throw refusal(`${file} is not a file.`, 'Name another one with --file.');
  if (stats.size > BYTES_MAX) throw refusal(`${file} is larger than 4 MiB.`, 'Name another one with --file.');
  return { file, text: readText(file), mode: stats.mode & PERMISSIONS, owner: { uid: stats.uid, gid: stats.gid } };
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (cause) {
    if (codeOf(cause) === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw refusal(`${file} is not UTF-8.`, 'Save it as UTF-8, and try again.', cause);
    throw refusal(`${file} cannot be read.`, 'Check the permissions of the file.', cause);
  }
}

/** Throws where the file may not be written, or is another one than was read. */
export function writeSettings(before: SettingsFile, text: string, mode: number): void {
  assertWritable(before);
  writeBeside(before.file, text, mode, before.owner, () => assertUnchanged(before));
}

export function removeSettings(before: SettingsFile): void {
  assertWritable(before);
  rmSync(before.file);
}

/** Throws `invalid` for a file that is read-only, or was changed since it was read. */
export function assertWritable(before: SettingsFile): void {
  if (before.mode !== undefined && (before.mode & ANY_WRITE) === 0)
    throw refusal(`${before.file} is read-only.`, 'Whoever made it so may not want it changed. Make it writable, or change it at its origin.');
  assertUnchanged(before);
}

function assertUnchanged({ file, text }: SettingsFile): void {
  if (readSettings(file).text === text) return;
  throw refusal(`${file} has been changed by somebody else meanwhile.`, 'Try again.');
}

/** The folder of a settings file: of managed ones every user has to read it, however strict the umask of the administrator is. */
export const makeFolderOf = (file: string, isForAll: boolean): void =>
  orRefused(file, () => (isForAll ? makeOpenFolder(dirname(file)) : void mkdirSync(dirname(file), { recursive: true })));

/** Throws `invalid` where the file system refuses what `write` does beside the file. */
export function orRefused(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (cause instanceof LedgerlineError) throw cause;
    throw refusal(`${file} cannot be written.`, 'Check that you may write in its folder; managed settings take an administrator.', cause);
  }
}

/** A file that only its owner may read. Throws `invalid` where it cannot be written. */
export const writePrivate = (file: string, text: string): void => writeBeside(file, text, 0o600, undefined, () => undefined);

function writeBeside(file: string, text: string, mode: number, owner: SettingsFile['owner'], check: () => void): void {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.unfinished`;
  orRefused(file, () => {
    try {
      mkdirSync(dirname(file), { recursive: true });
      // Nobody else may read it before its permissions are set.
      const handle = openSync(unfinished, 'wx', 0o600);
      try {
        writeSync(handle, text);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      if (owner !== undefined && owner.uid !== process.getuid?.()) chownSync(unfinished, owner.uid, owner.gid);
      chmodSync(unfinished, mode);
      check();
      renameSync(unfinished, file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}
