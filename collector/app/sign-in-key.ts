/** The key that seals the cookies of those who are signed in: made once, for this user alone, and kept beside the ledger. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { signInKeyFileOf } from '../config/data-folder.ts';
import { LedgerlineError } from '../core/error.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import { KEY_BYTES } from '../server/sealed.ts';
import { type SignInRules, signInRulesOf } from '../server/sign-in.ts';

/** Undefined where the configuration asks for no sign-in. Throws `invalid` for a file that holds no key. */
export function loadSignIn(config: Pick<Config, 'data' | 'auth' | 'attribution'>): SignInRules | undefined {
  const { oidc } = config.auth;
  return oidc === undefined ? undefined : signInRulesOf(oidc, loadKey(signInKeyFileOf(config)), loadStoredUser(config.attribution));
}

function loadKey(file: string): Uint8Array {
  const key = existsSync(file) ? readKey(file) : makeKey(file);
  if (key.length === KEY_BYTES) return key;
  throw new LedgerlineError('invalid', `${file} holds no key.`, { hint: 'Remove the file: a new key is made, and everybody signs in again.' });
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
