/**
 * Ids of sessions as they are stored: the client's session.id and, where a token names its owner, the realm of that token. So records of
 * different realms never meet, whatever id they claim: see docs/adr/0013-claims-and-realms.md.
 */

/** Between the client's id and the realm. No client's id has it: see storedSessionId. */
const SEPARATOR = '~';
export const REALM_CHARACTERS = 10;
const OF_REALM = new RegExp(`${SEPARATOR}[\\w-]{${REALM_CHARACTERS}}$`);
const ESCAPED = '%7E';

/** `realm`: '' for what no token names. */
export function storedSessionId(sessionId: string, realm: string): string {
  const plain = sessionId.includes(SEPARATOR) ? sessionId.replaceAll(SEPARATOR, ESCAPED) : sessionId;
  return realm === '' ? plain : `${plain}${SEPARATOR}${realm}`;
}

/** As the client calls it, and as it is shown. */
export const shownSessionId = (stored: string): string => stored.replace(OF_REALM, '');

/** With what it is shown as written otherwise; its realm stays. */
export function renamedSession(stored: string, rename: (shown: string) => string): string {
  const shown = shownSessionId(stored);
  return rename(shown) + stored.slice(shown.length);
}

/** Names this one of several sessions that the client calls the same. */
export const fullSessionId = (stored: string): string => (OF_REALM.test(stored) ? stored : `${stored}${SEPARATOR}`);

/** What may be stored of it when somebody asks for a session: by its full id one, by the client's any. Inclusive. */
export interface AskedSession {
  readonly exact: string;
  /** Further stored ids lie between these; undefined where one is named in full. */
  readonly others: { readonly from: string; readonly to: string } | undefined;
}

export function askedSession(asked: string): AskedSession {
  if (asked.endsWith(SEPARATOR)) return { exact: asked.slice(0, -1), others: undefined };
  if (OF_REALM.test(asked)) return { exact: asked, others: undefined };
  return { exact: asked, others: { from: `${asked}${SEPARATOR}`, to: `${asked}${SEPARATOR}\u007f` } };
}
