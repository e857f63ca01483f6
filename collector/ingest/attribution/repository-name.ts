/** The name of a repository: of its address only host and path. What may be a credential is dropped, in whichever spelling it comes. */
import { behindUser, SCHEME } from '../../core/repository-pattern.ts';
import type { Attributes, Claims } from './claims.ts';

const NAME_CHARACTERS_MAX = 200;
/** Senders and hops encode; nobody encodes a name more often. */
const ENCODINGS_MAX = 5;

/** Of the first attribute that has a value: the record's before its resource's. */
export function repositoryOf({ record, resource }: Claims, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textIn(record, name) ?? textIn(resource, name);
    // Not cut before it is read: what marks a password may stand behind what would be left.
    if (text !== undefined) return nameRepository(text);
  }
  return undefined;
}

function textIn(attributes: Attributes, name: string): string | undefined {
  const text = String(attributes.get(name) ?? '').trim();
  return text === '' ? undefined : text;
}

/**
 * "https://bob:p@ss/word@github.com/acme/api.git?access_token=x#y" is "https://github.com/acme/api"; so is that of "bob:x@github.com:acme/api" but
 * for the colon. What is still encoded after some rounds is no name: undefined.
 */
export function nameRepository(text: string): string | undefined {
  let name = withoutCredentials(text.trim());
  for (let round = 0; name.includes('%'); round++) {
    const decoded = withoutCredentials(decode(name));
    if (decoded === name) break;
    if (round === ENCODINGS_MAX) return undefined;
    name = decoded;
  }
  return withoutEnding(name.slice(0, NAME_CHARACTERS_MAX).trim()) || undefined;
}

const QUERY = /[?#]/;
/** A host and a path, by a dot in its name: no user and no password look so by chance. */
const PLACE = /^(?:[\w-]+(?:\.[\w-]+)+|localhost)(?::\d+)?[/:]/;
/** The same of a host by any name. */
const ANY_PLACE = /^[\w.-]+(?::\d+)?[/:]/;

function withoutCredentials(text: string): string {
  const scheme = SCHEME.exec(text)?.[0] ?? '';
  const place = placeIn(text.slice(scheme.length));
  return SCHEME.test(place) || place === '' ? place : `${scheme}${place}`;
}

/** An @ behind a question mark is one of the query, or the question mark one of a password: what is before it tells them apart. */
function placeIn(text: string): string {
  const before = beforeQuery(text);
  const place = behindUser(before);
  if (!text.includes('@', before.length) || PLACE.test(place)) return place;
  const behind = beforeQuery(behindUser(text));
  if (/[@:]/.test(before)) return ANY_PLACE.test(behind) ? behind : '';
  return PLACE.test(behind) ? behind : place;
}

const beforeQuery = (text: string): string => text.split(QUERY, 1)[0] ?? '';

function withoutEnding(name: string): string {
  const bare = withoutSlashes(name);
  return bare.toLowerCase().endsWith('.git') ? bare.slice(0, -'.git'.length) : bare;
}

function withoutSlashes(name: string): string {
  let end = name.length;
  while (name[end - 1] === '/') end--;
  return name.slice(0, end);
}

/** One level. What is broken in one place must not leave the rest encoded. */
const decode = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run.replaceAll(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    }
  });

/** "acme/api" of "https://github.com/acme/api", "github.com:acme/api" and "github.com/acme/api": what CI calls a repository. */
export function repositoryPath(name: string): string {
  const scheme = SCHEME.exec(name)?.[0] ?? '';
  const place = name.slice(scheme.length);
  const host = (scheme === '' ? PLACE : ANY_PLACE).exec(place)?.[0] ?? (scheme === '' ? '' : place);
  return withoutSlashes(place.slice(host.length)).replace(/^\/+/, '');
}
