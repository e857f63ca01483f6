/**
 * Each request once. A response is written as a line for each of its blocks, with the usage on each, and early ones hold placeholders; resumed and
 * forked sessions copy what was before into files of their own, and side chains repeat messages of their session under new request ids.
 */
import { LedgerlineError } from '../../core/error.ts';
import { framedKey } from '../../core/framed.ts';
import { type TranscriptRequest, totalOf } from './request.ts';

/** A request with what makes it recognizable wherever it is found again. */
export interface CollectedRequest extends TranscriptRequest {
  readonly key: string;
}

/** About 400 bytes each. */
const REQUESTS_MAX = 2_000_000;

interface Kept {
  readonly request: CollectedRequest;
  /** Other sessions that have a copy of it. */
  readonly others: readonly string[];
}

export class TranscriptRequests {
  readonly #kept = new Map<string, Kept>();
  /** When each session ended. */
  readonly #ends = new Map<string, number>();
  /** Lines that said the same request again. */
  repeats = 0;
  readonly #requestsMax: number;

  constructor(requestsMax = REQUESTS_MAX) {
    this.#requestsMax = requestsMax;
  }

  /** Reads the lines of one file, in their order. */
  file(): (request: TranscriptRequest) => CollectedRequest {
    let before: CollectedRequest | undefined;
    return (request) => {
      const key = hasId(request) || before === undefined || !continues(request, before) ? keyOf(request) : before.key;
      before = { ...request, key };
      this.#add(before);
      return before;
    };
  }

  #add(request: CollectedRequest): void {
    this.#ends.set(request.sessionId, Math.max(this.#ends.get(request.sessionId) ?? 0, request.timeMs));
    const known = this.#kept.get(request.key);
    if (known === undefined) {
      if (this.#kept.size >= this.#requestsMax) throw tooMany(this.#requestsMax);
      this.#kept.set(request.key, { request, others: [] });
      return;
    }
    this.repeats++;
    this.#kept.set(request.key, merge(known, request));
  }

  /** By session and time. */
  all(): readonly CollectedRequest[] {
    const onMain = new Set<string>();
    for (const { request } of this.#kept.values()) if (!request.isSidechain && request.messageId !== '') onMain.add(request.messageId);
    const chosen: CollectedRequest[] = [];
    for (const { request, others } of this.#kept.values()) {
      if (request.isSidechain && onMain.has(request.messageId)) this.repeats++;
      else chosen.push(others.length === 0 ? request : { ...request, sessionId: this.#firstEnded([request.sessionId, ...others]) });
    }
    return chosen.sort((one, other) => compare(one.sessionId, other.sessionId) || one.timeMs - other.timeMs || compare(one.key, other.key));
  }

  /** What goes on has the copies. */
  #firstEnded(sessions: readonly string[]): string {
    const ends = [...new Set(sessions)].toSorted((one, other) => (this.#ends.get(one) ?? 0) - (this.#ends.get(other) ?? 0) || compare(one, other));
    return ends[0] ?? '';
  }
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const hasId = ({ messageId, requestId }: TranscriptRequest): boolean => messageId !== '' || requestId !== '';

function keyOf({ messageId, requestId, uuid, sessionId, timeMs }: TranscriptRequest): string {
  if (messageId !== '' || requestId !== '') return framedKey([messageId, requestId]);
  return uuid === '' ? framedKey(['', '', sessionId, String(timeMs)]) : framedKey(['', '', uuid]);
}

/** Is it another block of the same response? Where there are no ids: it follows on it, and had the same prompt. */
function continues(request: TranscriptRequest, before: CollectedRequest): boolean {
  const [own, other] = [request.tokens, before.tokens];
  return (
    request.parentUuid !== '' &&
    request.parentUuid === before.uuid &&
    request.model === before.model &&
    own.input === other.input &&
    own.cacheRead === other.cacheRead &&
    own.cacheCreation === other.cacheCreation
  );
}

function merge(known: Kept, request: CollectedRequest): Kept {
  const { request: kept } = known;
  const others = request.sessionId === kept.sessionId ? known.others : [...known.others, request.sessionId];
  const better = isBetter(request, kept) ? request : kept;
  return { request: { ...better, sessionId: kept.sessionId, timeMs: Math.max(kept.timeMs, request.timeMs) }, others };
}

function isBetter(one: TranscriptRequest, other: TranscriptRequest): boolean {
  if (one.isSidechain !== other.isSidechain) return !one.isSidechain;
  const more = totalOf(one.tokens) - totalOf(other.tokens);
  return more !== 0 ? more > 0 : one.speed !== undefined && other.speed === undefined;
}

const tooMany = (max: number): LedgerlineError =>
  new LedgerlineError('too_large', `These transcripts have more than ${max} requests.`, { hint: 'Import them in parts: name single folders.' });
