/** The receiver's straight line for one export, the same for every transport: admit, decode, ingest, answer. Never throws. */
import type { Limits } from '../../config/config.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { Credentials } from '../../server/auth.ts';
import type { Ingest, IngestOutcome, OtlpSignal } from '../telemetry.ts';
import { Admission } from './admission.ts';
import type { Decoded, Malformed } from './decode/decoded.ts';
import { decodeJson } from './decode/json/request.ts';
import { decodeProtobuf } from './decode/protobuf/request.ts';
import { type DecodeLimits, describeLeftOut, LimitError } from './limits.ts';
import type { Encoding, LimitName, ReceiverObserver } from './observer.ts';
import { PoisonMemory } from './poison.ts';
import { type Outcome, outcomeOf } from './status.ts';

export interface ExportRequest {
  readonly signal: OtlpSignal;
  readonly encoding: Encoding;
  /** Decompressed. */
  readonly body: Uint8Array;
  readonly credentials: Credentials;
  /** How long to wait for a place when the collector is busy; 0 to be answered at once. */
  readonly waitMs: number;
}

export interface Answer {
  readonly outcome: Outcome;
  readonly accepted: number;
  readonly rejected: number;
  /** For the sender: the partial-success message, or what is wrong. Empty when all is well. */
  readonly message: string;
}

export interface ExportHandler {
  handle(request: ExportRequest): Promise<Answer>;
  /** The answer for an error met before the request got here, or instead of it. */
  refuse(error: unknown): Answer;
  readonly admission: Admission;
  pending(): number;
  /** From now on every export is answered that the collector is shutting down. */
  close(): void;
  closed(): boolean;
}

export interface ExportHandlerOptions {
  readonly limits: Limits;
  readonly ingest: Ingest;
  readonly observer: ReceiverObserver;
}

export const refusal = (outcome: Outcome, message: string): Answer => ({ outcome, accepted: 0, rejected: 0, message });

export function createExportHandler({ limits, ingest, observer }: ExportHandlerOptions): ExportHandler {
  const admission = new Admission(limits);
  const poison = new PoisonMemory();
  let closed = false;

  const refuse = (thrown: unknown): Answer => {
    const error = LedgerlineError.from(thrown);
    if (error instanceof LimitError) observer.limitHit(error.limit);
    else if (error.code === 'internal' || error.code === 'unavailable') observer.failed(error);
    const outcome = error instanceof LimitError && error.code === 'unavailable' ? 'busy' : outcomeOf(error);
    return refusal(outcome, error.hint === '' ? error.message : `${error.message} ${error.hint}`);
  };

  const decode = ({ signal, encoding, body }: ExportRequest): Decoded =>
    encoding === 'protobuf' ? decodeProtobuf(signal, body, limits) : decodeJson(signal, body, limits);

  const run = async (request: ExportRequest): Promise<Answer> => {
    const decoded = decode(request);
    for (const [limit, records] of decoded.refused) for (let record = 0; record < records; record++) observer.limitHit(limit);
    if (decoded.malformed.records > 0) observer.malformed(decoded.malformed.records);
    // An export without records has nothing to be made durable.
    const outcome = decoded.records === 0 ? NOTHING : await ingest(decoded.received, request.credentials);
    return answerOf(decoded, outcome, limits);
  };

  const runGuarded = async (request: ExportRequest): Promise<Answer> => {
    try {
      return await run(request);
    } catch (thrown) {
      const answer = refuse(thrown);
      if (answer.outcome !== 'internal' || !poison.failedAgain(request.body)) return answer;
      return refusal('poison', 'The collector failed on this export several times and will not accept it. See its log for details.');
    }
  };

  const handle = async (request: ExportRequest): Promise<Answer> => {
    if (closed) return refusal('shutting_down', 'The collector is shutting down.');
    const entered = admission.enter(request.waitMs);
    if (!(typeof entered === 'boolean' ? entered : await entered)) {
      const limit: LimitName = request.waitMs === 0 ? 'limits.pending_exports' : 'limits.pending_wait_ms';
      observer.limitHit(limit);
      return refusal('busy', `The ledger is behind: ${limit} (${limits[request.waitMs === 0 ? 'pending_exports' : 'pending_wait_ms']}) is reached.`);
    }
    try {
      return await runGuarded(request);
    } finally {
      admission.leave();
    }
  };

  return {
    handle,
    refuse,
    admission,
    pending: () => admission.pending,
    close: () => {
      closed = true;
    },
    closed: () => closed,
  };
}

function describeMalformed({ records, messages }: Malformed): string {
  const more = records - messages.length;
  return [...messages, ...(more > 0 ? [`And ${more} more malformed records.`] : [])].join(' ');
}

const NOTHING: IngestOutcome = { accepted: 0, rejected: 0, message: '' };

function answerOf(decoded: Decoded, outcome: IngestOutcome, limits: DecodeLimits): Answer {
  const reasons = outcome.message === '' ? [] : [outcome.message];
  let rejected = outcome.rejected + decoded.malformed.records;
  if (decoded.malformed.records > 0) reasons.push(describeMalformed(decoded.malformed));
  for (const [limit, records] of decoded.refused) {
    rejected += records;
    reasons.push(describeLeftOut(limit, records, limits));
  }
  return { outcome: rejected === 0 ? 'accepted' : 'partial', accepted: outcome.accepted, rejected, message: reasons.join(' ') };
}
