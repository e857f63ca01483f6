/**
 * OTLP after decoding and before anyone has asked what it means: the type between otlp/ and claude-code/.
 * Times are integer milliseconds since the epoch (0 when the sender gave none that is a date), cut without rounding up.
 */

import type { Refusal } from '../catalog/refusals.ts';
import type { Credentials } from '../server/auth.ts';
import type { Attributes } from './attribution/claims.ts';

export type OtlpSignal = 'logs' | 'metrics' | 'traces';

/** Records that share a resource and an instrumentation scope. */
export interface ScopeRecords<Item> {
  readonly resource: Attributes;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly records: readonly Item[];
}

export interface LogRecord {
  readonly timeMs: number;
  /** When something between the client and here first saw it. */
  readonly observedMs: number;
  /** LogRecord.event_name; Claude Code leaves it empty. */
  readonly eventName: string;
  /** The body when it is a string, else ''. */
  readonly body: string;
  readonly attributes: Attributes;
}

export type Temporality = 'unspecified' | 'delta' | 'cumulative';

/** One number data point of a sum or a gauge, with the metric it belongs to. */
export interface DataPoint {
  /** Counts the Metric messages of an export: alike points of one message are parts of one, those of different messages are repeats. */
  readonly message: number;
  readonly metric: string;
  readonly unit: string;
  /** Points of histograms and summaries are decoded as 'other', so that they can be rejected by name. */
  readonly type: 'sum' | 'gauge' | 'other';
  readonly temporality: Temporality;
  readonly startMs: number;
  readonly timeMs: number;
  /** NaN when the point carries no number. */
  readonly value: number;
  readonly attributes: Attributes;
}

export interface Span {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
}

/** One export after decoding. Spans are counted, and kept only where their sender's are wanted (Credentials.sends). */
export type Export =
  | { readonly signal: 'logs'; readonly scopes: readonly ScopeRecords<LogRecord>[] }
  | { readonly signal: 'metrics'; readonly scopes: readonly ScopeRecords<DataPoint>[] }
  | { readonly signal: 'traces'; readonly spans: number; readonly scopes: readonly ScopeRecords<Span>[] };

/** What happened to an accepted export. Rejected records are reported as OTLP partial success. */
export interface IngestOutcome {
  readonly accepted: number;
  readonly rejected: number;
  /** Why, for the partial-success message: each reason once, with its count. Empty when nothing was rejected. */
  readonly message: string;
  /** What was rejected, ignored or corrected, by kind. Left out when there is nothing of it. */
  readonly refusals?: readonly Refusal[];
}

/** The one verb of the receiver. Resolves after the ledger has committed. Throws LedgerlineError otherwise. */
export type Ingest = (received: Export, credentials: Credentials) => Promise<IngestOutcome>;
