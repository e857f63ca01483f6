/**
 * Reads JSON over HTTP from a provider. Reading is idempotent, so what fails for a while is tried again, a bounded number of times; what it
 * answers is bounded, too. The key is in no message.
 */
import { MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { type ErrorCode, LedgerlineError } from '../../core/error.ts';
import { hostOf, withoutSecrets } from '../../core/redact.ts';
import { visible } from '../../core/visible.ts';
import { PagesExpired } from '../day-by-day.ts';

export interface JsonAccess {
  /** "Anthropic": who answers, in messages. */
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Never printed. */
  readonly key: string;
  /** What to do about a status: 401, 403, 404. */
  readonly hints: Readonly<Record<number, string>>;
  readonly fetch: typeof fetch;
  /** Resolves after so many milliseconds, or rejects when the user stops the run. */
  readonly pause: (ms: number) => Promise<void>;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Time for one answer. Default: 60 seconds. */
  readonly answerMs?: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Undefined where the provider does not say. */
  readonly retryAfterMs: number | undefined;
  readonly mayRetry: boolean;
}

const ANSWER_MS = MINUTE_MS;
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const TRIES = 6;
const FIRST_PAUSE_MS = SECOND_MS;
/** Whoever is to wait longer is asked to come again. */
const PAUSE_MAX_MS = 2 * MINUTE_MS;
const SHOWN_MAX = 300;

export class JsonClient {
  readonly #access: JsonAccess;

  constructor(access: JsonAccess) {
    this.#access = access;
  }

  /**
   * What it answers with 200. Throws PagesExpired for 410, LedgerlineError for anything else: `unsupported` when the answer is no JSON.
   */
  async get(path: string, parameters: URLSearchParams, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#askOnce(`${path}?${parameters}`, headers);
      if (answer?.status === 200) return this.#parsed(answer.text);
      if (answer?.status === 410) throw new PagesExpired(`${this.#access.name} says that the page is gone.`);
      const ms = answer?.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (tries - 1);
      const isLast = tries === TRIES || answer?.mayRetry === false || ms > PAUSE_MAX_MS;
      if (isLast) throw answer === undefined ? this.#silent() : this.#refusal(answer, ms);
      await this.#access.pause(ms);
    }
  }

  /** Undefined when no answer came. */
  async #askOnce(path: string, more: Readonly<Record<string, string>>): Promise<Answer | undefined> {
    const { url, headers, fetch, answerMs = ANSWER_MS, signal } = this.#access;
    signal?.throwIfAborted();
    const late = AbortSignal.timeout(answerMs);
    const init = {
      headers: { accept: 'application/json', ...headers, ...more },
      // A redirect would carry the key to wherever it leads.
      redirect: 'manual' as const,
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    };
    try {
      const response = await fetch(`${url}${path}`, init);
      return this.#answerOf(response, await this.#textOf(response));
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LedgerlineError) throw error;
      return undefined;
    }
  }

  #answerOf({ status, headers }: Response, text: string): Answer {
    const mayRetry = (status === 408 || status === 429 || status >= 500) && headers.get('x-should-retry') !== 'false';
    return { status, text, retryAfterMs: this.#retryAfterMs(headers.get('retry-after')), mayRetry };
  }

  async #textOf(response: Response): Promise<string> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of response.body ?? []) {
      bytes += piece.byteLength;
      if (bytes > BODY_BYTES_MAX) throw this.notUnderstood(`its answer has more than ${BODY_BYTES_MAX / 1024 / 1024} MiB`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString();
  }

  /** Seconds or a date. */
  #retryAfterMs(text: string | null): number | undefined {
    if (text === null) return undefined;
    const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * SECOND_MS : Date.parse(text) - this.#access.now();
    return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.notUnderstood('its answer is no JSON');
    }
  }

  /** An answer in another shape than is documented. */
  notUnderstood(why: string): LedgerlineError {
    return new LedgerlineError('unsupported', `The answer of ${hostOf(this.#access.url)} is not understood: ${visible(why).slice(0, SHOWN_MAX)}.`, {
      hint: `Nothing of it was stored. Check the address of ${this.#access.name}, and whether there is a newer Ledgerline.`,
    });
  }

  #silent(): LedgerlineError {
    return new LedgerlineError('unavailable', `Nothing responds at ${hostOf(this.#access.url)}.`, {
      hint: 'Check the network, the address, and the proxy (NODE_USE_ENV_PROXY=1 with HTTPS_PROXY). Days that were read before are stored; run the import again to go on.',
    });
  }

  #refusal({ status, text }: Answer, waitMs: number): LedgerlineError {
    const words = messageOf(text);
    // A provider may quote the key that it got, or what a terminal would obey.
    const said = words === undefined ? '.' : `: ${visible(withoutSecrets(words, [this.#access.key])).slice(0, SHOWN_MAX)}`;
    const hint = this.#access.hints[status] ?? hintFor(status, waitMs);
    return new LedgerlineError(codeOf(status), `${this.#access.name} (${hostOf(this.#access.url)}) responded with ${status}${said}`, { hint });
  }
}

/** The message of the provider's own envelope of errors, where there is one. */
function messageOf(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
    const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

const CODES: Readonly<Record<number, ErrorCode>> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 429: 'rate_limited' };

const codeOf = (status: number): ErrorCode => CODES[status] ?? (status >= 500 ? 'unavailable' : 'invalid');

function hintFor(status: number, waitMs: number): string {
  if (status === 429) return `It is asked too often: run the import again in ${Math.ceil(waitMs / MINUTE_MS)} min. Days that were read are stored.`;
  if (status >= 500) return 'Run the import again later. Days that were read are stored.';
  if (status >= 300 && status < 400) return 'It redirects, which is not followed: check the address.';
  return 'See docs/imports.md.';
}
