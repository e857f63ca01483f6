/** Counts refusals by kind and detail, with the latest senders of each. Bounded: whatever is sent, it holds some hundred kilobytes. */
import type { Refusal, RefusalTotal } from '../../catalog/refusals.ts';
import { DAY_MS } from '../../core/duration.ts';
import { withoutAddresses } from '../../core/email-address.ts';
import { redacted } from '../../core/redact.ts';

/** Details of one kind: a scanner tries thousands of paths. */
export const DETAILS_MAX = 20;
export const SENDERS_MAX = 5;
const OTHER_DETAILS = '(other)';
/** What did not come back for so long is over. */
const REMEMBERED_MS = 7 * DAY_MS;

interface Sender {
  count: number;
  lastMs: number;
}

interface Total extends Refusal {
  count: number;
  readonly firstMs: number;
  lastMs: number;
  /** The most recent at the end. */
  readonly senders: Map<string, Sender>;
  hasMoreSenders: boolean;
}

export class RefusalRegister {
  readonly #totals = new Map<string, Total>();
  readonly #details = new Map<string, number>();
  readonly #now: () => number;

  /** `before` is what an earlier run of the collector counted. */
  constructor(now: () => number, before: readonly RefusalTotal[] = []) {
    this.#now = now;
    for (const { senders, ...total } of before) {
      const latest = senders.slice(0, SENDERS_MAX).toReversed();
      const own = new Map(latest.map(({ address, count, lastMs }) => [address, { count, lastMs }]));
      this.#keep({ ...total, detail: this.#admit(total), senders: own });
    }
  }

  /** Gives the total of its kind and detail: the detail is "(other)" where there are too many. */
  note(refusal: Refusal, address: string): Refusal {
    const nowMs = this.#now();
    const detail = this.#admit({ kind: refusal.kind, detail: boundDetail(refusal.detail) });
    const known = this.#totals.get(keyOf({ ...refusal, detail }));
    const total = known ?? this.#keep({ ...refusal, detail, count: 0, firstMs: nowMs, lastMs: nowMs, senders: new Map(), hasMoreSenders: false });
    total.count += refusal.count;
    total.lastMs = nowMs;
    noteSender(total, boundAddress(address), refusal.count, nowMs);
    return total;
  }

  /** Of the last days, the latest first. */
  totals(): readonly RefusalTotal[] {
    this.#forget();
    return [...this.#totals.values()].map(totalOf).sort((one, other) => other.lastMs - one.lastMs);
  }

  #admit({ kind, detail }: Pick<Refusal, 'kind' | 'detail'>): string {
    if (this.#totals.has(keyOf({ kind, detail })) || (this.#details.get(kind) ?? 0) < DETAILS_MAX) return detail;
    return OTHER_DETAILS;
  }

  #keep(total: Total): Total {
    const key = keyOf(total);
    if (!this.#totals.has(key)) this.#details.set(total.kind, (this.#details.get(total.kind) ?? 0) + 1);
    this.#totals.set(key, total);
    return total;
  }

  #forget(): void {
    for (const [key, { kind, lastMs }] of this.#totals) {
      if (this.#now() - lastMs <= REMEMBERED_MS) continue;
      this.#totals.delete(key);
      this.#details.set(kind, (this.#details.get(kind) ?? 1) - 1);
    }
  }
}

const CHARACTERS_MAX = 100;
const UNSAFE = /[^\w.:,/ ()<>+;=*-]/g;
/** No word of a path or a content type is so long and has a digit; what is, may be a token. */
const LONG_WORD = /[\w+=-]{24,}/g;
const SHOWN_AS = '...';

/** Senders choose paths, content types and names: plain, short, and without what may be a secret. */
function boundDetail(detail: string): string {
  if (detail === '') return '';
  const short = detail.slice(0, 2 * CHARACTERS_MAX);
  return withoutAddresses(redacted(short, []))
    .replaceAll(LONG_WORD, (word) => (/\d/.test(word) ? SHOWN_AS : word))
    .replaceAll(UNSAFE, '_')
    .slice(0, CHARACTERS_MAX);
}

const MAPPED = /^::ffff:(?=\d+\.)/i;

const boundAddress = (address: string): string =>
  address
    .slice(0, CHARACTERS_MAX)
    .replace(MAPPED, '')
    .replaceAll(/[^\w.:%-]/g, '_');

const keyOf = ({ kind, detail }: Pick<Refusal, 'kind' | 'detail'>): string => `${kind} ${detail}`;

function noteSender(total: Total, address: string, count: number, nowMs: number): void {
  if (address === '') return;
  const before = total.senders.get(address);
  total.senders.delete(address);
  total.senders.set(address, { count: (before?.count ?? 0) + count, lastMs: nowMs });
  if (total.senders.size <= SENDERS_MAX) return;
  total.hasMoreSenders = true;
  for (const oldest of total.senders.keys()) {
    total.senders.delete(oldest);
    return;
  }
}

function totalOf({ senders, ...total }: Total): RefusalTotal {
  return { ...total, senders: [...senders].map(([address, sender]) => ({ address, ...sender })).reverse() };
}
