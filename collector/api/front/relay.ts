/** One request passed on to the thread that answers it, and its answer passed back as fast as the client reads. */
import { type Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { ROUTES } from '../../catalog/names.ts';
import { LedgerlineError } from '../../core/error.ts';
import { PEER_HEADER, type Peer, peerHeader } from '../../server/reader-gate.ts';
import { BODY_MAX, SCIM_BODY_MAX } from '../json-body.ts';
import { compress, gzipOnTheWay } from './compression.ts';
import type { KeptAnswers } from './kept-answers.ts';

/** About one connection, and not for the next one. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect']);

/** One byte more than is accepted, so that whoever answers sees that there was more. */
const readMaxOf = (url = ''): number => (url.startsWith(`${ROUTES.scim}/`) ? SCIM_BODY_MAX : BODY_MAX) + 1;

/** The body, read before a place is taken: a client that sends slowly keeps nobody else from it. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return undefined;
  const chunks: Buffer[] = [];
  const readMax = readMaxOf(request.url);
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    if (bytes < readMax) chunks.push(part.subarray(0, readMax - bytes));
    bytes += part.byteLength;
  }
  return Buffer.concat(chunks);
}

export interface RelayOptions {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly peer: Peer;
  readonly body: Buffer | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The answer begins: from now on it is only sent. */
  readonly onAnswer: () => void;
  /** Takes what never changes. */
  readonly kept: KeptAnswers;
}

/** Resolves when the answer has been sent. Rejects with the signal's reason, or `unavailable` when nobody answers. */
export async function relay(request: IncomingMessage, response: ServerResponse, options: RelayOptions): Promise<void> {
  const answer = await answerTo(request, options);
  options.onAnswer();
  const head = { status: answer.statusCode ?? 502, headers: endToEnd(answer.rawHeaders, HOP_BY_HOP) };
  if (options.kept.wants(request, head)) return options.kept.take(request, response, head, await buffer(answer));
  const { headers, isGzip } = compress(head, request.headers['accept-encoding']);
  response.writeHead(head.status, answer.statusMessage, [...headers]);
  if (!isGzip || request.method === 'HEAD') await pipeline(answer, response, { signal: options.signal });
  else await pipeline(answer, gzipOnTheWay(), response, { signal: options.signal });
}

function answerTo(request: IncomingMessage, { socketPath, agent, peer, body, signal }: RelayOptions): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = endToEnd(request.rawHeaders, new Set([...HOP_BY_HOP, 'content-length', PEER_HEADER]));
  headers.push(PEER_HEADER, peerHeader(peer));
  if (body !== undefined) headers.push('content-length', String(body.byteLength));
  const onward = ask({ socketPath, agent, method: request.method, path: request.url, headers, setHost: false, signal });
  onward.on('response', resolve);
  onward.on('error', (cause) => reject(signal.aborted ? signal.reason : unanswered(cause)));
  onward.end(body);
  return promise;
}

function endToEnd(raw: readonly string[], dropped: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = '', value = ''] = raw.slice(index, index + 2);
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

const unanswered = (cause: unknown): LedgerlineError =>
  new LedgerlineError('unavailable', 'The reader thread is being restarted.', { cause, hint: 'Ask again in a few seconds.' });
