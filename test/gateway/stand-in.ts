/**
 * A stand-in for an Anthropic-compatible gateway, made from what is documented about /v1/organizations/spend_limits: scopes, periods, cents as
 * strings, paging by the last id, upsert by scope and period, errors. It is no gateway: what a real one does beyond that is not known here.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { StandInServer } from '../support/stand-in-server.ts';

export const KEY = 'sk-admin-a-secret-that-nobody-may-see';

interface StoredLimit {
  readonly type: 'spend_limit';
  readonly id: string;
  readonly scope: { readonly type: string; readonly user_id?: string; readonly rbac_group_id?: string };
  readonly period: string;
  readonly amount: string | null;
  readonly currency: 'USD';
  readonly pooled_budget?: { readonly amount: string | null; readonly paused: boolean; readonly period_to_date_spend: string } | undefined;
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly body: Record<string, unknown>;
}

/** Answers in the place of the stand-in: undefined lets it answer. `silent`: no answer at all. */
export type Interference = (
  received: Received,
) => { status: number; body: unknown; headers?: Record<string, string> } | 'silent' | 'redirect' | undefined;

export class StandIn extends StandInServer {
  readonly received: Received[] = [];
  limits: StoredLimit[] = [];
  groups: readonly string[] = ['grp_platform', 'grp_data'];
  conflictRule: string | undefined = 'default_order';
  pageSize = 2;
  interfere: Interference = () => undefined;
  #count = 0;

  /** Set by somebody else. */
  put(scope: StoredLimit['scope'], period: string, amount: string | null, pool?: { amount: string; paused: boolean }): StoredLimit {
    const pooled = pool && { ...pool, period_to_date_spend: '1234.5' };
    const limit: StoredLimit = { type: 'spend_limit', id: `spl_${++this.#count}`, scope, period, amount, currency: 'USD', pooled_budget: pooled };
    this.limits.push(limit);
    return limit;
  }

  posts(): readonly Record<string, unknown>[] {
    return this.received.filter(({ method }) => method === 'POST').map(({ body }) => body);
  }

  protected override async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const received = { method: request.method ?? '', url: request.url ?? '', body: text === '' ? {} : JSON.parse(text) };
    this.received.push(received);
    const other = this.interfere(received);
    if (other === 'silent') return;
    if (other === 'redirect') return void response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end();
    const isKnown = request.headers['x-api-key'] === KEY;
    const {
      status,
      body,
      headers = {},
    } = other ?? (isKnown ? this.#own(received) : failure(401, `invalid x-api-key ${request.headers['x-api-key']}`));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  #own({ method, url, body }: Received): { status: number; body: unknown; headers?: Record<string, string> } {
    const { pathname, searchParams } = new URL(url, 'http://gateway');
    const id = pathname.split('/')[4];
    if (method === 'GET' && id === undefined) return { status: 200, body: this.#page(searchParams.get('after_id')) };
    if (method === 'POST') return this.#set(body);
    if (method === 'DELETE' && this.limits.some((limit) => limit.id === id)) {
      this.limits = this.limits.filter((limit) => limit.id !== id);
      return { status: 200, body: { type: 'spend_limit_deleted', id } };
    }
    return failure(404, 'not found');
  }

  #page(after: string | null): object {
    const from = this.limits.findIndex(({ id }) => id === after) + 1;
    const data = this.limits.slice(from, from + this.pageSize);
    const rest = { has_more: from + this.pageSize < this.limits.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
    return { data, ...rest, ...(this.conflictRule !== undefined && { pooled_conflict_rule: this.conflictRule }) };
  }

  #set(body: Record<string, unknown>): { status: number; body: unknown } {
    // Bodies are made by the client under test.
    const { scope, period, amount, pooled_budget: pool } = body as unknown as StoredLimit;
    const isCents = (value: unknown): boolean => value === null || (typeof value === 'string' && /^\d+$/.test(value));
    if (!isCents(amount) || (pool && !isCents(pool.amount))) return failure(400, 'amount must be a string of cents');
    if (pool && period !== 'monthly') return failure(400, 'pooled_budget is monthly');
    if (scope.type === 'rbac_group' && !this.groups.includes(scope.rbac_group_id ?? '')) return failure(404, `no group ${scope.rbac_group_id}`);
    const before = this.limits.find((limit) => JSON.stringify([limit.scope, limit.period]) === JSON.stringify([scope, period]));
    if (before !== undefined) this.limits = this.limits.filter((limit) => limit !== before);
    const pooled = pool ? { ...pool, period_to_date_spend: before?.pooled_budget?.period_to_date_spend ?? '0' } : undefined;
    const id = before?.id ?? `spl_${++this.#count}`;
    const limit: StoredLimit = { type: 'spend_limit', id, scope, period, amount, currency: 'USD', pooled_budget: pooled };
    this.limits.push(limit);
    return { status: 200, body: limit };
  }
}

/** The envelope of errors. */
export const failure = (status: number, message: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: { type: 'error', error: { type: 'api_error', message }, request_id: 'req_1' },
});
