/** No secret in a text that somebody reads: those that are known by their value, and what looks like one. */
import { readFileSync } from 'node:fs';

export const HIDDEN = '<secret>';

/** A shorter part of an address is a word such as "hooks", and would be found everywhere. */
const SHORTEST = 6;
/** Shorter parts of an address are words that our own sentences have, such as "webhook". */
const LONG_PART = 16;
/** A longer file is no password or address, but a key with lines of its own. */
const LONGEST = 4_096;

/** What somebody else said, without the secrets that were sent to him: a server that quotes its request must not bring them into a log. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SHORTEST).sort((one, other) => other.length - one.length);
  return known.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
}

/** An address in all the parts in which it could be quoted. */
export function partsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return [url];
  const { href, pathname, search } = new URL(url);
  const parts = [url, href, `${pathname}${search}`, pathname, search, ...pathname.split('/'), ...search.split(/[?&=]/)];
  return parts.flatMap((part) => [part, decoded(part)]);
}

/** As it is, where it is no encoding. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Without what these files hold, authorization headers, tokens and passwords by their names, and all of an address behind its host. */
export function redacted(text: string, secretFiles: readonly string[]): string {
  return withoutSecrets(text, secretFiles.flatMap(secretsIn))
    .replaceAll(ADDRESS, (address) => hostOf(address))
    .replaceAll(SCHEME, `$1 ${HIDDEN}`)
    .replaceAll(NAMED, `$1${HIDDEN}`)
    .replaceAll(OWN_TOKEN, HIDDEN);
}

const ADDRESS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]*[^\s"'<>.,;:)\]]/gi;
const SCHEME = /\b(bearer|basic|plain)\s+[\w.~+/=-]{8,}/gi;
const NAMED =
  /(\b[\w-]*(?:authorization|password|passwd|secret|token|api[-_]?key|routing[-_]?key|credentials?)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&})\]]+)/gi;
/** As `ledgerline token new` makes them. */
const OWN_TOKEN = /\bll_[\w-]{8,}/g;

/** An address of a webhook is a secret as a whole; which host it was helps whoever looks for the fault. */
export function hostOf(address: string): string {
  if (!URL.canParse(address)) return HIDDEN;
  const { protocol, host, pathname, search, hash } = new URL(address);
  const isBare = pathname.length <= 1 && search === '' && hash === '';
  return `${protocol}//${host}${isBare ? '' : `/${HIDDEN}`}`;
}

function secretsIn(file: string): string[] {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret.length > LONGEST) return [];
    return [secret, Buffer.from(secret).toString('base64'), ...partsOfUrl(secret).filter((part) => part.length >= LONG_PART)];
  } catch {
    // Whoever needs the secret says that it cannot be read.
    return [];
  }
}
