/** Asks a gateway for its spend limits and sets them. Every request is idempotent, so what fails for a while is tried again, a bounded number of times. */
import { z } from 'zod';
import { SECOND_MS } from '../core/duration.ts';
import { type ErrorCode, LedgerlineError } from '../core/error.ts';
import { hostOf, withoutSecrets } from '../core/redact.ts';
import { visible } from '../core/visible.ts';
import type { ListedLimit, Listing, SpendLimit } from './limits.ts';
import { limitBody, readLimit, readPage } from './wire.ts';

export interface GatewayAccess {
  /** Without a slash at the end. */
  readonly url: string;
  /** Never printed. */
  readonly key: string;
  readonly fetch: typeof fetch;
  /** Resolves after so many milliseconds, or rejects when the user stops the run. */
  readonly pause: (ms: number) => Promise<void>;
  /** For an HTTP date in retry-after. */
  readonly now: () => number;
  /** Time for one answer. Default: 20 seconds. */
  readonly answerMs?: number;
}

/** What the gateway answered, as far as it matters. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Undefined where it may not be tried again, or where the gateway does not say. */
  readonly retryAfterMs: number | undefined;
  readonly mayRetry: boolean;
}

const PATH = '/v1/organizations/spend_limits';
const PAGE_SIZE = 100;
/** Beyond it, a gateway goes in circles. */
const PAGES_MAX = 1_000;
const ANSWER_MS = 20 * SECOND_MS;
const TRIES = 5;
const FIRST_PAUSE_MS = SECOND_MS / 2;
/** Whoever is to wait longer is asked to come again. */
const PAUSE_MAX_MS = 60 * SECOND_MS;
const SHOWN_MAX = 300;

const errorBody = z.looseObject({ error: z.looseObject({ message: z.string() }), request_id: z.string().optional() });

export class SpendLimitApi {
  readonly #access: GatewayAccess;

  constructor(access: GatewayAccess) {
    this.#access = access;
  }

  /** All limits of the gateway, page by page. */
  async list(): Promise<Listing> {
    const limits = new Map<string, ListedLimit>();
    let next: Readonly<Record<string, string>> | undefined = {};
    let conflictRule: string | undefined;
    for (let pages = 0; next !== undefined; pages++) {
      if (pages === PAGES_MAX) throw this.#notUnderstood('its pages do not end');
      const { status, body } = await this.#ask('GET', `${PATH}?${new URLSearchParams({ limit: String(PAGE_SIZE), ...next })}`);
      if (status !== 200) throw this.#refusal(status, body, 'the list of spend limits');
      const page = readPage(body);
      if (page === undefined) throw this.#notUnderstood('its answer is no list of spend limits in US dollars');
      const before = limits.size;
      for (const limit of page.limits) limits.set(limit.id, limit);
      if (page.next !== undefined && limits.size === before) throw this.#notUnderstood('a page of its list has nothing new');
      next = page.next;
      conflictRule ??= page.conflictRule;
    }
    return { limits: [...limits.values()], conflictRule };
  }

  /** Creates the limit of a scope and period, or replaces it. */
  async set(limit: SpendLimit, current: SpendLimit | undefined): Promise<ListedLimit> {
    const { status, body } = await this.#ask('POST', PATH, limitBody(limit, current));
    if (status !== 200 && status !== 201) throw this.#refusal(status, body, `the limit of ${limit.scope.type} ${limit.scope.id}`);
    const set = readLimit(body);
    if (set === undefined) throw this.#notUnderstood('its answer is no spend limit');
    return set;
  }

  /** One that is gone already is removed. */
  async remove({ id, scope }: ListedLimit): Promise<void> {
    const { status, body } = await this.#ask('DELETE', `${PATH}/${encodeURIComponent(id)}`);
    if (status !== 404 && (status < 200 || status > 299)) throw this.#refusal(status, body, `the limit of ${scope.type} ${scope.id}`);
  }

