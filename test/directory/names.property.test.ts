/** Of made-up feeds: every name stands for one user at every instant, whichever way it is asked, and nothing changes between two edges. */
import { expect, test } from '@jest/globals';
import { Random } from '../../collector/demo/random.ts';
import { createDirectory, type Directory } from '../../collector/directory/directory.ts';
import { type FeedFacts, holdsAt, type Span } from '../../collector/directory/facts.ts';
import { factsOfMerges } from '../../collector/directory/merges-feed.ts';
import { ownerOf } from '../../collector/directory/owner.ts';

const ROUNDS = 150;
const MERGED_ROUNDS = 75;
const DAYS = 12;

function spanIn(random: Random): Span {
  const [one, other] = [random.whole(0, DAYS), random.whole(0, DAYS)];
  const fromMs = random.chance(0.3) ? Number.NEGATIVE_INFINITY : Math.min(one, other);
  return { fromMs, toMs: random.chance(0.3) ? Number.POSITIVE_INFINITY : Math.max(one, other) };
}

function feedIn(random: Random, feed: string): FeedFacts {
  const free = new Set(Array.from({ length: 10 }, (_, index) => `n${index}`));
  const take = (): string[] => {
    const name = [...free][random.whole(0, free.size - 1)];
    if (name === undefined) return [];
    free.delete(name);
    return [name];
  };
  const users = Array.from({ length: random.whole(0, 4) }, () => take()).flatMap(([user]) => {
    if (user === undefined) return [];
    const aliases = Array.from({ length: random.whole(0, 2) }, () => take().map((name) => ({ name, ...spanIn(random) }))).flat();
    const memberships = Array.from({ length: random.whole(0, 3) }, () => ({ ...spanIn(random), placement: { team: `t${random.whole(0, 3)}` } }));
    return [{ user, aliases, memberships }];
  });
  return { feed, users, teams: [], repositories: [], workspaces: [], tokens: [], domains: [] };
}

const feedsIn = (random: Random): readonly FeedFacts[] => Array.from({ length: random.whole(1, 3) }, (_, index) => feedIn(random, `f${index}`));

const eachRound = (run: (directory: Directory, feeds: readonly FeedFacts[], random: Random) => void): void => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = new Random('directory', round);
    const feeds = feedsIn(random);
    run(createDirectory({ feeds }), feeds, random);
  }
};

/** The same, and then after merges of any names. */
const eachMerged = (run: (directory: Directory, feeds: readonly FeedFacts[]) => void): void => {
  eachRound(run);
  for (let round = 0; round < MERGED_ROUNDS; round++) {
    const random = new Random('merged', round);
    const name = (): string => `n${random.whole(0, 9)}`;
    const merges = Array.from({ length: random.whole(1, 4) }, () => ({ alias: name(), user: name() })).filter(({ alias, user }) => alias !== user);
    const feeds = [factsOfMerges(merges), ...feedsIn(random)];
    run(createDirectory({ feeds }), feeds);
  }
};

const NAMES = Array.from({ length: 10 }, (_, index) => `n${index}`);
const INSTANTS = Array.from({ length: DAYS * 2 + 3 }, (_, index) => index / 2 - 1);

test('a user that a name stands for stands for itself', () => {
  eachMerged((directory) => {
    for (const name of NAMES) {
      for (const instant of INSTANTS) {
        const user = directory.canonical(name, instant);
        expect(directory.canonical(user, instant)).toBe(user);
      }
    }
  });
});

test('each user of a feed is known under exactly one user at each instant', () => {
  eachMerged((directory, feeds) => {
    for (const instant of INSTANTS) {
      const users = new Set(NAMES.map((name) => directory.canonical(name, instant)));
      for (const { feed, users: known } of feeds) {
        for (const { user } of known) {
          const under = [...users].filter((one) => directory.placed(one, instant)?.feeds.some((found) => found.feed === feed && found.user === user));
          expect(under).toEqual([directory.canonical(user, instant)]);
        }
      }
    }
  });
});

test('the first feed alone decides what its names stand for', () => {
  eachRound((directory, [first]) => {
    for (const { user, aliases } of first?.users ?? []) {
      for (const instant of INSTANTS) {
        expect(directory.canonical(user, instant)).toBe(user);
        for (const alias of aliases) if (holdsAt(alias, instant)) expect(directory.canonical(alias.name, instant)).toBe(user);
      }
    }
  });
});

test('between two edges nothing changes', () => {
  eachRound((directory) => {
    for (const instant of INSTANTS) {
      const { fromMs, toMs } = directory.steadyAround(instant);
      const others = INSTANTS.filter((other) => other >= fromMs && other < toMs);
      for (const name of NAMES) {
        const answer = JSON.stringify([directory.canonical(name, instant), directory.person(name, instant)]);
        for (const other of others) expect(JSON.stringify([directory.canonical(name, other), directory.person(name, other)])).toBe(answer);
      }
    }
  });
});

test('the owner does not depend on the order in which teams are named', () => {
  eachRound((_directory, _feeds, random) => {
    const teams = Array.from({ length: random.whole(1, 5) }, () => `t${random.whole(0, 6)}`);
    const rules = { priority: ['t3', 't1'], depthOf: (team: string) => Number(team.slice(1)) % 3 };
    const owner = ownerOf(teams, rules);
    expect(ownerOf(teams.toReversed(), rules)).toEqual(owner);
    expect([owner?.team, ...(owner?.others ?? [])].toSorted()).toEqual([...new Set(teams)].toSorted());
  });
});
