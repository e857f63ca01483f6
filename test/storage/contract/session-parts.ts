/** Sessions that change user, team, workspace or repository: what of them is inside a scope, against a plain fold over entries. */
import { describe, expect, test } from '@jest/globals';
import { MEASURE_NAMES, type MeasureName } from '../../../collector/catalog/measures.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { SESSION_DIMENSIONS, type SessionFilter, type SessionOrder, type SessionSummary, type Within } from '../../../collector/ledger/sessions.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const ORGANIZATIONS = ['acme', ''] as const;
const TEAMS = ['platform', 'data', ''] as const;
const USERS = ['ann', 'ben', ''] as const;
const WORKSPACES = ['shop', 'lab', ''] as const;
const REPOSITORIES = ['acme/shop', ''] as const;

/** Most sessions stay where they are; some move now and then. */
function randomSessions(random: Random, count: number): Entry[] {
  return Array.from({ length: count }, (_, session) => {
    const moves = random.pick([0, 0, 0.2, 0.6]);
    let place = placeOf(random);
    return Array.from({ length: 1 + random.below(8) }, (_, index) => {
      if (random.chance(moves)) place = { ...place, ...somewhere(random) };
      return event({
        ...{ id: `${session}-${index}`, sessionId: `session-${session}`, timeMs: NOON + (session + index * random.below(3)) * MINUTE },
        ...{ cost: `${random.below(3)}.${1 + random.below(9)}`, model: random.pick(['opus', 'haiku']), team: place.team, user: place.user },
        dimensions: {
          organization: place.organization,
          workspace: place.workspace,
          repository: place.repository,
          client_version: `2.${session % 2}`,
        },
      });
    });
  }).flat();
}

const placeOf = (random: Random) => ({
  organization: random.pick(ORGANIZATIONS),
  team: random.pick(TEAMS),
  user: random.pick(USERS),
  workspace: random.pick(WORKSPACES),
  repository: random.pick(REPOSITORIES),
});
const somewhere = (random: Random) => random.pick([{ user: random.pick(USERS) }, { workspace: random.pick(WORKSPACES) }, placeOf(random)]);

function randomScope(random: Random): SessionFilter[] {
  const values = { organization: ORGANIZATIONS, team: TEAMS, user: USERS, workspace: WORKSPACES, repository: REPOSITORIES };
  const chosen = random.shuffle(SESSION_DIMENSIONS).slice(0, random.below(3));
  return chosen.map((dimension) => ({ dimension, values: random.shuffle(values[dimension]).slice(0, 1 + random.below(2)) }));
}

const has = (entry: Entry, within: Within): boolean => within.every(({ dimension, values }) => values.includes(entry.dimensions[dimension] ?? ''));

const sum = (entries: readonly Entry[]): bigint => entries.reduce((total, { cost }) => total + cost, 0n);

/** Events alone: what is booked is what they say. */
function measured(entries: readonly Entry[], measure: MeasureName): bigint {
  if (measure === 'cost' || measure === 'cost_events') return sum(entries);
  return BigInt(entries.reduce((total, { amounts }) => total + (amounts[measure] ?? 0), 0));
}

function sharesOf(entries: readonly Entry[]) {
  const owners = Map.groupBy(entries, ({ dimensions: { organization = '', team = '', user = '' } }) => JSON.stringify([organization, team, user]));
  return owners.size < 2 ? [] : [...owners].map(([owner, own]) => [owner, sum(own)]).sort();
}

const shownShares = ({ shares }: SessionSummary) =>
  shares.map(({ organization, team, user, cost }) => [JSON.stringify([organization, team, user]), cost]).sort();

