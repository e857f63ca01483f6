/** Sessions as the ledger answers them. */

import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { Source } from '../catalog/sources.ts';
import type { PicoUsd } from '../core/money.ts';

/** What a session cost under one of its owners. Values as stored. */
export interface SessionShare {
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly cost: PicoUsd;
}

/** Whose a session is. It changes hands when another user logs in, or when the user changes team. */
export const OWNER_DIMENSIONS = ['organization', 'team', 'user'] as const satisfies readonly DimensionName[];

export interface SessionSummary {
  /** As stored: catalog/session-ids.ts says how it is shown. */
  readonly sessionId: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly workspace: string;
  readonly repository: string;
  readonly clientVersion: string;
  readonly terminal: string;
  /** Booked. Where a question names owners, what it cost under them, and the owner above is one of them. */
  readonly cost: PicoUsd;
  /** Under each owner, the largest first; empty while it has had one. What is of entries that were removed is the last one's. */
  readonly shares: readonly SessionShare[];
  /** What each source says it cost. */
  readonly costBySource: Readonly<Record<Source, PicoUsd>>;
}

export interface Session extends SessionSummary {
  /** Others that their clients call the same, the largest first: of owners whom other tokens name. */
  readonly also: readonly SessionSummary[];
  /** Every measure, summed over the session. */
  readonly totals: Readonly<Record<MeasureName, bigint>>;
  readonly models: readonly { readonly model: string; readonly totals: Readonly<Record<MeasureName, bigint>> }[];
  /** Entries that came so late that it could not be booked again for them: their cost is in cost_unreconciled. */
  readonly heldBackEntries: number;
}

/** Who sends, as `doctor` and the Trust view ask it. */
export interface Sender {
  readonly user: string;
  readonly team: string;
  readonly clientVersion: string;
  readonly sessions: number;
  readonly lastSeenMs: number;
}

export type SessionOrder = 'last_seen' | 'cost' | 'duration';

/** By what a list of sessions can be filtered: any of its owners, and the place where it was last seen. */
export type SessionDimension = Extract<DimensionName, 'organization' | 'team' | 'user' | 'workspace' | 'repository'>;

export const SESSION_DIMENSIONS: readonly SessionDimension[] = ['organization', 'team', 'user', 'workspace', 'repository'];

export interface SessionsQuery {
  /** Last seen at or after; omitted: since the beginning. */
  readonly fromMs?: number | undefined;
  /** Last seen before; omitted: without end. */
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** Largest first: the newest, the most expensive (booked cost), the longest from first to last record. Omitted: last_seen. */
  readonly order?: SessionOrder | undefined;
  readonly where?: readonly { readonly dimension: SessionDimension; readonly values: readonly string[] }[] | undefined;
}

export interface SessionBandsQuery extends Pick<SessionsQuery, 'where'> {
  /** Last seen at or after. */
  readonly fromMs: number;
  /** Booked costs, ascending, at which the next band begins. */
  readonly edges: readonly PicoUsd[];
}

/** Sessions of one organization that cost alike. Values as stored. */
export interface SessionBand {
  readonly organization: string;
  /** How many of the edges their booked cost reaches. */
  readonly band: number;
  readonly sessions: number;
}
