/**
 * A stand-in for Anthropic's administration API, made from what is documented about it: parameters and their limits, headers, pages, cursors that are
 * bound to their query and expire, errors. It is no API: what the real one does beyond that is not known here.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { StandInServer } from '../stand-in-server.ts';
import { analyticsCostRows, analyticsUsageRows, claudeCodeRows, costRows, isDimension, usageRows } from './anthropic-views.ts';
import type { Fact } from './facts.ts';

export const ADMIN_KEY = 'sk-ant-admin01-a-secret-that-nobody-may-see';

const DAY_MS = 24 * 3_600 * 1_000;
const ROOT = '/v1/organizations';
const LISTS = new Set(['workspaces', 'users', 'api_keys']);

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** Answers in the place of the stand-in: undefined lets it answer. `silent`: none at all. `cut`: half of one. `redirect`: to somebody else. */
export type Interference = (url: URL, count: number) => Reply | 'silent' | 'cut' | 'redirect' | undefined;

export class AnthropicStandIn extends StandInServer {
  facts: readonly Fact[] = [];
  /** Rows on a page, however many are asked for. */
  pageSize = 1_000;
  nowMs = Date.parse('2026-11-28T12:00:00Z');
  refreshedAt = '2026-11-28T11:00:00Z';
  /** Requests for reports. */
  readonly received: URL[] = [];
  /** By the last part of the path: what stands behind ids. Undefined: who asks may not know. */
  lists: Readonly<Record<string, readonly { readonly id: string; readonly [key: string]: unknown }[]>> | undefined = {};
  interfere: Interference = () => undefined;
  /** Called before each answer. */
  onRequest: () => void | Promise<void> = () => undefined;
  /** Changes a row on its way out. */
  changeRow: (row: object, url: URL) => object = (row) => row;
  #epoch = 0;

  /** Cursors that were handed out before are gone. */
  expireCursors(): void {
    this.#epoch++;
  }

