/** GET /metrics: the ledger's series, and after them the collector's own, which another thread may own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LedgerlineError } from '../core/error.ts';

export interface ExpositionOptions {
  /** The ledger's series in chunks. Asked on every scrape, and may throw then or in between. */
  readonly ledgerText: () => AsyncIterable<string>;
  /** The collector's own series as exposition text; asked on every scrape. */
  readonly selfText: () => Promise<string>;
  /** How long to wait for selfText before the ledger's series are served without it. */
  readonly selfTimeoutMs?: number;
}

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const SELF_TIMEOUT_MS = 2_000;

/**
 * Scrapes that arrive while one is being rendered share its text. The text is complete before the first byte goes out, so that a
 * failure is answered 503 and Prometheus records the gap: it would take half a text for the end of all other series.
 */
export function createExposition({ ledgerText, selfText, selfTimeoutMs = SELF_TIMEOUT_MS }: ExpositionOptions): HttpHandler {
  let running: Promise<Buffer[]> | undefined;
  const scrape = (): Promise<Buffer[]> => {
    running ??= Promise.all([render(ledgerText), withinTime(selfText, selfTimeoutMs)])
      .then(([ledger, self]) => [...ledger, Buffer.from(self)])
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, [Buffer.from('GET only.\n')], { allow: 'GET, HEAD' });
    scrape().then(
      (chunks) => answer(response, 200, chunks),
      (thrown: unknown) => answer(response, 503, [Buffer.from(`${LedgerlineError.from(thrown).message}\n`)]),
    );
  };
}

/** Other questions to this thread are answered between two chunks. */
async function render(ledgerText: ExpositionOptions['ledgerText']): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const text of ledgerText()) {
    chunks.push(Buffer.from(text));
    await nextTurn();
  }
  return chunks;
}

function answer(response: ServerResponse, status: number, chunks: readonly Buffer[], headers: Readonly<Record<string, string>> = {}): void {
  const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  response.writeHead(status, { 'content-type': CONTENT_TYPE, 'content-length': length, ...headers });
  // Written as fast as the client reads. One that goes away meanwhile needs no answer.
  pipeline(Readable.from(response.req.method === 'HEAD' ? [] : chunks), response).catch(() => undefined);
}

/** The money must not wait for a busy thread: without its text in time the scrape says so in a comment. */
async function withinTime(ask: () => Promise<string>, timeoutMs: number): Promise<string> {
  const timeout = Promise.withResolvers<string>();
  const timer = setTimeout(() => timeout.resolve(`# The collector's own series took longer than ${timeoutMs} ms.\n`), timeoutMs);
  try {
    return await Promise.race([ask(), timeout.promise]);
  } catch {
    return "# The collector's own series could not be read.\n";
  } finally {
    clearTimeout(timer);
  }
}
