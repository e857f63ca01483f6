/**
 * What the reader's thread says never changes, for everybody: answered here from the second time on. A page asks for fifty such files at once,
 * and that thread makes its board meanwhile.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { type AnswerHead, acceptsGzip, compress, headerOf, mapped } from './compression.ts';

interface KeptForm {
  readonly headers: readonly string[];
  readonly body: Buffer;
}

interface KeptAnswer {
  readonly plain: KeptForm;
  readonly gzip: KeptForm;
}

const BYTES_MAX = 16 * 1024 * 1024;
/** RFC 9111 and RFC 8246: for everybody, and never another one. */
const NEVER_CHANGES = /(?=.*\bpublic\b)(?=.*\bimmutable\b)/i;
const gzipped = promisify(gzip);

export class KeptAnswers {
  readonly #kept = new LRUCache<string, KeptAnswer>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ plain, gzip: small }) => plain.body.length + small.body.length + 1,
  });

  /** False: the reader has to be asked. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const kept = request.method === 'GET' ? this.#kept.get(request.url ?? '') : undefined;
    if (kept === undefined) return false;
    send(kept, request, response);
    return true;
  }

  /** Whether this is such an answer: then its whole body is wanted. */
  wants({ method }: IncomingMessage, { status, headers }: AnswerHead): boolean {
    return method === 'GET' && status === 200 && NEVER_CHANGES.test(headerOf(headers, 'cache-control') ?? '');
  }

  /** Keeps it for the next who ask, and sends it. */
  async take(request: IncomingMessage, response: ServerResponse, head: AnswerHead, body: Buffer): Promise<void> {
    const small = compress(head, 'gzip');
    const plain = { headers: lasting(compress(head, undefined).headers), body };
    const taken = { plain, gzip: small.isGzip ? { headers: lasting(small.headers), body: await gzipped(body) } : plain };
    this.#kept.set(request.url ?? '', taken);
    send(taken, request, response);
  }
}

function send({ plain, gzip: small }: KeptAnswer, { headers }: IncomingMessage, response: ServerResponse): void {
  const form = acceptsGzip(headers['accept-encoding'] ?? '') ? small : plain;
  response.writeHead(200, [...form.headers, 'Content-Length', String(form.body.length)]).end(form.body);
}

/** Without what is of one answer alone. */
const lasting = (headers: readonly string[]): readonly string[] =>
  mapped(headers, (name, value) => (/^(?:date|content-length)$/i.test(name) ? [] : [name, value]));
