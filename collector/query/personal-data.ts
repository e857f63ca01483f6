/** Everything that is kept about a person, for who asks what is known about them; and the questions about an erasure. */
import { DIMENSIONS, type MeasureName } from '../catalog/measures.ts';
import { fullSessionId } from '../catalog/session-ids.ts';
import type { Config } from '../config/config.ts';
import type { FeedFacts, Span, UserFacts } from '../directory/facts.ts';
import { type Erased, Eraser, type PersonalRecords, type Renamed } from '../ledger/erasure.ts';
import type { LedgerReader, LedgerSnapshot } from '../ledger/ledger.ts';
import { freshnessOf, renderAmount, renderInstant, renderKey } from './render.ts';
import { renderSession } from './sessions.ts';

export interface ErasureRequest {
  readonly users: readonly string[];
  /** See Erasure. */
  readonly isRemembered: boolean;
  readonly isTrial: boolean;
  readonly who: string;
}

export interface ErasureOutcome extends Erased {
  /** Rows that held a name. */
  readonly budgets: number;
  readonly alerts: number;
  readonly messages: number;
  /** Combinations of texts of the provider's records. */
  readonly statements: number;
  /** What came over SCIM, and merges. */
  readonly directory: number;
  /** The configuration names the person, which nothing but its author changes. */
  readonly isInConfiguration: boolean;
}

export interface MergeRequest {
  readonly alias: string;
  readonly user: string;
  /** See Renaming. */
  readonly isTrial: boolean;
  readonly who: string;
}

export interface MergeOutcome extends Renamed {
  readonly alias: string;
  readonly user: string;
  /** Rows that held the alias. */
  readonly budgets: number;
  readonly alerts: number;
  readonly messages: number;
}

/** Beyond it the export says that there are more. */
const SESSIONS_MAX = 100_000;
const MEASURES: readonly MeasureName[] = ['cost', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'];
const BY = ['user', 'organization', 'team', 'workspace', 'repository', 'model'] as const;

interface ExportOptions {
  readonly names: readonly string[];
  readonly reader: LedgerReader;
  readonly records: (eraser: Eraser) => Promise<PersonalRecords & { readonly statements: readonly unknown[]; readonly scim: readonly unknown[] }>;
  /** What its feeds say of users. */
  readonly feeds: readonly FeedFacts[];
  readonly config: Pick<Config, 'timezone' | 'limits'>;
  readonly nowMs: number;
}

/** About one instant. Values as stored; what is not known is an empty text. */
export async function exportPerson({ names, reader, records, feeds, config, nowMs }: ExportOptions) {
  // The word that would be put in their place is not: it only finds them.
  const eraser = new Eraser(names, '');
  const ledger = await reader.snapshot((snapshot) => fromLedger(eraser, snapshot, config, nowMs));
  const facts = feeds.flatMap(({ feed, users }) =>
    users.filter((one) => [one.user, ...one.aliases.map(({ name }) => name)].some((name) => eraser.isName(name))).map((one) => ({ feed, ...one })),
  );
  return { names: eraser.names, exported_at: renderInstant(nowMs), ...ledger, directory: facts.map(renderFacts), ...(await records(eraser)) };
}

/** Times as people read them; null where there is no edge. */
const renderFacts = ({ feed, user, displayName, aliases, memberships }: UserFacts & { readonly feed: string }) => ({
  ...{ feed, user, name: displayName ?? null },
  aliases: aliases.map(({ name, ...span }) => ({ name, ...renderSpan(span) })),
  memberships: memberships.map(({ placement, ...span }) => ({ ...placement, ...renderSpan(span) })),
});

const renderSpan = ({ fromMs, toMs }: Span) => ({
  from: Number.isFinite(fromMs) ? renderInstant(fromMs) : null,
  until: Number.isFinite(toMs) ? renderInstant(toMs) : null,
});

async function fromLedger(eraser: Eraser, ledger: LedgerSnapshot, { timezone: timeZone, limits }: ExportOptions['config'], nowMs: number) {
  const people = (await ledger.people()).filter(({ user }) => eraser.value('user', user) !== user);
  // As they are stored, in whatever capitals.
  const users = [...new Set([...eraser.names, ...people.map(({ user }) => user)])];
  const where = [{ dimension: 'user' as const, values: users }];
  const { rows } = await ledger.query({ measures: MEASURES, by: BY, grain: 'month', timeZone, where, rowsMax: limits.query_rows });
  const sessions = await ledger.sessions({ where, limit: SESSIONS_MAX });
  const { asOfMs } = await ledger.status();
  const details = [];
  for (const { sessionId } of sessions) {
    const session = await ledger.session(fullSessionId(sessionId));
    if (session !== undefined) details.push(renderSession(session, freshnessOf(asOfMs, nowMs)));
  }
  return {
    people: people.map(({ firstSeenMs, lastSeenMs, ...owner }) => ({
      ...owner,
      first_seen: renderInstant(firstSeenMs),
      last_seen: renderInstant(lastSeenMs),
    })),
    spend_by_month: rows.map(({ startMs, key, values }) => ({
      month: renderInstant(startMs),
      ...renderKey(BY, key),
      ...Object.fromEntries(MEASURES.map((name, index) => [name === 'cost' ? 'cost_usd' : name, renderAmount(name, values[index] ?? 0n)])),
    })),
    sessions: details,
    has_more_sessions: sessions.length === SESSIONS_MAX,
  };
}

/** How an answer shows users that are not known, who cannot be asked for. */
export const isNobody = (user: string): boolean => user.trim() === '' || user === DIMENSIONS.user.absent;
