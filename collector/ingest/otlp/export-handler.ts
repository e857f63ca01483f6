/** The receiver's straight line for one export, the same for every transport: admit, decode, ingest, answer. Never throws. */
import type { Refusal } from '../../catalog/refusals.ts';
import type { Limits } from '../../config/config.ts';
import { LedgerlineError } from '../../core/error.ts';
import { atOnce, inTurns, turn } from '../../core/turn.ts';
import type { Credentials } from '../../server/auth.ts';
import type { Ingest, IngestOutcome, OtlpSignal } from '../telemetry.ts';
import type { Holding } from './account.ts';
import { Admission, holdWithin, SMALL_RECORDS } from './admission.ts';
import type { Decoded, Malformed } from './decode/decoded.ts';
import { decoding, measure } from './decode/decoding.ts';
import type { EncodedExport } from './decode/other-signal.ts';
import type { BodySize } from './decode/size.ts';
import { type Compression, inflateLarge, SmallInflater } from './inflate.ts';
import { Lane } from './lane.ts';
import { type DecodeLimits, describeLeftOut, LimitError, type SizeLimit, tooManyBytesPending, tooManyRecordsPending } from './limits.ts';
import type { Encoding, LimitName, ReceiverObserver } from './observer.ts';
import { PoisonMemory } from './poison.ts';
import { type Reason, RefusedError } from './refused-error.ts';
import { KIND_OF_OUTCOME, type Outcome, outcomeOf } from './status.ts';

export interface ExportRequest {
  readonly signal: OtlpSignal;
  readonly encoding: Encoding;
  /** As sent. */
  readonly body: Buffer;
  readonly compression: Compression;
  /** Of the body as sent and after decompression. */
  readonly limit: SizeLimit;
  readonly credentials: Credentials;
  /** What it holds of admission.bytes. Whoever opened it releases it when the export is answered. */
  readonly holding: Holding;
  /** How long to wait for a place when the collector is busy; 0 to be answered at once. */
  readonly waitMs: number;
  /** Called with the size after decompression, once that is known. */
  readonly onSize: (bytes: number) => void;
}

