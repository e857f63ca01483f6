/**
 * What happened: one record of a client, interpreted. The type between claude-code/ and the ledger.
 * Nothing in it is content: no prompt, answer, command, path or body.
 */

import type { Dimensions } from '../catalog/measures.ts';
import type { Source } from '../catalog/sources.ts';
import type { PicoUsd } from '../core/money.ts';
import type { Amounts } from '../ledger/entry.ts';
import type { PriceOptions } from '../pricing/price-book.ts';
import type { RequestTokens } from '../pricing/tokens.ts';
import type { Claims } from './attribution/claims.ts';

export interface Usage {
  readonly source: Source;
  /** Bare event name ("api_request") or metric name without prefix ("cost.usage"). */
  readonly kind: string;
  readonly timeMs: number;
  /** False when the sender gave no believable time: then timeMs is when it arrived. */
  readonly isTimeCertain: boolean;
  /** Dated outside the window and not to be booked: then too timeMs is when it arrived. */
  readonly isSetAside?: true;
  /** Where the interval that a data point covers begins, undefined where it does not say; for events the same as timeMs. */
  readonly startMs: number | undefined;
  /** session.id, or '' when the client leaves it out. */
  readonly sessionId: string;
  /** Unique within the session, the same on every delivery that can be recognized (identity.ts): 16 characters. */
  readonly identity: string;
  readonly claims: Claims;
  /** Reported cost; undefined when the record reports none. */
  readonly cost: PicoUsd | undefined;
  /** Set on api_request events. */
  readonly tokens: RequestTokens | undefined;
  /** The record says which of its cache writes were for five minutes and which for an hour. */
  readonly hasLifetimes?: true;
  /** What its price depends on beside its dimensions. */
  readonly circumstances?: Pick<PriceOptions, 'inferenceGeo' | 'webSearches' | 'iterations'>;
  readonly amounts: Amounts;
  /** What the record itself says; attribution adds organization, team, user, workspace, repository. */
  readonly dimensions: Dimensions;
  readonly cumulative?: { readonly series: string; readonly startMs: number };
  /** See Entry. */
  readonly isStandIn?: true;
  /** See Entry. */
  readonly request?: string | undefined;
  /** The client's own number of an event, counted from 0 by each process. */
  readonly sequence?: number;
}

/** Why a record was not accepted, in words for the partial-success message and the counter's label. */
export interface Rejection {
  /** snake_case, a fixed set: the label of ledgerline_receiver_rejected_records_total. */
  readonly reason: string;
  /** Names the key, the value (shortened) and the remedy. */
  readonly message: string;
  /** It is about a record of an import. */
  readonly isImport?: true;
}

/** What interpreting one group of records gave. */
export interface Interpretation {
  readonly usages: readonly Usage[];
  readonly rejections: readonly Rejection[];
  /**
   * Records of senders other than Claude Code and unknown metrics: accepted, counted, not booked. Events of Claude Code
   * with a name nobody documented are counted here too, and booked under the measure events. By name, bounded.
   */
  readonly ignored: ReadonlyMap<string, number>;
  /** Those of the ignored that other services sent, by instrumentation scope, bounded. */
  readonly foreign: ReadonlyMap<string, number>;
  /** Ids of the probes among the ignored, bounded. */
  readonly probes: readonly string[];
  /** Attributes of Claude Code that nobody documented: left unread. By name, bounded. */
  readonly unknownAttributes: ReadonlyMap<string, number>;
  /** Records with a missing or unbelievable time, booked at another time of theirs, else when they arrived. */
  readonly correctedTimes: number;
  /** Records that are dated outside the window and were set aside, by the edge beyond which they lie. */
  readonly outsideWindow: ReadonlyMap<'ahead' | 'back', number>;
  /** When the export arrived, by the collector's clock unless that cannot be right. */
  readonly arrivalMs: number;
}
