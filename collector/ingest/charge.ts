/** One usage becomes one ledger entry: what happened, its owner, what it costs at list price. */
import { hash } from 'node:crypto';
import { storedSessionId } from '../catalog/session-ids.ts';
import { DAY_MS } from '../core/duration.ts';
import { PICO_PER_USD, RECORD_USD_MAX } from '../core/money.ts';
import type { Amounts, Entry } from '../ledger/entry.ts';
import { underWay } from '../ledger/increments.ts';
import { poolId } from '../ledger/pools.ts';
import type { Price } from '../ledger/repricing.ts';
import { asideIdentity } from '../ledger/set-aside.ts';
import type { Explanation } from '../pricing/explain/request.ts';
import type { RequestTokens } from '../pricing/tokens.ts';
import type { Attributed } from './attribution/attribution.ts';
import type { Claims } from './attribution/claims.ts';
import type { Keys } from './attribution/join-keys.ts';
import type { Usage } from './usage.ts';

const LIST_MAX = BigInt(RECORD_USD_MAX) * PICO_PER_USD;

/** On whose word a usage is booked. */
export interface Origin {
  /** See realm.ts. */
  readonly realm: string;
  readonly keys: Keys;
}

/** What of a price is booked. */
export type Priced = Pick<Explanation, 'tokens' | 'lifetimes' | 'list' | 'uncertain' | 'basis'>;

/** `priced` is undefined when the usage carries no tokens of its own. */
export function charge(usage: Usage, attributed: Attributed, priced: Priced | undefined, origin?: Origin): Entry {
  const price = priced && booked(priced);
  const basis = priced?.basis;
  const entry: Entry = {
    sessionId: storedSessionId(usage.sessionId || poolOf(usage, attributed), origin?.realm ?? ''),
    identity: usage.isSetAside === true ? asideIdentity(usage.identity) : usage.identity,
    timeMs: usage.timeMs,
    source: usage.source,
    // What the client did not report stays unreported: list price beside it is an estimate.
    cost: usage.cost ?? 0n,
    listCost: price?.listCost ?? 0n,
    amounts: { ...usage.amounts, ...price?.amounts },
    dimensions: { ...usage.dimensions, ...attributed, ...(basis !== undefined && { price_basis: basis }) },
    ...(usage.source !== 'events' && { startMs: usage.startMs }),
    ...(usage.cost === undefined && usage.tokens !== undefined && { isCostMissing: true }),
    ...(!usage.isTimeCertain && { isTimeUncertain: true }),
    ...(usage.isSetAside === true && { isSetAside: true }),
    ...(usage.isStandIn === true && { isStandIn: true }),
    ...(usage.request !== undefined && { request: usage.request }),
    ...(origin !== undefined && { keys: usage.sessionId === '' ? origin.keys.ofPool : origin.keys.ofSession }),
  };
  if (usage.cumulative !== undefined)
    return { ...entry, ...(usage.sessionId === '' ? inPool(usage.cumulative, usage.timeMs) : { cumulative: usage.cumulative }) };
  // Without a session the numbers of several processes would be read as one row, with gaps that are none.
  return usage.sequence === undefined || usage.sessionId === '' ? entry : { ...entry, sequence: usage.sequence };
}

/**
 * What of a price an entry books, beside what its record says. A list price beyond what a record may cost is a mistake in the price file: its
 * tokens are shown as unpriced. An amount is a double: what it could not hold exactly is left out, or its tokens are unpriced, too.
 */
export function booked({ tokens, lifetimes, uncertain, list }: Priced): Price {
  const listPrice = list !== undefined && list.cost <= LIST_MAX ? list : undefined;
  const listCost = listPrice?.cost ?? 0n;
  const hourWrites = lifetimes === 'solved' && tokens.cacheCreation1h > 0 ? { cache_creation_1h_tokens: tokens.cacheCreation1h } : undefined;
  if (listPrice === undefined || listPrice.uncached > Number.MAX_SAFE_INTEGER) return { listCost, amounts: { ...hourWrites, ...unpriced(tokens) } };
  const { uncached, contracted } = listPrice;
  if (uncached === 0n) return { listCost, amounts: {} };
  const amounts = {
    ...hourWrites,
    cost_list_uncached: Number(uncached),
    ...(isAmount(contracted) && { cost_contracted: Number(contracted) }),
    ...(isAmount(uncertain) && { cost_list_uncertain: Number(uncertain) }),
  };
  return { listCost, amounts };
}

const isAmount = (cost: bigint): boolean => cost > 0n && cost <= Number.MAX_SAFE_INTEGER;

/** Tokens without a price stay visible as tokens; zero money would pretend to know. */
function unpriced(tokens: RequestTokens): Amounts {
  const total = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheCreation5m + tokens.cacheCreation1h;
  return total === 0 ? {} : { unpriced_tokens: total };
}

/**
 * A client may be set to leave session.id out, and a processor may take it away. What comes without is then gathered by user and UTC day,
 * so that its events and metrics still meet and are booked once; with sessions of the same person it is joined in ledger/pools.ts. A delta point
 * belongs to the day its interval begins in, so that a minute's events and its point part only at midnight.
 */
function poolOf({ timeMs, startMs = timeMs, cumulative, claims }: Usage, attributed: Attributed): string {
  const day = new Date(dayOf(cumulative === undefined ? startMs : timeMs)).toISOString().slice(0, 10);
  return poolId(attributed.user ?? hashResource(claims), day);
}

/** A series of a process that goes on past midnight: its events are in the pool of the new day, and so must its readings be. */
function inPool(cumulative: NonNullable<Usage['cumulative']>, timeMs: number): Pick<Entry, 'cumulative' | 'startMs'> {
  const startMs = dayOf(timeMs);
  const isUnderWay = cumulative.startMs !== 0 && cumulative.startMs < startMs;
  return isUnderWay ? { startMs, cumulative: { series: underWay(cumulative), startMs } } : { cumulative };
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

function hashResource(claims: Claims): string {
  return hash('sha256', JSON.stringify([...claims.resource].sort()), 'base64url').slice(0, 16);
}