export function describeSessionParts(open: OpenStore): void {
  describe('parts of sessions', () => {
    const ledger = useLedger(open);

    test('are what a fold over the entries inside comes to, in lists, bands and one by one, in whatever order they came', async () => {
      const random = seededRandom('session parts');
      const entries = randomSessions(random, 60);
      const shuffled = random.shuffle(entries);
      while (shuffled.length > 0) await ledger.append(...shuffled.splice(0, 1 + random.below(40)));
      const bySession = Map.groupBy(entries, ({ sessionId }) => sessionId);
      for (let round = 0; round < 60; round++) {
        const [within, where] = [randomScope(random), randomScope(random)];
        const parts = [...bySession].flatMap(([sessionId, all]) => {
          const visible = all.filter((entry) => has(entry, within));
          const named = visible.filter((entry) => has(entry, where));
          return named.length === 0 ? [] : [{ sessionId, named, visible, all }];
        });
        const listed = await ledger.reader.sessions({ limit: 1000, within, where });
        expect(listed.map(({ sessionId }) => sessionId).sort()).toEqual(parts.map(({ sessionId }) => sessionId).sort());
        expect(await ledger.reader.sessionCount({ within, where })).toBe(parts.length);
        for (const { sessionId, named, visible } of parts) {
          const session = listed.find((one) => one.sessionId === sessionId);
          expect([sessionId, session?.cost, session?.costBySource.events]).toEqual([sessionId, sum(named), sum(named)]);
          expect(session && shownShares(session)).toEqual(sharesOf(visible));
          const shown = SESSION_DIMENSIONS.map((name) => session?.[name]);
          expect(named.map(({ dimensions }) => SESSION_DIMENSIONS.map((name) => dimensions[name] ?? ''))).toContainEqual(shown);
        }
        const edges = [usd('1'), usd('5')];
        const bands = await ledger.reader.sessionBands({ fromMs: 0, edges, where: [...within, ...where] });
        const counted = [0, 1, 2].map((band) => bands.reduce((total, one) => total + (one.band === band ? one.sessions : 0), 0));
        expect(counted).toEqual(
          [0, 1, 2].map((band) => parts.filter(({ named }) => edges.filter((edge) => sum(named) >= edge).length === band).length),
        );
      }
    });

    test('of one session are its totals, models and shares inside, and nothing where nothing is', async () => {
      const random = seededRandom('one session in parts');
      const entries = randomSessions(random, 25);
      await ledger.append(...entries);
      for (const [sessionId, all] of Map.groupBy(entries, (entry) => entry.sessionId)) {
        for (let round = 0; round < 8; round++) {
          const within = randomScope(random);
          const inside = all.filter((entry) => has(entry, within));
          const session = await ledger.reader.session(sessionId, within);
          if (inside.length === 0) {
            expect(session).toBeUndefined();
            continue;
          }
          for (const measure of ['cost', 'cost_events', 'requests', 'input_tokens', 'output_tokens'] as const)
            expect([measure, session?.totals[measure]]).toEqual([measure, measured(inside, measure)]);
          const models = session?.models.map(({ model, totals }) => [model, totals.cost]).sort();
          expect(models).toEqual([...Map.groupBy(inside, ({ dimensions }) => dimensions.model)].map(([model, own]) => [model, sum(own)]).sort());
          expect(session && shownShares(session)).toEqual(sharesOf(inside));
          expect(MEASURE_NAMES.every((name) => (session?.totals[name] ?? -1n) >= 0n)).toBe(true);
        }
      }
    });

    test.each<SessionOrder>(['last_seen', 'cost', 'duration'])(
      'come a page after the other by %s, each once, in the order of the whole list',
      async (order) => {
        const random = seededRandom(`pages by ${order}`);
        // Few different costs and times, so that there are many ties.
        await ledger.append(...randomSessions(random, 50).map((entry) => ({ ...entry, timeMs: NOON + (entry.timeMs % 4) * MINUTE, cost: usd('1') })));
        for (const within of [[], [], randomScope(random), randomScope(random)]) {
          const whole = await ledger.reader.sessions({ limit: 1000, order, within });
          const paged: SessionSummary[] = [];
          for (;;) {
            const page = await ledger.reader.sessions({ limit: 7, order, within, after: paged.at(-1) });
            if (page.length === 0) break;
            paged.push(...page);
          }
          expect(paged).toEqual(whole);
        }
      },
    );

    test('are found by how their id begins, and by a part of their names as shown in any capitals, inside alone', async () => {
      await ledger.append(
        event({ id: 'a', sessionId: 'Abc-1~0123456789', user: 'Ärmel', team: 'data', dimensions: { workspace: 'Web Shop' } }),
        event({ id: 'b', sessionId: 'abd-2', user: 'bob', team: 'data', dimensions: { repository: 'acme/shop' }, timeMs: NOON + 1 }),
        event({ id: 'c', sessionId: 'abd-2', user: 'cleo', team: 'other', timeMs: NOON + 2 }),
      );
      const found = async (search: string, more: object = {}) => {
        const sessions = await ledger.reader.sessions({ limit: 9, search, ...more });
        if (!('idPrefix' in more)) expect(await ledger.reader.sessionCount({ search, ...more })).toBe(sessions.length);
        return sessions.map(({ sessionId }) => sessionId.slice(0, 5)).sort();
      };
      expect(await found('aB')).toEqual(['Abc-1', 'abd-2']);
      expect(await found('ABD')).toEqual(['abd-2']);
      expect(await found('bd-2')).toEqual([]);
      expect(await found('ärm')).toEqual(['Abc-1']);
      expect(await found('SHOP')).toEqual(['Abc-1', 'abd-2']);
      expect(await found('other')).toEqual(['abd-2']);
      expect(await found('unalloc')).toEqual(['Abc-1', 'abd-2']);
      expect(await found('%')).toEqual([]);
      expect(await found('cleo', { within: [{ dimension: 'team', values: ['data'] }] })).toEqual([]);
      expect(await found('abd', { within: [{ dimension: 'team', values: ['data'] }] })).toEqual(['abd-2']);
      expect(await found('', { idPrefix: 'Abc' })).toEqual(['Abc-1']);
      expect(await found('', { idPrefix: 'b' })).toEqual([]);
    });

    test('outlive their entries', async () => {
      await ledger.append(
        event({ id: 'a', cost: '1', dimensions: { workspace: 'shop' } }),
        event({ id: 'b', cost: '2', user: 'bob', timeMs: NOON + 1 }),
        event({ id: 'c', cost: '4', sessionId: 'whole' }),
      );
      const [ofBob, inShop]: [Within, Within] = [[{ dimension: 'user', values: ['bob'] }], [{ dimension: 'workspace', values: ['shop'] }]];
      const seen = async () => [
        [
          await ledger.reader.session('session-1', ofBob),
          await ledger.reader.session('session-1', inShop),
          await ledger.reader.session('whole', inShop),
        ],
        await ledger.reader.sessions({ limit: 9, within: ofBob }),
      ];
      const before = await seen();
      expect(await ledger.writer.prune(NOON + MINUTE)).toBe(3);
      expect(await seen()).toEqual(before);
    });

    test('senders, users, minutes and gaps are those inside', async () => {
      await ledger.append(
        event({ id: 'a', sequence: 1 }),
        event({ id: 'b', sessionId: 's2', user: 'bob', team: 'data', sequence: 1, dimensions: { workspace: 'shop' } }),
      );
      const inside = async (within: Within) => [
        (await ledger.reader.senders(0, within)).map(({ user }) => user),
        (await ledger.reader.people(within)).map(({ user }) => user),
        (await ledger.reader.minutes({ fromMs: NOON, toMs: NOON + MINUTE }, within)).map(({ team }) => team),
        (await ledger.reader.gaps(0, within)).map(({ user }) => user),
      ];
      expect(await inside([{ dimension: 'team', values: ['data'] }])).toEqual([['bob'], ['bob'], ['data'], ['bob']]);
      expect(await inside([{ dimension: 'user', values: ['bob'] }])).toEqual([['bob'], ['bob'], [], ['bob']]);
      expect(await inside([{ dimension: 'workspace', values: ['shop'] }])).toEqual([['bob'], [], [], ['bob']]);
    });
  });
}
