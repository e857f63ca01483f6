/** GET /metrics: the text that the reader's thread makes, once for all who ask at the same time and may see the same. */
import { Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { ReadScope } from '../../catalog/read-scope.ts';
import type { Config } from '../../config/config.ts';
import { LedgerlineError } from '../../core/error.ts';
import { SCOPE_HEADER, scopeHeader } from '../../server/reader-gate.ts';
import { Deliveries } from './deliveries.ts';
import { ReadLimitError, type ReadLimitName } from './read-limit.ts';
import { shareText } from './shared-text.ts';

export interface ScrapesOptions {
  readonly limits: Pick<Config['limits'], 'scrapes' | 'query_ms'>;
  /** Where the reader's thread makes the text. */
  readonly socketPath: string;
  readonly limitHit: (limit: ReadLimitName) => void;
  readonly elapsedMs: () => number;
  /** Without a byte taken for so long, a client is cut off. Default: STALLED_MS. */
  readonly stalledMs?: number;
}

interface Text {
  readonly status: number;
  readonly contentType: string;
  readonly chunks: readonly Buffer[];
  readonly bytes: number;
}

/** Answers a scrape of somebody who may see so much. */
export type Scrapes = (request: IncomingMessage, response: ServerResponse, scope: ReadScope) => void;

const STALLED_MS = 10_000;
/** Texts of so many paths and scopes are shared. */
const TEXTS_MAX = 50;
const PLAIN = 'text/plain; charset=utf-8';

export function createScrapes({ limits, socketPath, limitHit, elapsedMs, stalledMs = STALLED_MS }: ScrapesOptions): Scrapes {
  const agent = new Agent({ keepAlive: true });
  const texts = new LRUCache<string, () => Promise<Text>>({ max: TEXTS_MAX });
  const textOf = (path: string, scope: string): Promise<Text> => {
    const key = `${path} ${scope}`;
    const shared = texts.get(key) ?? shareText({ make: () => read({ socketPath, agent, path, scope }, limits.query_ms), elapsedMs });
    texts.set(key, shared);
    return shared();
  };
  const deliveries = new Deliveries({ deliveriesMax: limits.scrapes, stalledMs, onCutOff: () => limitHit('limits.scrapes') });
  const scrape = async (request: IncomingMessage, response: ServerResponse, scope: ReadScope): Promise<void> => {
    const { status, contentType, chunks, bytes } = await textOf(request.url?.split('?', 1)[0] ?? '/', scopeHeader(scope));
    if (response.destroyed) return;
    response.writeHead(status, { 'content-type': contentType, 'content-length': bytes });
    if (request.method === 'HEAD') response.end();
    else await deliveries.send(response, chunks);
  };
  return (request, response, scope) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'GET only.', { allow: 'GET, HEAD' });
    scrape(request, response, scope).catch((thrown: unknown) => {
      if (thrown instanceof ReadLimitError) limitHit(thrown.limit);
      say(response, 503, LedgerlineError.from(thrown).message, { 'retry-after': '5' });
    });
  };
}

function say(response: ServerResponse, status: number, message: string, headers: Readonly<Record<string, string>>): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': PLAIN, ...headers }).end(`${message}\n`);
}

interface Asked {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly path: string;
  /** As a header. */
  readonly scope: string;
}

async function read(asked: Asked, queryMs: number): Promise<Text> {
  const deadline = AbortSignal.timeout(queryMs);
  try {
    const answer = await answerOf(asked, deadline);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(Buffer.from(chunk));
    const bytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { status: answer.statusCode ?? 503, contentType: answer.headers['content-type'] ?? PLAIN, chunks, bytes };
  } catch (cause) {
    if (deadline.aborted) throw tooLong(queryMs);
    throw new LedgerlineError('unavailable', 'The reader thread is being restarted.', { cause });
  }
}

function answerOf({ socketPath, agent, path, scope }: Asked, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  ask({ socketPath, agent, path, headers: { [SCOPE_HEADER]: scope }, signal })
    .on('response', resolve)
    .on('error', reject)
    .end();
  return promise;
}

const tooLong = (queryMs: number): ReadLimitError =>
  new ReadLimitError(
    'limits.query_ms',
    `The exposition took longer than ${queryMs / 1000} s (limits.query_ms).`,
    'Raise limits.query_ms, or lower limits.exposition_series.',
  );
