/** Secrets of channels are read from their files at each use, so that a changed one holds at once. They are printed nowhere. */
import { readFileSync } from 'node:fs';
import { DeliveryFailure } from '../outbox.ts';

/** What somebody else said, without the secrets that were sent to him: a server that quotes its request must not bring them into a log. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SHORTEST).sort((one, other) => other.length - one.length);
  return known.reduce((rest, secret) => rest.replaceAll(secret, '<secret>'), text);
}

/** A shorter part of an address is a word such as "hooks", and would be found everywhere. */
const SHORTEST = 6;

/** An address in all the parts in which it could be quoted. */
export function partsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return [url];
  const { href, pathname, search } = new URL(url);
  const parts = [url, href, `${pathname}${search}`, pathname, search, ...pathname.split('/'), ...search.split(/[?&=]/)];
  return parts.flatMap((part) => [part, decoded(part)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

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
