/** Teams with their parents: what a team does not say itself, the nearest team above it does. */
import { type FeedFacts, holdsAt, type Span, type TeamEntry } from './facts.ts';
import { anyCase } from './names.ts';

/** Also ends a circle. */
const DEPTH_MAX = 32;

type Said = Omit<TeamEntry, 'fromMs' | 'toMs'>;

export class TeamTree {
  readonly #entries = new Map<string, TeamEntry[]>();

  constructor(feeds: readonly FeedFacts[]) {
    for (const { teams } of feeds) {
      for (const { team, entries } of teams) this.#entries.getOrInsertComputed(anyCase(team), () => []).push(...entries);
    }
  }

  /** Of each field what the first feed says. */
  entry(team: string, timeMs: number): Said {
    const said: { parent?: string; cost_center?: string; department?: string } = {};
    for (const entry of this.#entries.get(anyCase(team)) ?? []) {
      if (!holdsAt(entry, timeMs)) continue;
      for (const field of ['parent', 'cost_center', 'department'] as const) {
        const value = entry[field];
        if (value !== undefined) said[field] ??= value;
      }
    }
    return said;
  }

  /** The team and those above it, the nearest first. */
  path(team: string, timeMs: number): readonly string[] {
    const path = [team];
    for (let above = this.entry(team, timeMs).parent; above !== undefined && path.length < DEPTH_MAX; above = this.entry(above, timeMs).parent) {
      if (path.some((one) => anyCase(one) === anyCase(above ?? ''))) break;
      path.push(above);
    }
    return path;
  }

  /** The nearest team that says it. */
  inherited(team: string, field: 'cost_center' | 'department', timeMs: number): { readonly value: string; readonly team: string } | undefined {
    for (const one of this.path(team, timeMs)) {
      const value = this.entry(one, timeMs)[field];
      if (value !== undefined) return { value, team: one };
    }
    return undefined;
  }

  /** When the path of a team, or what one on it says, may change. */
  changes(team: string): readonly Span[] {
    const reached = new Set([anyCase(team)]);
    const entries: TeamEntry[] = [];
    // Grows while it is gone through.
    for (const one of reached) {
      for (const entry of this.#entries.get(one) ?? []) {
        entries.push(entry);
        if (entry.parent !== undefined) reached.add(anyCase(entry.parent));
      }
    }
    return entries;
  }
}
