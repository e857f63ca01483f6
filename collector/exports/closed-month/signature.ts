/** Signatures of closed months: Ed25519, with a key that is made once and kept with the ledger. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { LedgerlineError } from '../../core/error.ts';
import { canonicalJson } from './canonical.ts';

export const signedSchema = z.object({
  document: z.looseObject({
    format: z.literal('ledgerline-closed-month/1'),
    month: z.string(),
    rows: z.object({ file: z.string(), sha256: z.string(), rows: z.number() }),
    previous: z.object({ month: z.string(), sha256: z.string() }).nullable(),
  }),
  signature: z.object({ algorithm: z.literal('Ed25519'), public_key: z.string(), value: z.string() }),
});
export type Signed = z.infer<typeof signedSchema>;

/** `place`: where the key lies, for people. Throws LedgerlineError `invalid` for bytes that are no such key. */
export function signingKeyOf(bytes: Uint8Array, place: string): KeyObject {
  try {
    const key = createPrivateKey(Buffer.from(bytes));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw notAKey(place, cause);
  }
  throw notAKey(place);
}

const notAKey = (place: string, cause?: unknown): LedgerlineError =>
  new LedgerlineError('invalid', `${place} holds no key that can sign.`, {
    cause,
    hint: 'Put back the file from a backup. With a new key, earlier closed months are verified with the public key that was printed for them.',
  });

/** As it is kept. */
export const newSigningKey = (): Uint8Array => Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** DER of a public key (SPKI), in base64. */
export const publicKeyOf = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');

/** What people compare: SHA-256 of the public key, hexadecimal. */
export const fingerprintOf = (publicKey: string): string => createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');

export function signed(document: Signed['document'], key: KeyObject): Signed {
  const value = sign(null, Buffer.from(canonicalJson(document)), key).toString('base64');
  return { document, signature: { algorithm: 'Ed25519', public_key: publicKeyOf(key), value } };
}

/** Does the signature fit the document and the key that it names? Whether that key is to be trusted is for who asks. */
export function isSignedBy({ document, signature }: Signed): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(signature.public_key, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(canonicalJson(document)), key, Buffer.from(signature.value, 'base64'));
  } catch {
    return false;
  }
}
