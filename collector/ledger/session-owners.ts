/** Sessions that a collector names itself, after whose records they are: pools, and the history that an import brings. */
import { isPool, poolId, poolOwner } from './pools.ts';

/** Begins the ids of sessions of imported history. */
const IMPORT = 'import:';

/** One for each source, user and day (UTC, as in 2026-11-20). `user`: '' where it is not known. */
export const importId = (source: string, user: string, day: string): string => `${IMPORT}${source}:${user}:${day}`;

const isImport = (sessionId: string): boolean => sessionId.startsWith(IMPORT);
const sourceEnd = (sessionId: string): number => sessionId.indexOf(':', IMPORT.length);

/** Whose it is, by its id; undefined of a session that its client named. */
export function ownerOf(sessionId: string): string | undefined {
  if (isPool(sessionId)) return poolOwner(sessionId);
  return isImport(sessionId) ? sessionId.slice(sourceEnd(sessionId) + 1, sessionId.lastIndexOf(':')) : undefined;
}

/** The same session of another owner. */
export function ownedBy(sessionId: string, owner: string): string {
  const rest = sessionId.slice(sessionId.lastIndexOf(':') + 1);
  if (isPool(sessionId)) return poolId(owner, rest);
  return isImport(sessionId) ? importId(sessionId.slice(IMPORT.length, sourceEnd(sessionId)), owner, rest) : sessionId;
}
