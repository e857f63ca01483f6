/** Lists of sessions, as far as they need no store. */
import { descending } from './session-parts.ts';
import type { SessionBand, SessionPlace, SessionSummary, SessionsQuery, Within } from './sessions.ts';

export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const byCost = (a: SessionPlace, b: SessionPlace): number =>
  descending(a.cost, b.cost) || b.lastSeenMs - a.lastSeenMs || byBytes(a.sessionId, b.sessionId);

/**
 * The most expensive of a query with filters. Of a shared session a part may be inside, and cost less than the session by which a store orders:
 * `parts` are all of these, `whole` the first of the others.
 */
export function mostExpensive(
  whole: readonly SessionSummary[],
  parts: readonly SessionSummary[],
  { after, limit }: Pick<SessionsQuery, 'after' | 'limit'>,
): SessionSummary[] {
  const isBehind = (session: SessionPlace): boolean => after === undefined || byCost(after, session) < 0;
  return [...whole, ...parts.filter(isBehind)].sort(byCost).slice(0, limit);
}

/** Sessions counted by organization and band. */
export class BandCounts {
  readonly #bands = new Map<string, SessionBand>();

  add({ organization, band, sessions }: SessionBand): void {
    const key = JSON.stringify([organization, band]);
    this.#bands.set(key, { organization, band, sessions: sessions + (this.#bands.get(key)?.sessions ?? 0) });
  }

  rows(): SessionBand[] {
    return [...this.#bands.values()].sort((a, b) => byBytes(a.organization, b.organization) || a.band - b.band);
  }
}

/** What is kept by these dimensions alone says nothing within filters over others. */
export const isOver = (within: Within, names: readonly string[]): boolean => within.every(({ dimension }) => names.includes(dimension));
