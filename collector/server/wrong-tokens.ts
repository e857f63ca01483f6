/**
 * Wrong tokens are answered more and more slowly, by address. A right one never is: it is looked up first, whatever came from its address.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { SECOND_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { limitedBy } from './address.ts';
import { presentedToken } from './auth.ts';

export interface WrongTokensOptions {
  readonly now: () => number;
  /** Default: a timer. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

const FIRST_MS = 100;
const LONGEST_MS = 4 * SECOND_MS;
/** After so long without a wrong token, an address has one failure less. */
const FORGIVEN_MS = 10 * SECOND_MS;
const FAILURES_MAX = 10;
const ADDRESSES_MAX = 10_000;
/** Answers that are held back at once: from one address, and from all. */
const HELD_PER_ADDRESS = 8;
const HELD_MAX = 200;

interface Failures {
  count: number;
  lastMs: number;
  held: number;
}

export class WrongTokens {
  readonly #now: () => number;
  readonly #pause: (ms: number) => Promise<unknown>;
  readonly #failures = new LRUCache<string, Failures>({ max: ADDRESSES_MAX });
  #held = 0;

  constructor({ now, pause: given = (ms) => pause(ms, undefined, { ref: false }) }: WrongTokensOptions) {
    this.#now = now;
    this.#pause = given;
  }

  /**
   * What to answer to a request that `error` refused: for a wrong token after a while, or at once that there were too many of them. Anything
   * else is given back as it is, without waiting.
   */
  async answerTo(error: unknown, authorization: string | undefined, address: string): Promise<unknown> {
    const isWrong = error instanceof LedgerlineError && error.code === 'unauthenticated' && presentedToken(authorization) !== undefined;
    if (!isWrong) return error;
    const failures = this.#note(limitedBy(address));
    if (failures.held >= HELD_PER_ADDRESS || this.#held >= HELD_MAX) return tooMany();
    failures.held += 1;
    this.#held += 1;
    await this.#pause(Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures.count - 1)));
    failures.held -= 1;
    this.#held -= 1;
    return error;
  }

  #note(address: string): Failures {
    const nowMs = this.#now();
    const known = this.#failures.get(address) ?? { count: 0, lastMs: nowMs, held: 0 };
    const forgiven = Math.floor((nowMs - known.lastMs) / FORGIVEN_MS);
    known.count = Math.min(FAILURES_MAX, Math.max(0, known.count - forgiven) + 1);
    known.lastMs = nowMs;
    this.#failures.set(address, known);
    return known;
  }
}

const tooMany = (): LedgerlineError =>
  new LedgerlineError('rate_limited', 'Too many wrong bearer tokens came from this address.', {
    hint: 'Give the sender a token of auth.tokens, and wait some seconds.',
  });
