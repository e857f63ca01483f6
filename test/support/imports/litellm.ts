/**
 * A stand-in for the spend logs of a LiteLLM proxy (GET /spend/logs/v2): required days without a T, pages of at most 1,000 rows, a total that stops at
 * 10,000, rows between two instants that both count, the newest first unless asked otherwise.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { StandInServer } from '../stand-in-server.ts';

export const LITELLM_KEY = 'sk-a-master-key-that-nobody-may-see';

const INSTANT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const TOTAL_MAX = 10_000;

export interface SpendRow {
  readonly request_id: string;
  readonly startTime: string;
  readonly [field: string]: unknown;
}

export class LitellmStandIn extends StandInServer {
  rows: readonly SpendRow[] = [];
  readonly received: URL[] = [];
  /** Instead of an answer: a status, with how many seconds to wait. */
  interfere: (count: number) => { readonly status: number; readonly retryAfter?: string } | undefined = () => undefined;
  onRequest: () => void = () => undefined;

  protected override answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.url);
    this.received.push(url);
    this.onRequest();
    const other = this.interfere(this.received.length);
    if (other !== undefined) {
      response.writeHead(other.status, other.retryAfter === undefined ? {} : { 'retry-after': other.retryAfter }).end('{}');
      return;
    }
    const [status, body] = this.#answer(url, request.headers.authorization);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #answer({ pathname, searchParams: asked }: URL, authorization: string | undefined): [status: number, body: unknown] {
    if (authorization !== `Bearer ${LITELLM_KEY}`) return failure(401, `Authentication Error, ${authorization}`);
    if (pathname !== '/spend/logs/v2') return failure(404, 'Not Found');
    const [start = '', end = ''] = [asked.get('start_date') ?? undefined, asked.get('end_date') ?? undefined];
    const [page, size] = [Number(asked.get('page') ?? 1), Number(asked.get('page_size') ?? 50)];
    if (!INSTANT.test(start) || !INSTANT.test(end)) return failure(400, 'Invalid date format');
    if (page < 1 || size < 1 || size > 1_000) return failure(422, 'page_size');
    const [fromMs, toMs] = [start, end].map((text) => Date.parse(`${text.replace(' ', 'T')}Z`));
    const matching = this.rows
      .filter(({ startTime }) => Date.parse(startTime) >= (fromMs ?? 0) && Date.parse(startTime) <= (toMs ?? 0))
      .sort((one, other) => Date.parse(one.startTime) - Date.parse(other.startTime));
    const sorted = asked.get('sort_by') === 'startTime' && asked.get('sort_order') === 'asc' ? matching : matching.reverse();
    const total = Math.min(matching.length, TOTAL_MAX);
    const data = sorted.slice((page - 1) * size, page * size);
    return [200, { data, total, page, page_size: size, total_pages: Math.ceil(total / size), total_is_capped: matching.length >= TOTAL_MAX }];
  }
}

const failure = (status: number, message: string): [number, unknown] => [status, { error: { message, type: 'auth_error', code: String(status) } }];
