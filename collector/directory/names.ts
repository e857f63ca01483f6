/** Which user a name stands for, over all feeds, and when. */
import { normalizeUser } from '../catalog/values.ts';
import { eachOf } from '../core/turn.ts';
import { ALWAYS, type FeedFacts, holdsAt, overlapOf, type Span, type UserFacts } from './facts.ts';
import { timeline } from './timeline.ts';

/** Capitals tell neither users nor repositories apart. */
export const anyCase = (key: string): string => key.trim().toLowerCase();

interface Link extends Span {
  /** The name that leads to the user, as the feed spells it. */
  readonly name: string;
  /** As the feed spells it. */
  readonly user: string;
  readonly feed: string;
  readonly isMerge: boolean;
}

/** What one feed says of the user that it calls so. */
export interface KnownUser {
  readonly feed: string;
  readonly facts: UserFacts;
}

interface UserSpan extends Span {
  readonly user: string;
}

/** Names lead to names in other feeds; no real directory goes further. */
const STEPS_MAX = 5;

/**
 * The first feed that knows a name decides whose it is. Two feeds that have a name in common speak of one user, whom the first of them names. A merge
 * says where one name leads, and nothing of the other names of that user.
 */
export class UserNames {
  readonly #links = new Map<string, Link[]>();
  readonly #known = new Map<string, KnownUser[]>();
  #own: ReadonlyMap<string, readonly string[]> | undefined;

  static *of(feeds: readonly FeedFacts[]): Generator<void, UserNames> {
    const names = new UserNames();
    for (const { feed, users, isMerges = false } of feeds) {
      // Of one feed each user first, so that nobody is renamed by another's alias.
      if (!isMerges) yield* eachOf(users, (facts) => names.#addUser(feed, facts));
      yield* eachOf(users, ({ user, aliases }) => {
        for (const alias of aliases) names.#link({ ...alias, user, feed, isMerge: isMerges });
      });
    }
    // Only now is it known where the names of the first feed lead.
    for (const { feed, users } of feeds) yield* names.#addKnown(feed, users);
    return names;
  }

  #addUser(feed: string, facts: UserFacts): void {
    const earlier = this.#links.has(anyCase(facts.user)) ? [] : facts.aliases.flatMap((alias) => this.#earlierLinks(alias));
    for (const link of earlier) this.#link({ ...link, name: facts.user, feed });
    this.#link({ ...ALWAYS, name: facts.user, user: facts.user, feed, isMerge: false });
  }

  /** Of one feed, what it says of the user itself goes before what it says of another that is the same one. */
  *#addKnown(feed: string, users: readonly UserFacts[]): Generator<void, void> {
    const add = (user: string, facts: UserFacts): unknown => this.#known.getOrInsertComputed(user, () => []).push({ feed, facts });
    yield* eachOf(users, (facts) => add(anyCase(facts.user), facts));
    yield* eachOf(users, (facts) => {
      for (const user of this.#reachedFrom(facts.user)) if (user !== anyCase(facts.user)) add(user, facts);
    });
  }

  /** Users that the name may stand for at any time. */
  #reachedFrom(name: string): ReadonlySet<string> {
    const reached = new Set([anyCase(name)]);
    // Grows while it is gone through.
    for (const one of reached) for (const { user } of this.#linksOf(one)) reached.add(anyCase(user));
    return reached;
  }

  #earlierLinks(alias: Span & { readonly name: string }): readonly Link[] {
    return this.#linksOf(alias.name).flatMap((link) => {
      const span = overlapOf(alias, link);
      return span === undefined || link.isMerge ? [] : [{ ...link, ...span }];
    });
  }

  #link(link: Link): void {
    const isOwn = anyCase(link.user) === anyCase(link.name);
    // A merge of a user into one of its other names leads there: the way back would be a circle.
    if (!isOwn && this.#reachedFrom(link.user).has(anyCase(link.name))) return;
    this.#links.getOrInsertComputed(anyCase(link.name), () => []).push(link);
  }

  #linksOf = (name: string): readonly Link[] => this.#links.get(anyCase(name)) ?? [];

  /** The first link of a name that leads elsewhere, or none. */
  #linkAt(name: string, timeMs: number): Link | undefined {
    const link = this.#linksOf(name).find((one) => holdsAt(one, timeMs));
    return link === undefined || anyCase(link.user) === anyCase(name) ? undefined : link;
  }

  /** Step by step, from the name to the user that it stands for: empty where it is nobody's alias. */
  steps(name: string, timeMs: number): readonly { readonly from: string; readonly to: string; readonly feed: string }[] {
    const steps: { from: string; to: string; feed: string }[] = [];
    for (let from = name; steps.length < STEPS_MAX; ) {
      const link = this.#linkAt(from, timeMs);
      if (link === undefined || steps.some((step) => anyCase(step.from) === anyCase(link.user))) break;
      steps.push({ from, to: normalizeUser(link.user), feed: link.feed });
      from = link.user;
    }
    return steps;
  }

  /** The user that the name stands for; the name itself where it is nobody's alias. */
  canonical(name: string, timeMs: number): string {
    if (this.#linkAt(name, timeMs) === undefined) return name;
    return this.steps(name, timeMs).at(-1)?.to ?? name;
  }

  /** What the feeds say of a canonical user, the first feed first. */
  of(user: string, timeMs: number): readonly KnownUser[] {
    const known = this.#known.get(anyCase(user)) ?? [];
    return known.filter(({ facts }) => anyCase(this.canonical(facts.user, timeMs)) === anyCase(user));
  }

  /** Every name that stands for the user at some time and for nobody else at any, its own first. */
  everyName(user: string): readonly string[] {
    this.#own ??= this.#readOwn();
    return [user, ...(this.#own.get(anyCase(user)) ?? [])];
  }

  /** By user: names that are this user's alone, but for its own. */
  #readOwn(): ReadonlyMap<string, readonly string[]> {
    const own = new Map<string, string[]>();
    for (const [name, [link]] of this.#links) {
      const others = this.#standsFor(name);
      others.delete(name);
      const [user] = others;
      if (user !== undefined && others.size === 1) own.getOrInsertComputed(user, () => []).push(link?.name ?? name);
    }
    return own;
  }

  /** Over all times. */
  readonly #standsFor = (name: string): Set<string> => new Set(this.spans(name).map(({ user }) => anyCase(user)));

  /** The user that the name stands for, over all times: each as long as it is. */
  spans(name: string): readonly UserSpan[] {
    const links = [...this.#reachedFrom(name)].flatMap(this.#linksOf);
    return timeline(links, (instant) => this.canonical(name, instant)).map(({ value: user, ...span }) => ({ ...span, user }));
  }
}
