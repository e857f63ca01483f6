/** Keys of a ledger: made once, by whichever collector comes first, and the same for all of them. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { KEY_BYTES } from '../server/sealed.ts';
import { openKeptFiles } from '../storage/open.ts';

const made = (): Uint8Array => Buffer.from(`${randomBytes(KEY_BYTES).toString('base64url')}\n`);

/** `consequence`: what a new key means. Rejects with `invalid` where something else is kept under the name. */
export async function loadKey(config: Config, name: string, consequence: string): Promise<Uint8Array> {
  const files = await openKeptFiles(config);
  try {
    const text = Buffer.from(await files.once(name, made)).toString('utf8');
    const key = Buffer.from(text.trim(), 'base64url');
    if (key.length === KEY_BYTES) return key;
    throw new LedgerlineError('invalid', `${files.placeOf(name)} holds no key.`, { hint: `Remove it: a new key is made, and ${consequence}.` });
  } finally {
    await files.close();
  }
}
