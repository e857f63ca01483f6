/**
 * What listens on the API's port: health is answered here, everything else by the reader's thread, a bounded number at a time. Nothing that
 * a reader asks runs on this thread.
 */
import { Agent, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Config } from '../../config/config.ts';
import { LedgerlineError } from '../../core/error.ts';
import { limitedBy } from '../../server/address.ts';
import { peerOf } from '../../server/reader-gate.ts';
import { sendProblem } from '../problem.ts';
import { Crowd } from './crowd.ts';
import type { Guard } from './guard.ts';
import { KeptAnswers } from './kept-answers.ts';
import { Lane } from './lane.ts';
import { ReadLimitError, type ReadLimitName } from './read-limit.ts';
import { bodyOf, relay } from './relay.ts';
import { Together } from './together.ts';
import { isHeavy, isOfGuard, mayLast } from './weight.ts';

export interface FrontOptions {
  readonly limits: Pick<Config['limits'], 'queries' | 'queries_waiting' | 'query_ms'>;
  /** Lets requests in; also those for health. */
  readonly guard: Guard;
  /** Answers /healthz and /readyz. */
  readonly health: RequestListener;
  /** Where the reader's thread listens. */
  readonly socketPath: string;
  readonly limitHit: (limit: ReadLimitName) => void;
  /** Without a byte taken for so long, a client is cut off. Default: STALLED_MS. */
  readonly stalledMs?: number;
}

const STALLED_MS = 10_000;
/** Pages, their files and small questions: at once, however many heavy ones there are. */
const LIGHT_MAX = 16;
/** Hooks ask all at once when work begins, and again after a stop. */
const ASKING_MAX = 4_000;
/** Of the reader's thread, which answers one after the other: more connections to it would only be more work. */
const ASKING_SOCKETS = 16;
const HEALTH = /^\/(?:healthz|readyz)\/?(?:\?|$)/i;
const GONE = new LedgerlineError('unavailable', 'The client has gone.');

export function createFront(options: FrontOptions): RequestListener {
  const { limits, guard, health, limitHit, socketPath, stalledMs = STALLED_MS } = options;
  const agent = new Agent({ keepAlive: true, maxFreeSockets: LIGHT_MAX });
  const heavy = new Lane({ runningMax: limits.queries, waitingMax: limits.queries_waiting });
  const light = new Lane({ runningMax: LIGHT_MAX, waitingMax: limits.queries_waiting });
  const asking = new Crowd(ASKING_MAX);
  const askingAgent = new Agent({ keepAlive: true, maxSockets: ASKING_SOCKETS, maxFreeSockets: ASKING_SOCKETS });
  const kept = new KeptAnswers();
  const together = new Together({ socketPath, agent: askingAgent, timeoutMs: limits.query_ms });

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const ending = new AbortController();
    response.once('close', () => ending.abort(GONE));
    const isBounded = !mayLast(request.method, request.url);
    const deadline = isBounded ? setTimeout(() => ending.abort(tooLong(limits.query_ms)), limits.query_ms) : undefined;
    const onAnswer = (): void => {
      clearTimeout(deadline);
      cutOffWhenStalled(response, stalledMs);
    };
    try {
      await guard(request);
      if (HEALTH.test(request.url ?? '')) {
        onAnswer();
        return health(request, response);
      }
      if (kept.answer(request, response)) return onAnswer();
      const body = await bodyOf(request);
      const peer = peerOf(request);
      const { signal } = ending;
      const address = limitedBy(peer.address);
      const options = { socketPath, peer, body, signal, onAnswer, kept };
      if (isOfGuard(request.url ?? '')) {
        const leave = asking.enter(address);
        return await (request.method === 'GET' ? together.answer(request, response) : Promise.resolve(false))
          .then((isAnswered) => (isAnswered ? undefined : relay(request, response, { ...options, agent: askingAgent })))
          .finally(leave);
      }
      const leave = await (isHeavy(request.url ?? '') ? heavy : light).enter(address, signal);
      await relay(request, response, { ...options, agent }).finally(leave);
    } finally {
      clearTimeout(deadline);
    }
  };

  return (request, response) => {
    pass(request, response).catch((thrown: unknown) => {
      if (thrown instanceof ReadLimitError) limitHit(thrown.limit);
      // Half of an answer must not be taken for the whole.
      if (response.headersSent || response.destroyed) response.destroy();
      else sendProblem(response, LedgerlineError.from(thrown));
    });
  };
}

/** Once it takes nothing of what waits for it. While nothing waits, it is the reader who is slow: of an export, between two periods. */
function cutOffWhenStalled(response: ServerResponse, stalledMs: number): void {
  response.setTimeout(stalledMs);
  response.on('timeout', () => {
    if (response.writableLength > 0) response.destroy();
    else response.setTimeout(stalledMs); // It is over after each.
  });
}

const tooLong = (queryMs: number): ReadLimitError =>
  new ReadLimitError(
    'limits.query_ms',
    `The answer took longer than ${queryMs / 1000} s (limits.query_ms).`,
    'Ask for less at once: a shorter time, fewer dimensions, or filters; or ask again when fewer others do.',
  );
