/** Rules by name: the exact name first, then the longest pattern that matches, of those that hold at the time. */
import { repositoryPattern } from '../core/repository-pattern.ts';
import { type FeedFacts, holdsAt, type RuleFacts, type Span } from './facts.ts';
import { anyCase } from './names.ts';
import { type Placement, statedOf } from './placement.ts';

export interface Match {
  readonly feed: string;
  readonly pattern: string;
  readonly placement: Placement;
}

interface Rule {
  readonly feed: string;
  readonly facts: RuleFacts;
  readonly pattern: RegExp;
  readonly weight: number;
}

export const RULE_NAMES = ['repositories', 'workspaces', 'tokens', 'domains'] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** A pattern as it is compared. */
const readPattern = (name: RuleName, pattern: string): string => (name === 'repositories' ? repositoryPattern(pattern) : pattern);

export class Rules {
  readonly #exact = new Map<string, Rule[]>();
  readonly #patterns: readonly Rule[];
  readonly spans: readonly Span[];

  constructor(name: RuleName, feeds: readonly FeedFacts[]) {
    const rules = feeds.flatMap((facts) => facts[name].map((rule) => toRule(facts.feed, rule, readPattern(name, rule.pattern))));
    for (const rule of rules.filter(isExact)) this.#exact.getOrInsertComputed(anyCase(readPattern(name, rule.facts.pattern)), () => []).push(rule);
    this.#patterns = rules.filter((rule) => !isExact(rule)).sort((left, right) => right.weight - left.weight);
    this.spans = rules.flatMap(({ facts }) => facts.memberships);
  }

  find(name: string, timeMs: number): Match | undefined {
    return (
      firstOf(this.#exact.get(anyCase(name)) ?? [], timeMs) ??
      firstOf(
        this.#patterns.filter(({ pattern }) => pattern.test(name)),
        timeMs,
      )
    );
  }
}

const isExact = ({ weight }: Rule): boolean => weight === Number.POSITIVE_INFINITY;

function firstOf(rules: readonly Rule[], timeMs: number): Match | undefined {
  for (const { feed, facts } of rules) {
    const membership = facts.memberships.find((one) => holdsAt(one, timeMs));
    if (membership !== undefined) return { feed, pattern: facts.pattern, placement: statedOf(membership.placement) };
  }
  return undefined;
}

/** A longer pattern outweighs a shorter one. */
function toRule(feed: string, facts: RuleFacts, pattern: string): Rule {
  const source = pattern.split('*').map(escapePattern).join('.*');
  return { feed, facts, pattern: new RegExp(`^${source}$`, 'i'), weight: pattern.includes('*') ? pattern.length : Number.POSITIVE_INFINITY };
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
