/** Sessions as the ledger answers them. */

import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { Source } from '../catalog/sources.ts';
import type { Filter } from '../catalog/values.ts';
import type { PicoUsd } from '../core/money.ts';

/** Two users, the first by its bytes first, and how many sessions both had a part of. */
export interface SharedSessions {
  readonly users: readonly [string, string];
  readonly sessions: number;
}

/** A session that more users had a part of is an id that many clients send, and says nothing of any two; their pairs are their square. */
export const SHARERS_MAX = 20;

/** What a session cost under one of its owners. Values as stored. */
export interface SessionShare {
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly cost: PicoUsd;
}

/** Whose a session is. It changes hands when another user logs in, or when the user changes team. */
export const OWNER_DIMENSIONS = ['organization', 'team', 'user'] as const satisfies readonly DimensionName[];

/** By what sessions can be filtered. Of most sessions each has one value throughout; of a few it changes. */
export const SESSION_DIMENSIONS = ['organization', 'team', 'user', 'workspace', 'repository'] as const satisfies readonly DimensionName[];
export type SessionDimension = (typeof SESSION_DIMENSIONS)[number];

export interface SessionFilter extends Filter {
  readonly dimension: SessionDimension;
}

export const isSessionFilter = (filter: Filter): filter is SessionFilter => SESSION_DIMENSIONS.some((name) => name === filter.dimension);

/** All filters together: what is inside has a value of each of them. A part of a session may be. */
export type Within = readonly SessionFilter[];

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
  /** Booked. Where a question has filters, what it cost within them, and owner, workspace and repository above are inside. */
  readonly cost: PicoUsd;
  /** Under each owner within what the reader may see, the largest first; empty where that is one. */
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

/** Who sends, as `doctor` and the Trust view ask it. Values as stored. */
export interface Sender {
  readonly user: string;
  readonly team: string;
  /** Of CI: what has one needs no user. */
  readonly job: string;
  readonly clientVersion: string;
  readonly sessions: number;
  readonly lastSeenMs: number;
}

export type SessionOrder = 'last_seen' | 'cost' | 'duration';

/** A place in the order of a list. */
export type SessionPlace = Pick<SessionSummary, 'sessionId' | 'firstSeenMs' | 'lastSeenMs' | 'cost'>;

export interface SessionsQuery {
  /** Last seen at or after; omitted: since the beginning. */
  readonly fromMs?: number | undefined;
  /** Last seen before; omitted: without end. */
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** Largest first: the newest, the most expensive (booked cost), the longest from first to last record. Omitted: last_seen. */
  readonly order?: SessionOrder | undefined;
  /** A session is listed with what it cost within them, if any of it is inside. */
  readonly where?: Within | undefined;
  /** What the reader may see: narrows shares, too. */
  readonly within?: Within | undefined;
  /** Only what comes after it in this order, of the same filters: the last of the page before. */
  readonly after?: SessionPlace | undefined;
  /** How its stored id begins. */
  readonly idPrefix?: string | undefined;
  /** How its id as shown begins, or a part of its user, team, workspace or repository as shown; in any capitals. */
  readonly search?: string | undefined;
}

/** Which sessions are counted. */
export type SessionCountQuery = Pick<SessionsQuery, 'fromMs' | 'toMs' | 'where' | 'within' | 'search'>;

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
