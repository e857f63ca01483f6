/** Secrets of channels are read from their files at each use, so that a changed one holds at once. They are printed nowhere. */
import { readFileSync } from 'node:fs';
import { DeliveryFailure } from '../outbox.ts';

export { decoded, partsOfUrl, withoutSecrets } from '../../core/redact.ts';

/** `key` is that of the configuration, such as "alerts.channels: ops: url_file". */
export function readSecret(file: string, key: string): string {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret !== '') return secret;
  } catch {
    // Said below, in the same words as for an empty file.
  }
  throw new DeliveryFailure(`${key}: cannot read a secret from ${file}. Check the path, its content and its permissions.`);
}
