/**
 * A ledger that shows a reader what its scope leaves. The one place where scopes are enforced for what the ledger answers: whoever asks
 * through it cannot ask for more.
 */
import { LRUCache } from 'lru-cache';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { LedgerReader, LedgerSnapshot } from '../ledger/ledger.ts';

/** Of one ledger. Answers remember by the reader what they read once, so the same scope gets the same one. */
const SCOPES_MAX = 1_000;
const known = new WeakMap<LedgerReader, LRUCache<string, LedgerReader>>();
/** Of a ledger that shows a part, the whole. */
const wholes = new WeakMap<LedgerSnapshot, LedgerSnapshot>();
const wholeReaders = new WeakMap<LedgerReader, LedgerReader>();

/**
 * The whole ledger behind the one of a scope, about the same instant. Only for alerts and budgets, whose figures are the same for all who may see them,
 * and of which every status is held against the scope (visible-budgets.ts), and for what the guard is asked of one's own session, and a job about its repository: test/query/scoped-reader.test.ts has the list of its users.
 */
export const wholeLedger = (ledger: LedgerSnapshot): LedgerSnapshot => wholes.get(ledger) ?? ledger;

/** The same object for every scope of one ledger: what is remembered of all of them is remembered by it. */
export const ledgerIdentity = (ledger: LedgerSnapshot): object => wholeLedger(ledger);

export function scopedReader(reader: LedgerReader, scope: ReadScope): LedgerReader {
  if (scope === 'all') return reader;
  const ofReader = known.getOrInsertComputed(reader, () => new LRUCache<string, LedgerReader>({ max: SCOPES_MAX }));
  const key = JSON.stringify(scope);
  const before = ofReader.get(key);
  if (before !== undefined) return before;
  const made: LedgerReader = {
    ...scopedSnapshot(reader, scope),
    snapshot: (read, bound) => reader.snapshot((ledger) => read(scopedSnapshot(ledger, scope)), bound),
    check: () => reader.check(),
    close: () => reader.close(),
  };
  wholes.set(made, reader);
  wholeReaders.set(made, reader);
  ofReader.set(key, made);
  return made;
}

/** What is booked on a user, whatever the scope: only for whoever has shown to be that user, and may not read. `user` as stored. */
export const ownReader = (reader: LedgerReader, user: string): LedgerReader =>
  scopedReader(wholeReaders.get(reader) ?? reader, [{ dimension: 'user', values: [user] }]);

function scopedSnapshot(ledger: LedgerSnapshot, scope: Exclude<ReadScope, 'all'>): LedgerSnapshot {
  const made: LedgerSnapshot = {
    query: (query) => ledger.query({ ...query, where: [...query.where, ...scope] }),
    rows: (query) => ledger.rows({ ...query, where: [...query.where, ...scope] }),
    session: (sessionId, within = []) => ledger.session(sessionId, [...within, ...scope]),
    sessionSummary: (sessionId, within = []) => ledger.sessionSummary(sessionId, [...within, ...scope]),
    course: (sessionId, query) => ledger.course(sessionId, { ...query, within: [...(query.within ?? []), ...scope] }),
    sessions: (query) => ledger.sessions({ ...query, within: [...(query.within ?? []), ...scope] }),
    sessionCount: (query) => ledger.sessionCount({ ...query, within: [...(query.within ?? []), ...scope] }),
    sessionBands: (query) => ledger.sessionBands({ ...query, where: [...(query.where ?? []), ...scope] }),
    senders: (sinceMs, within = []) => ledger.senders(sinceMs, [...within, ...scope]),
    minutes: (timeRange, within = []) => ledger.minutes(timeRange, [...within, ...scope]),
    userMinutes: (query) => ledger.userMinutes({ ...query, within: [...(query.within ?? []), ...scope] }),
    apiRequests: (query, within = []) => ledger.apiRequests(query, [...within, ...scope]),
    people: (within = []) => ledger.people([...within, ...scope]),
    gaps: (sinceMs, within = []) => ledger.gaps(sinceMs, [...within, ...scope]),
    moved: (query) => ledger.moved({ ...query, within: [...(query.within ?? []), ...scope] }),
    // Of what is inside it is not known whether all of a session is.
    sharedSessions: async () => [],
    repricings: async () => [],
    // When months were closed, and nobody's figures.
    closedMonths: () => ledger.closedMonths(),
    // Counts of the whole ledger, and nobody's name.
    status: () => ledger.status(),
  };
  wholes.set(made, ledger);
  return made;
}