export interface Answer {
  readonly outcome: Outcome;
  readonly accepted: number;
  readonly rejected: number;
  /** For the sender: the partial-success message, or what is wrong. Empty when all is well. */
  readonly message: string;
  /** Why, by kind. Left out when all is well. */
  readonly refusals?: readonly Refusal[];
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

/** The answer to a request that is refused as a whole. `reason` says more than the outcome does. */
export function refusal(outcome: Outcome, message: string, reason: Partial<Reason> = {}): Answer {
  const kind = reason.kind ?? KIND_OF_OUTCOME[outcome];
  const answer = { outcome, accepted: 0, rejected: 0, message };
  return kind === undefined ? answer : { ...answer, refusals: [{ kind, detail: reason.detail ?? '', count: 1 }] };
}

export function createExportHandler({ limits, ingest, observer }: ExportHandlerOptions): ExportHandler {
  const admission = new Admission(limits);
  const poison = new PoisonMemory();
  const lane = new Lane();
  const inflater = new SmallInflater();
  let closed = false;

  const refuse = (thrown: unknown): Answer => {
    const error = LedgerlineError.from(thrown);
    if (error instanceof LimitError) observer.limitHit(error.limit);
    else if (error.code === 'internal' || error.code === 'unavailable') observer.failed(error);
    const outcome = error instanceof LimitError && error.code === 'unavailable' ? 'busy' : outcomeOf(error);
    return refusal(outcome, error.hint === '' ? error.message : `${error.message} ${error.hint}`, reasonOf(error));
  };

  /** No async function: its frame would keep the records until they are durable. */
  const ingestDecoded = ({ received, ...tally }: Decoded, credentials: Credentials): Promise<Answer> => {
    for (const [limit, records] of tally.refused) for (let record = 0; record < records; record++) observer.limitHit(limit);
    if (tally.malformed.records > 0) observer.malformed(tally.malformed.records);
    // An export without records has nothing to be made durable.
    const booked = tally.records === 0 ? Promise.resolve(NOTHING) : ingest(received, credentials);
    return booked.then((outcome) => answerOf(tally, outcome, limits));
  };

  /** A small export is decoded and handed on at once. What is large, or may be, waits for its turn, and is decompressed only then. */
  const run = async (request: ExportRequest, records: Holding): Promise<Answer> => {
    const inflated = inflater.inflate(request);
    const body = inflated instanceof Promise ? await inflated : inflated;
    const size = body === undefined ? undefined : measure({ ...request, body }, limits);
    // No more than that is ever built.
    const recordsMax = limits.records_per_export;
    const held = holdWithin(records, Math.min(size?.records ?? recordsMax, recordsMax), request.waitMs);
    if (!(typeof held === 'boolean' ? held : await held)) throw tooManyRecordsPending(limits.pending_records);
    if (body === undefined || size === undefined || !isSmall(size)) {
      return lane.run(() => decodeLarge(request, limits).then((decoded) => ingestDecoded(decoded, request.credentials)));
    }
    request.onSize(body.length);
    if (body !== request.body && !request.holding.add(body.length)) throw tooManyBytesPending();
    return ingestDecoded(atOnce(decoding(wanted(request, body), limits)), request.credentials);
  };

  const runGuarded = async (request: ExportRequest): Promise<Answer> => {
    const records = admission.records.open(request.holding.address);
    try {
      return await run(request, records);
    } catch (thrown) {
      const answer = refuse(thrown);
      if (answer.outcome !== 'internal' || !poison.failedAgain(request.body)) return answer;
      return refusal('poison', 'The collector failed on this export several times and will not accept it. See its log for details.', {
        detail: 'poison',
      });
    } finally {
      records.release();
    }
  };

  const handle = async (request: ExportRequest): Promise<Answer> => {
    if (closed) return refusal('shutting_down', 'The collector is shutting down.');
    const entered = admission.enter(request.waitMs);
    if (!(typeof entered === 'boolean' ? entered : await entered)) {
      const limit: LimitName = request.waitMs === 0 ? 'limits.pending_exports' : 'limits.pending_wait_ms';
      observer.limitHit(limit);
      return refusal('busy', `The ledger is behind: ${limit} (${limits[request.waitMs === 0 ? 'pending_exports' : 'pending_wait_ms']}) is reached.`, {
        detail: limit,
      });
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

/** What can be decoded and interpreted without a pause. */
const SMALL_DECODED_BYTES = 512 * 1024;
const isSmall = ({ records, decodedBytes }: BodySize): boolean => records <= SMALL_RECORDS && decodedBytes <= SMALL_DECODED_BYTES;

/** Spans of anybody else are of no use, and so left unread. */
const wanted = (request: ExportRequest, body: Uint8Array): EncodedExport => ({
  ...{ signal: request.signal, encoding: request.encoding, body },
  keepsSpans: request.credentials.sends === 'api_spans',
});

/** The body is gone when this resolves. */
async function decodeLarge(request: ExportRequest, limits: Limits): Promise<Decoded> {
  await turn();
  const body = await inflateLarge(request);
  request.onSize(body.length);
  measure({ ...request, body }, limits);
  return inTurns(decoding(wanted(request, body), limits));
}

function reasonOf(error: LedgerlineError): Partial<Reason> {
  if (error instanceof RefusedError) return error.reason;
  return error.code === 'internal' || error.code === 'unavailable' ? { detail: error.code } : {};
}

function describeMalformed({ records, messages }: Malformed): string {
  const more = records - messages.length;
  return [...messages, ...(more > 0 ? [`And ${more} more malformed records.`] : [])].join(' ');
}

const NOTHING: IngestOutcome = { accepted: 0, rejected: 0, message: '' };

/** What became of the records, without them. */
type DecodedTally = Omit<Decoded, 'received'>;

function answerOf(decoded: DecodedTally, outcome: IngestOutcome, limits: DecodeLimits): Answer {
  const reasons = outcome.message === '' ? [] : [outcome.message];
  let rejected = outcome.rejected + decoded.malformed.records;
  if (decoded.malformed.records > 0) reasons.push(describeMalformed(decoded.malformed));
  for (const [limit, records] of decoded.refused) {
    rejected += records;
    reasons.push(describeLeftOut(limit, records, limits));
  }
  const answer = { outcome: rejected === 0 ? 'accepted' : 'partial', accepted: outcome.accepted, rejected, message: reasons.join(' ') } as const;
  const isWell = decoded.malformed.records === 0 && decoded.refused.size === 0;
  if (isWell && outcome.refusals === undefined) return answer;
  return { ...answer, refusals: [...refusalsOf(decoded), ...(outcome.refusals ?? [])] };
}

function refusalsOf({ malformed, refused }: DecodedTally): readonly Refusal[] {
  const limits = [...refused].map(([limit, count]): Refusal => ({ kind: 'record_limit', detail: limit, count }));
  return malformed.records === 0 ? limits : [...limits, { kind: 'rejected', detail: 'malformed', count: malformed.records }];
}
