/** Where a session is: what the ledger knows of it, else what the token and the directory say of whoever asks. Stored values. */
import { fullSessionId, storedSessionId } from '../catalog/session-ids.ts';
import type { Config } from '../config/config.ts';
import { createRealms, type RealmOf } from '../ingest/attribution/realm.ts';
import type { Person } from '../ledger/ledger.ts';
import { SESSION_DIMENSIONS, type SessionDimension, type SessionSummary } from '../ledger/sessions.ts';
import type { Credentials } from '../server/auth.ts';
import { type AskedUser, askedUser, userNames } from './asked-user.ts';
import { personOf } from './my-budget.ts';
import type { Asking } from './question.ts';
import { wholeLedger } from './scoped-reader.ts';

/** Whose session may be asked about. */
export interface GuardAsker {
  /** Undefined where nobody is named: then the session says whose it is. */
  readonly user: AskedUser | undefined;
  /** Is it about what whoever asks sends itself? Then also what the scope leaves out decides. */
  readonly isOwn: boolean;
}

/** A dimension that is left out is not known. */
export interface Place {
  readonly dimensions: Readonly<Partial<Record<SessionDimension | 'job', string>>>;
  /** Has the ledger a record of the session, or of the user? */
  readonly isSeen: boolean;
}

/** Throws `forbidden` where somebody is named who may not be asked about. */
export async function guardAsker(named: string | undefined, asking: Asking): Promise<GuardAsker> {
  const { credentials, mayRead } = asking.asker;
  if (named === undefined && credentials.user === undefined) return { user: undefined, isOwn: !mayRead };
  const user = await askedUser(named, asking);
  return { user, isOwn: user.isOwn };
}

/**
 * One of the user's, where one is named: another's is answered as if there were none. A token that only sends and names no user finds those
 * that it sent itself; a reader those within the scope.
 */
export async function guardedSession(
  sessionId: string,
  { user, isOwn }: GuardAsker,
  { reader, asker: { credentials }, config }: Asking,
): Promise<SessionSummary | undefined> {
  if (sessionId === '') return undefined;
  const ledger = isOwn ? wholeLedger(reader) : reader;
  if (user !== undefined) return ledger.sessionSummary(sessionId, [{ dimension: 'user', values: [user.user] }]);
  if (!isOwn) return ledger.sessionSummary(sessionId);
  return ledger.sessionSummary(fullSessionId(storedSessionId(sessionId, realmsOf(config)(credentials))));
}

const realms = new WeakMap<Config, RealmOf>();
const realmsOf = (config: Config): RealmOf =>
  realms.getOrInsertComputed(config, ({ attribution }) => createRealms({ attribution, pseudonymize: userNames(config).pseudonymize }));

/** `session`: undefined where the ledger has no record of it yet. */
export function placeOf(
  session: SessionSummary | undefined,
  { user }: GuardAsker,
  { asker: { credentials }, config }: Pick<Asking, 'asker' | 'config'>,
  people: ReadonlyMap<string, Person>,
): Place {
  const job = jobOf(credentials, config);
  if (session !== undefined) {
    const dimensions = Object.fromEntries(SESSION_DIMENSIONS.map((name) => [name, session[name]]));
    return { dimensions: { ...dimensions, ...(job !== undefined && { job }) }, isSeen: true };
  }
  const isClaimed = config.attribution.claims === 'client' || user?.isOwn === false;
  const { organization = config.organization || undefined, team, workspace } = isClaimed ? {} : credentials;
  const person = user && personOf(user, people);
  const known = { organization: person?.organization ?? organization, team: team ?? person?.team, user: person?.user, workspace, job };
  return { dimensions: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)), isSeen: person?.isSeen !== false };
}

/** Of a token for a whole repository the client alone knows which of its workflows it is. */
const jobOf = ({ job }: Credentials, { attribution }: Config): string | undefined =>
  attribution.claims === 'client' || job?.endsWith('/*') === true ? undefined : job;
