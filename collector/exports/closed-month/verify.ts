/** Holds a signed month against its signature, its rows and the month before it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import { fingerprintOf, isSignedBy, type Signed, signedSchema } from './signature.ts';
import { documentFileOf, sha256 } from './write.ts';

export interface Verified {
  readonly month: string;
  /** SHA-256 of the public key. */
  readonly fingerprint: string;
  readonly checks: readonly { readonly what: string; readonly isGood: boolean; readonly detail: string }[];
}

/** `trusted`: the public key that it has to be signed with; without one, whichever it names. Throws LedgerlineError `invalid` for another file. */
export function verifyClosedMonth(file: string, trusted: string | undefined): Verified {
  const { document, signature } = readSigned(file);
  const fingerprint = fingerprintOf(signature.public_key);
  return {
    month: document.month,
    fingerprint,
    checks: [
      { what: 'signature', isGood: isSignedBy({ document, signature }), detail: `of the key ${fingerprint.slice(0, 16)}…` },
      ...(trusted === undefined ? [] : [{ what: 'key', isGood: signature.public_key === trusted, detail: 'the one that is trusted here' }]),
      rowsCheck(file, document),
      ...previousCheck(file, document),
    ],
  };
}

function readSigned(file: string): Signed {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LedgerlineError('not_found', `${file} cannot be read.`, { cause, hint: 'Name the JSON file of a closed month.' });
  }
  try {
    const read = signedSchema.safeParse(JSON.parse(text));
    if (read.success) return read.data;
  } catch {
    // Said below.
  }
  throw new LedgerlineError('invalid', `${file} is no closed month.`, { hint: 'Name the JSON file that `ledgerline reconcile close` wrote.' });
}

function rowsCheck(file: string, { rows }: Signed['document']) {
  const path = join(dirname(file), rows.file.replaceAll(/[^\w.-]/g, '_'));
  if (!existsSync(path)) return { what: 'rows', isGood: false, detail: `${rows.file} is not beside it` };
  return { what: 'rows', isGood: sha256(readFileSync(path)) === rows.sha256, detail: `${rows.rows} in ${rows.file}` };
}

/** Nothing to say of the first month. */
function previousCheck(file: string, { previous }: Signed['document']) {
  if (previous === null) return [];
  const path = documentFileOf(dirname(file), previous.month.replaceAll(/[^\w-]/g, '_'));
  if (!existsSync(path)) return [{ what: 'previous month', isGood: false, detail: `${previous.month}.json is not beside it` }];
  return [{ what: 'previous month', isGood: sha256(readFileSync(path)) === previous.sha256, detail: previous.month }];
}