  async #ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#askOnce(method, path, body);
      const isLast = tries === TRIES || (answer !== undefined && !answer.mayRetry);
      if (isLast && answer !== undefined) return answer;
      if (isLast) throw this.#silent();
      const ms = answer?.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (tries - 1);
      if (ms > PAUSE_MAX_MS && answer !== undefined) return answer;
      await this.#access.pause(ms);
    }
  }

  /** Undefined when no answer came. */
  async #askOnce(method: string, path: string, body: object | undefined): Promise<Answer | undefined> {
    const { url, key, fetch, answerMs = ANSWER_MS } = this.#access;
    const headers = { accept: 'application/json', 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) };
    // A redirect would carry the key to wherever it leads.
    const init = {
      method,
      headers,
      redirect: 'manual' as const,
      signal: AbortSignal.timeout(answerMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    try {
      const response = await fetch(`${url}${path}`, init);
      return this.#answerOf(response, await response.text());
    } catch {
      return undefined;
    }
  }

  #answerOf({ status, headers }: Response, text: string): Answer {
    const isBusy = status === 429 || status >= 500;
    return {
      ...{ status, body: parsed(text), retryAfterMs: this.#retryAfterMs(headers.get('retry-after')) },
      mayRetry: isBusy && headers.get('x-should-retry') !== 'false',
    };
  }

  /** Seconds or a date. */
  #retryAfterMs(text: string | null): number | undefined {
    if (text === null) return undefined;
    const seconds = /^\d{1,9}$/.test(text.trim()) ? Number(text) * SECOND_MS : Date.parse(text) - this.#access.now();
    return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
  }

  #silent(): LedgerlineError {
    return new LedgerlineError('unavailable', `No gateway responds at ${hostOf(this.#access.url)}.`, {
      hint: 'Check gateway.url, and that the gateway is running.',
    });
  }

  #notUnderstood(why: string): LedgerlineError {
    return new LedgerlineError(
      'unsupported',
      `The server at ${hostOf(this.#access.url)} is no gateway with spend limits, or an unsupported version of one: ${why}.`,
      {
        hint: 'Check gateway.url: it is the address of the gateway itself, without /v1. The gateway needs a section admin: for its spend limits.',
      },
    );
  }

  #refusal(status: number, body: unknown, what: string): LedgerlineError {
    const said = errorBody.safeParse(body);
    const words = said.success ? `: ${this.#shown(said.data.error.message)}` : '.';
    const id = said.success && said.data.request_id !== undefined ? ` (request ${this.#shown(said.data.request_id)})` : '';
    return new LedgerlineError(codeOf(status), `The gateway responded with ${status} for ${visible(what)}${words}${id}`, { hint: hintFor(status) });
  }

  /** A gateway may quote the key that it got, or what a terminal would obey. */
  #shown(text: string): string {
    return visible(withoutSecrets(text, [this.#access.key])).slice(0, SHOWN_MAX);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const CODES: Readonly<Record<number, ErrorCode>> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 429: 'rate_limited' };

const codeOf = (status: number): ErrorCode => CODES[status] ?? (status >= 500 ? 'unavailable' : 'invalid');

const HINTS: Readonly<Record<number, string>> = {
  401: 'The gateway rejected the key in gateway.key_file: it may be mistyped, expired, or from another gateway.',
  403: 'The key may not change limits: use one of admin.write_keys of the gateway, or one with the scope write:spend_limits.',
  404: 'The gateway does not know the group or user: check its id in gateway.groups or gateway.users. If nothing is found, check gateway.url.',
  409: 'Somebody else changed it meanwhile: run the command again.',
  429: 'The gateway is asked too often: run the command again later. What was set stays.',
};

const hintFor = (status: number): string =>
  HINTS[status] ?? (status >= 500 ? 'See the log of the gateway, and run the command again.' : 'See docs/gateway.md.');
