/** Keys of this collector: made once, for this user alone, and kept beside the ledger. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LedgerlineError } from '../core/error.ts';
import { KEY_BYTES } from '../server/sealed.ts';

/** `consequence`: what a new key means. Throws `invalid` for a file that holds no key. */
export function loadKey(file: string, consequence: string): Uint8Array {
  const key = existsSync(file) ? readKey(file) : makeKey(file);
  if (key.length === KEY_BYTES) return key;
  throw new LedgerlineError('invalid', `${file} holds no key.`, { hint: `Remove the file: a new key is made, and ${consequence}.` });
}

function readKey(file: string): Uint8Array {
  try {
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
  } catch (cause) {
    throw new LedgerlineError('invalid', `${file} cannot be read.`, { cause, hint: 'Check the permissions of the file.' });
  }
}

function makeKey(file: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${key.toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}