  protected override async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const list = url.pathname.slice(ROOT.length + 1);
    if (LISTS.has(list)) return this.#send(response, this.#list(url, list, request.headers['x-api-key']));
    this.received.push(url);
    await this.onRequest();
    const other = this.interfere(url, this.received.length);
    if (other === 'silent') return;
    if (other === 'redirect') return void response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end();
    this.#send(response, typeof other === 'object' ? other : this.#answer(url, request.headers), other === 'cut');
  }

  #send(response: ServerResponse, { status, body, headers = {} }: Reply, isCut = false): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    if (!isCut) return void response.end(text);
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  }

  /** Paged by the last id, two at once. */
  #list(url: URL, list: string, key: unknown): Reply {
    if (key !== ADMIN_KEY || this.lists === undefined) return failure(403, 'permission_error', 'an Admin key is required');
    const all = this.lists[list] ?? [];
    const from = all.findIndex(({ id }) => id === url.searchParams.get('after_id')) + 1;
    const data = all.slice(from, from + 2);
    return { status: 200, body: { data, has_more: from + 2 < all.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null } };
  }

  #answer(url: URL, headers: IncomingMessage['headers']): Reply {
    const key = headers['x-api-key'];
    if (key !== ADMIN_KEY) return failure(401, 'authentication_error', `invalid x-api-key ${String(key)}`);
    if (headers['anthropic-version'] !== '2023-06-01') return failure(400, 'invalid_request_error', 'anthropic-version: header is required');
    const beta = String(headers['anthropic-beta'] ?? '').split(',');
    switch (url.pathname) {
      case `${ROOT}/usage_report/messages`:
        return this.#buckets(url, (facts, by) => usageRows(facts, by), beta.includes('fast-mode-2026-02-01') ? [] : ['speed']);
      case `${ROOT}/cost_report`:
        return this.#buckets(url, (facts) => costRows(facts), []);
      case `${ROOT}/usage_report/claude_code`:
        return this.#claudeCode(url);
      case `${ROOT}/analytics/cost`:
      case `${ROOT}/analytics/usage`:
        return beta.includes('analytics-usage-cost-2026-08-24')
          ? this.#analytics(url)
          : failure(400, 'invalid_request_error', 'beta header is required');
      default:
        return failure(404, 'not_found_error', `not found: ${url.pathname}`);
    }
  }

  #buckets(url: URL, rowsOf: (facts: readonly Fact[], by: readonly string[]) => object[], refused: readonly string[]): Reply {
    const { searchParams: asked } = url;
    const by = asked.getAll('group_by[]');
    const [from, to] = [Date.parse(asked.get('starting_at') ?? ''), Date.parse(asked.get('ending_at') ?? '')];
    const limit = Number(asked.get('limit') ?? 7);
    if (!(from < to) || asked.get('bucket_width') !== '1d' || limit < 1 || limit > 31) return invalid('range, bucket_width or limit');
    if (by.some((name) => refused.includes(name) || !(isDimension(name) || name === 'description'))) return invalid(`group_by ${by}`);
    const buckets = [];
    for (let ms = from; ms < to; ms += DAY_MS) {
      const day = dayAt(ms);
      const results = rowsOf(this.#on(day), by).map((row) => this.changeRow(row, url));
      buckets.push({ starting_at: `${day}T00:00:00Z`, ending_at: `${dayAt(ms + DAY_MS)}T00:00:00Z`, results });
    }
    return this.#page(url, buckets, limit);
  }

  #claudeCode(url: URL): Reply {
    const day = url.searchParams.get('starting_at') ?? '';
    const limit = Number(url.searchParams.get('limit') ?? 20);
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || limit < 1 || limit > 1_000) return invalid('starting_at or limit');
    return this.#page(
      url,
      claudeCodeRows(this.#on(day), day).map((row) => this.changeRow(row, url)),
      Math.min(limit, this.pageSize),
    );
  }

  #analytics(url: URL): Reply {
    const { searchParams: asked } = url;
    const [start, end] = [asked.get('starting_at') ?? '', asked.get('ending_at') ?? ''];
    const [from, to] = [Date.parse(start), Date.parse(end)];
    const by = asked.getAll('group_by[]');
    const counted = by.filter((name) => !['cost_type', 'token_type'].includes(name));
    const limit = Number(asked.get('limit') ?? 20);
    if (!(from < to) || to - from > 31 * DAY_MS) return invalid('the range may span at most 31 days');
    if (from < this.nowMs - 365 * DAY_MS || from < Date.parse('2026-01-01T00:00:00Z')) return invalid('starting_at must be within the last 365 days');
    if (counted.length > 5 || by.some((name) => !isDimension(name))) return invalid('group_by[] takes at most 5 dimensions');
    if (limit < 1 || limit > 1_000) return invalid('limit');
    const isCost = url.pathname.endsWith('/cost');
    if (!isCost && counted.length < by.length) return invalid('group_by[]: cost_type');
    const facts = this.facts.filter(({ day }) => day >= start.slice(0, 10) && day < end.slice(0, 10));
    const rows = (isCost ? analyticsCostRows : analyticsUsageRows)(facts, by, { starting_at: start, ending_at: end });
    return this.#page(
      url,
      rows.map((row) => this.changeRow(row, url)),
      Math.min(limit, this.pageSize),
    );
  }

  #page(url: URL, all: readonly object[], size: number): Reply {
    const asked = new URLSearchParams(url.searchParams);
    asked.delete('page');
    const query = `${url.pathname}?${asked}`;
    const cursor = url.searchParams.get('page');
    const [epoch, from = 0, of] = cursor === null ? [this.#epoch, 0, query] : JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (epoch !== this.#epoch) return failure(410, 'gone', 'the page cursor has expired');
    if (of !== query) return invalid('page: the cursor belongs to another query');
    const hasMore = from + size < all.length;
    const next = hasMore ? Buffer.from(JSON.stringify([epoch, from + size, query])).toString('base64url') : null;
    const data = all.slice(from, from + size);
    return { status: 200, body: { data, has_more: hasMore, next_page: next, data_refreshed_at: this.refreshedAt } };
  }

  #on(day: string): readonly Fact[] {
    return this.facts.filter((fact) => fact.day === day);
  }
}

const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const invalid = (message: string): Reply => failure(400, 'invalid_request_error', message);

/** The envelope of errors. */
export const failure = (status: number, type: string, message: string, headers: Record<string, string> = {}): Reply => ({
  ...{ status, headers },
  body: { type: 'error', error: { type, message }, request_id: 'req_1' },
});
