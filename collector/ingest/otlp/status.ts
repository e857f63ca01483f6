/**
 * The one table that says how every outcome is answered. Retryable outcomes are exactly those after which nothing was
 * committed and the same bytes may succeed later; everything else would only make a sender repeat itself.
 */
import type { RefusalKind } from '../../catalog/refusals.ts';
import type { LedgerlineError } from '../../core/error.ts';

export interface Reply {
  readonly http: number;
  readonly grpc: number;
  readonly retryable: boolean;
  /** Seconds until a retry makes sense. Short, because Claude Code leaves two seconds after its last flush began. */
  readonly retryAfterSeconds?: number;
}

/** Codes of google.rpc.Code that the table uses. */
export const GRPC = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const final = (http: number, grpc: number): Reply => ({ http, grpc, retryable: false });
const again = (retryAfterSeconds: number): Reply => ({ http: 503, grpc: GRPC.unavailable, retryable: true, retryAfterSeconds });

export const REPLIES = {
  accepted: final(200, GRPC.ok),
  /** Some records were rejected for good; the rest is committed. */
  partial: final(200, GRPC.ok),
  malformed: final(400, GRPC.invalidArgument),
  /** The same bytes made the collector fail again and again, so they are refused instead of being asked for once more. */
  poison: final(400, GRPC.invalidArgument),
  unauthenticated: final(401, GRPC.unauthenticated),
  forbidden: final(403, GRPC.permissionDenied),
  not_found: final(404, GRPC.unimplemented),
  method_not_allowed: final(405, GRPC.unimplemented),
  /** The body did not arrive within limits.request_ms. */
  timeout: final(408, GRPC.deadlineExceeded),
  too_large: final(413, GRPC.resourceExhausted),
  /** Too many wrong tokens from one address. 429 is retried by every exporter, so it may as well be said when. */
  rate_limited: { http: 429, grpc: GRPC.resourceExhausted, retryable: true, retryAfterSeconds: 2 },
  unsupported_media_type: final(415, GRPC.unimplemented),
  unsupported_encoding: final(415, GRPC.unimplemented),
  /** The sender went away in mid-body. Nothing was ingested and nobody reads the answer; the row exists to be counted. */
  aborted: final(400, GRPC.invalidArgument),
  busy: again(1),
  shutting_down: again(1),
  unavailable: again(1),
  /** Our own fault before the commit: 503, because Claude Code treats 500 as final and would lose the data. */
  internal: again(2),
} as const satisfies Record<string, Reply>;

export type Outcome = keyof typeof REPLIES;

export const replyOf = (outcome: Outcome): Reply => REPLIES[outcome];

const OUTCOME_OF_CODE = {
  invalid: 'malformed',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  not_found: 'not_found',
  too_large: 'too_large',
  rate_limited: 'rate_limited',
  unsupported: 'unsupported_encoding',
  unavailable: 'unavailable',
  internal: 'internal',
} as const satisfies Record<LedgerlineError['code'], Outcome>;

/** What a request refused as a whole counts as, where nothing more is known about it. A collector that shuts down is no fault. */
export const KIND_OF_OUTCOME: Readonly<Partial<Record<Outcome, RefusalKind>>> = {
  malformed: 'undecodable',
  poison: 'collector_failed',
  unauthenticated: 'token_unknown',
  rate_limited: 'token_unknown',
  forbidden: 'token_forbidden',
  not_found: 'wrong_path',
  method_not_allowed: 'not_an_export',
  timeout: 'timeout',
  too_large: 'limit',
  unsupported_media_type: 'wrong_content_type',
  unsupported_encoding: 'wrong_compression',
  aborted: 'aborted',
  busy: 'limit',
  unavailable: 'collector_failed',
  internal: 'collector_failed',
};

export const outcomeOf = (error: LedgerlineError): Outcome => OUTCOME_OF_CODE[error.code];
