/** One usage becomes one ledger entry: what happened, whose it was, what it costs at list price. */
import { hash } from 'node:crypto';
import type { Attributed } from './attribution.ts';
import type { Amounts, Entry } from './ledger.ts';
import type { PicoUsd } from './money.ts';
import type { Claims, RequestTokens, Usage } from './usage.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `listCost` is undefined when the usage carries no tokens of its own, or when its model has no list price. */
export function charge(usage: Usage, attributed: Attributed, listCost: PicoUsd | undefined): Entry {
  const entry = {
    sessionId: usage.sessionId || standInSession(usage, attributed),
    identity: usage.identity,
    timeMs: usage.timeMs,
    signal: usage.signal,
    // A request whose cost the client does not tell is booked at list price; without one its tokens stay visible as unpriced.
    cost: usage.cost ?? listCost ?? 0n,
    listCost: listCost ?? 0n,
    amounts: usage.tokens !== undefined && listCost === undefined ? addUnpriced(usage.amounts, usage.tokens) : usage.amounts,
    dimensions: { ...usage.dimensions, ...attributed },
    modelRecognised: usage.modelRecognised,
  };
  return usage.cumulative === undefined ? entry : { ...entry, cumulative: usage.cumulative };
}

/** Tokens without a price stay visible as tokens; zero money would pretend to know. */
function addUnpriced(amounts: Amounts, tokens: RequestTokens): Amounts {
  const total = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheCreation5m + tokens.cacheCreation1h;
  return total === 0 ? amounts : { ...amounts, unpriced_tokens: total };
}

/**
 * A client may be told to leave session.id out. What it sends is then gathered by user and UTC day, so that its events and
 * metrics still meet and are booked once. A data point belongs to the day its interval begins in: all points of a
 * cumulative series land in one place, and a minute's events and its delta point part only at midnight.
 */
function standInSession(usage: Usage, attributed: Attributed): string {
  const day = new Date(Math.floor(usage.startMs / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
  return `no-session:${attributed.user ?? hashResource(usage.claims)}:${day}`;
}

function hashResource(claims: Claims): string {
  return hash('sha256', JSON.stringify([...claims.resource].sort()), 'base64url').slice(0, 16);
}
