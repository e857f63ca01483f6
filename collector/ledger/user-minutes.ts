/** What each user asked of the API in each minute, from entries: what the sums by minute (minute-rates.ts) do not keep apart. */
import type { Filter } from '../catalog/values.ts';
import { MINUTE_MS } from '../core/duration.ts';
import type { Amounts } from './entry.ts';

export interface UserMinutesQuery {
  /** Inclusive; the first whole minute from then on. */
  readonly fromMs: number;
  /** Exclusive; the same. */
  readonly toMs: number;
  /** Over any dimension. */
  readonly within?: readonly Filter[] | undefined;
  /** More user-minutes than these are not read. */
  readonly rowsMax: number;
}

/** Values as stored. Of successful requests (api_request events). */
export interface UserMinute {
  /** Start of the minute, epoch milliseconds. */
  readonly startMs: number;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly requests: number;
  /** Uncached input and what was written to the cache; what was read from it does not count against rate limits. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const wholeMinute = (ms: number): number => Math.ceil(ms / MINUTE_MS) * MINUTE_MS;

export type UserMinuteOwner = Pick<UserMinute, 'organization' | 'team' | 'user'>;
type Sum = { -readonly [Key in keyof UserMinute]: UserMinute[Key] };

export class UserMinuteSums {
  readonly #ownerOf: (dims: number) => UserMinuteOwner | undefined;
  /** By organization, team and user, then by minute. */
  readonly #byOwner = new Map<UserMinuteOwner, Map<number, Sum>>();
  count = 0;

  /** `ownerOf`: the same object for all dimensions of one owner; undefined for what is not within. */
  constructor(ownerOf: (dims: number) => UserMinuteOwner | undefined) {
    this.#ownerOf = ownerOf;
  }

  add(timeMs: number, dims: number, amounts: Amounts): void {
    const { requests, input_tokens = 0, cache_creation_tokens = 0, output_tokens = 0 } = amounts;
    if (requests === undefined) return;
    const owner = this.#ownerOf(dims);
    if (owner === undefined) return;
    const startMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
    const minutes = this.#byOwner.getOrInsertComputed(owner, () => new Map<number, Sum>());
    const sum = minutes.getOrInsertComputed(startMs, () => this.#new(startMs, owner));
    sum.requests += requests;
    sum.inputTokens += input_tokens + cache_creation_tokens;
    sum.outputTokens += output_tokens;
  }

  #new(startMs: number, owner: UserMinuteOwner): Sum {
    this.count++;
    return { startMs, ...owner, requests: 0, inputTokens: 0, outputTokens: 0 };
  }

  /** Oldest first. */
  rows(): UserMinute[] {
    return [...this.#byOwner.values()].flatMap((minutes) => [...minutes.values()]).sort(inOrder);
  }
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const inOrder = (a: UserMinute, b: UserMinute): number =>
  a.startMs - b.startMs || byName(a.organization, b.organization) || byName(a.team, b.team) || byName(a.user, b.user);
