/** Text of files that people write. */
import { isUtf8 } from 'node:buffer';
import { LedgerlineError } from './error.ts';

/** Throws `invalid` for another encoding: a team or user with an accent would be booked under another name. */
export function utf8Text(bytes: Buffer, file: string): string {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return text;
  const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
  throw new LedgerlineError('invalid', `${file}:${line}: the file is not in UTF-8; save it in that encoding (in Excel as "CSV UTF-8")`);
}
