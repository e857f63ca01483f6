/** Pseudonyms: the same person always has the same one, and only who holds the key can find out who that is. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import type { Config } from '../../config/config.ts';
import { LedgerlineError } from '../../core/error.ts';

export const PSEUDONYM_PREFIX = 'anon-';
const KEY_BYTES_MIN = 16;
const PSEUDONYM_CHARACTERS = 22;
const REMEMBERED_MAX = 50_000;

/** HMAC-SHA256 of the user under the key, cut to 132 bits. */
export function createPseudonymizer(key: Uint8Array): (user: string) => string {
  const remembered = new LRUCache<string, string>({
    max: REMEMBERED_MAX,
    memoMethod: (user) => PSEUDONYM_PREFIX + createHmac('sha256', key).update(user).digest('base64url').slice(0, PSEUDONYM_CHARACTERS),
  });
  return (user) => remembered.memo(user);
}

/** The pseudonymizer that the configuration asks for; undefined when it asks for none. Throws `invalid` without a usable key. */
export function loadPseudonymizer(config: Config['attribution']): ((user: string) => string) | undefined {
  if (!config.pseudonymize) return undefined;
  const hint = `Put at least ${KEY_BYTES_MIN} random bytes into a file (\`openssl rand -hex 32\`) and name it in attribution.pseudonym_key_file.`;
  if (config.pseudonym_key_file === undefined) {
    throw new LedgerlineError('invalid', 'attribution.pseudonymize is true, but attribution.pseudonym_key_file is not set.', { hint });
  }
  const key = readKey(config.pseudonym_key_file, hint);
  if (key.length < KEY_BYTES_MIN) {
    throw new LedgerlineError('invalid', `The key in ${config.pseudonym_key_file} has ${key.length} bytes, expected at least ${KEY_BYTES_MIN}.`, {
      hint,
    });
  }
  return createPseudonymizer(key);
}

/** A line break at the end is an editor's, not the key's. */
function readKey(file: string, hint: string): Uint8Array {
  try {
    return Buffer.from(readFileSync(file, 'latin1').replace(/[\r\n]+$/, ''), 'latin1');
  } catch (cause) {
    throw new LedgerlineError('invalid', `attribution.pseudonym_key_file ${file} cannot be read.`, { hint, cause });
  }
}

/** How the ledger spells a user that somebody names: under the pseudonym where there are any. Throws as loadPseudonymizer does. */
export function loadStoredUser(config: Config['attribution']): (user: string) => string {
  const pseudonymize = loadPseudonymizer(config);
  return (user) => (pseudonymize === undefined || user.startsWith(PSEUDONYM_PREFIX) ? user : pseudonymize(user));
}
