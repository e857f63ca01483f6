/** A person is taken out, and no figure moves. After each test the roll-ups must equal the entries. */
import { describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import { storedSessionId } from '../../../collector/catalog/session-ids.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import type { Erased, Erasure } from '../../../collector/ledger/erasure.ts';
import { joinKeyOf, keyIn, poolId } from '../../../collector/ledger/pools.ts';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const DAY = 24 * 3_600_000;
const ALICE = 'alice@example.com';
const ACCOUNT = 'account-0001';
const ANY: readonly DimensionName[] = ['organization', 'team', 'user', 'workspace', 'repository', 'model', 'agent'];

export function describeErasure(open: OpenStore): void {
  describe('erasure', () => {
    const ledger = useLedger(open);
    const { append, ask, by, receive } = ledger;

    const erase = (given: Partial<Erasure> = {}): Promise<Erased> =>
      ledger.writer.erase({ names: [ALICE], pseudonym: 'erased-1', isRemembered: true, isTrial: false, ...given });
    /** Every figure but the names of people, and every name there is. */
    const figures = async () => {
      const by: DimensionName[] = ['team', 'model'];
      const months = await ask({ by, grain: 'month', measures: ['cost', 'requests', 'sessions', 'input_tokens'] });
      const days = await ask({ by, grain: 'day', measures: ['cost', 'cost_list', 'cost_events', 'cost_metrics'] });
      const hours = await ask({ by, grain: 'hour', measures: ['cost'] });
      return [months, days, hours].map(({ rows, totals }) => [rows.map(({ startMs, key, values }) => `${startMs} ${key} ${values}`).sort(), totals]);
    };
    const namesIn = async (): Promise<string> => {
      const rows = await Promise.all(ANY.map(async (name) => Object.keys(await by(name))));
      const sessions = await ledger.reader.sessions({ limit: 1_000 });
      return JSON.stringify(
        [rows, sessions.map(({ sessionId }) => sessionId), await ledger.reader.people(), await ledger.reader.senders(0)],
        (_, value) => (typeof value === 'bigint' ? String(value) : value),
      );
    };
    /** A request of hers that says all her names. */
    const hers = (id: string, given: Omit<Parameters<typeof event>[0], 'id'> = {}): Entry =>
      event({ id, sessionId: `of ${id}`, keys: [joinKeyOf(ALICE), joinKeyOf(ACCOUNT)], ...given });

    test('puts the pseudonym in the place of the user, and moves no total', async () => {
      await append(hers('a'), hers('b', { timeMs: NOON - 40 * DAY, team: 'data' }), event({ id: 'c', user: 'bob@example.com', sessionId: 'bobs' }));
      const before = await figures();
      const erased = await erase();
      expect(erased).toMatchObject({ pseudonym: 'erased-1', names: [ALICE] });
      expect(erased.combinations).toBeGreaterThan(0);
      expect(await figures()).toEqual(before);
      expect(await by('user')).toEqual({ 'erased-1': usd('0.02'), 'bob@example.com': usd('0.01') });
      expect(await namesIn()).not.toContain('alice');
      expect((await ledger.reader.people()).map(({ user }) => user).sort()).toEqual(['bob@example.com', 'erased-1', 'erased-1']);
    });

    test('is not found by the name any more, also by whoever has just looked for it', async () => {
      await append(hers('a'));
      const found = async (search: string) => (await ledger.reader.sessions({ limit: 9, search })).map(({ user }) => user);
      expect(await found(ALICE)).toEqual([ALICE]);
      await erase();
      expect(await found(ALICE)).toEqual([]);
      expect(await found('erased-1')).toEqual(['erased-1']);
    });

    test('knows what is delivered again, and books what comes later under the pseudonym', async () => {
      await append(hers('a'));
      await erase();
      expect(await append(hers('a'))).toMatchObject({ duplicates: 1, appended: 0 });
      await append(hers('b', { user: 'Alice@Example.com', dimensions: { workspace: 'of Alice@example.com' } }), hers('c', { user: ALICE }));
      expect(await by('user')).toEqual({ 'erased-1': usd('0.03') });
      expect(Object.keys(await by('workspace'))).toContain('of erased-1');
      await ledger.reopen();
      await append(hers('d'));
      expect(await by('user')).toEqual({ 'erased-1': usd('0.04') });
      expect(await erase({ pseudonym: 'erased-2' })).toMatchObject({ pseudonym: 'erased-1' });
    });

    test('books what comes later under the name again where that is wanted', async () => {
      await append(hers('a'));
      await erase({ isRemembered: false });
      expect(await append(hers('a'), hers('b'))).toMatchObject({ duplicates: 1, appended: 1 });
      expect(await by('user')).toEqual({ 'erased-1': usd('0.01'), [ALICE]: usd('0.01') });
    });

    test('takes other names of the same person with it, and adds up what has become one', async () => {
      await append(hers('a'), hers('b', { user: ACCOUNT, cost: '0.10' }), hers('c', { user: ACCOUNT, cost: '0.20', timeMs: NOON + DAY }));
      const before = await figures();
      expect((await erase()).names).toEqual([ALICE, ACCOUNT]);
      expect(await figures()).toEqual(before);
      expect(await by('user')).toEqual({ 'erased-1': usd('0.31') });
      expect(await by('user', 'cost', { fromMs: NOON + DAY - DAY / 2, grain: 'total' })).toEqual({ 'erased-1': usd('0.20') });
      expect(await ledger.reader.people()).toHaveLength(1);
      expect(await namesIn()).not.toMatch(/alice|account/);
      await append(hers('d', { user: ACCOUNT }));
      expect(await by('user')).toEqual({ 'erased-1': usd('0.32') });
    });

    test('answers the names without looking at more, and takes no others with it where they are given', async () => {
      await append(hers('a'), hers('b', { user: ACCOUNT }));
      const asked = await erase({ isTrial: true, otherNames: 'asked' });
      expect(asked).toEqual({ pseudonym: 'erased-1', names: [ALICE, ACCOUNT], combinations: 0, values: 0, sessions: 0, links: 0 });
      expect(await by('user')).toEqual({ [ALICE]: usd('0.01'), [ACCOUNT]: usd('0.01') });
      expect((await erase({ otherNames: 'given' })).names).toEqual([ALICE]);
      expect(await by('user')).toEqual({ 'erased-1': usd('0.01'), [ACCOUNT]: usd('0.01') });
      expect(await erase({ names: [ACCOUNT], pseudonym: 'erased-2', isTrial: true, otherNames: 'asked' })).toMatchObject({ names: [ACCOUNT] });
    });

    test('leaves a name that others share', async () => {
      const shared = joinKeyOf('build-machine-7');
      await append(
        hers('a', { keys: [joinKeyOf(ALICE), shared] }),
        event({ id: 'b', user: 'bob@example.com', sessionId: 'bobs', keys: [joinKeyOf('bob@example.com'), shared] }),
        event({ id: 'c', user: 'build-machine-7', sessionId: 'nobodys', keys: [shared] }),
      );
      expect((await erase()).names).toEqual([ALICE]);
      expect(Object.keys(await by('user')).sort()).toEqual(['bob@example.com', 'build-machine-7', 'erased-1']);
    });

    test('finds the names in other values and in ids of sessions, and nobody else', async () => {
      const dimensions = { workspace: 'https://x/Alice%40example.com', agent: "'alice@example.com'", repository: 'malice@example.com' };
      await append(
        hers('a', { team: 'alice@example.com', sessionId: 'alice@example.com#1', dimensions: { model: 'm', user: ALICE, ...dimensions } }),
      );
      await erase();
      expect(await namesIn()).not.toMatch(/(?<!m)alice/i);
      expect(Object.keys(await by('repository'))).toEqual(['malice@example.com']);
      expect(Object.keys(await by('agent'))).toEqual(["'erased-1'"]);
      expect(await ledger.reader.session('erased-1#1')).toMatchObject({ sessionId: 'erased-1#1' });
    });

    test('an ordinary word is replaced where it is a user, and nowhere else', async () => {
      await append(hers('a', { user: 'main', dimensions: { agent: 'main', model: 'm', user: 'main' } }));
      await erase({ names: ['main'] });
      expect([Object.keys(await by('user')), Object.keys(await by('agent'))]).toEqual([['erased-1'], ['main']]);
    });

    test.each([
      ['of anybody', ''],
      ['under a token that names its owner', 'realm-of-1'],
    ])('what lost its session is still joined with what did not, before and after, %s', async (_, realm) => {
      const keys = [realm === '' ? joinKeyOf(ALICE) : keyIn(realm, joinKeyOf(ALICE))];
      const pool = (user: string): string => storedSessionId(poolId(user, '2026-11-20'), realm);
      const lost = (id: string, user: string): Entry =>
        metric({ id, user, keys, cost: '0.02', timeMs: NOON + 60_000, startMs: NOON - 60_000, sessionId: pool(user) });
      await append(hers('a', { keys, cost: '0.02' }), lost('m', ALICE));
      expect((await ask({})).totals).toEqual([usd('0.02')]);
      await erase();
      expect((await ask({})).totals).toEqual([usd('0.02')]);
      expect(await namesIn()).not.toContain('alice');
      await ledger.reopen();
      expect(await append(lost('m', ALICE))).toMatchObject({ duplicates: 1 });
      await append(hers('b', { keys, cost: '0.03', timeMs: NOON + 1_000, sessionId: pool(ALICE) }));
      expect(await namesIn()).not.toContain('alice');
      const before = (await ask({})).totals[0] ?? 0n;
      const later = NOON + 3_600_000;
      const reading = { ...lost('n', ALICE), timeMs: later + 60_000, startMs: later - 60_000, cost: usd('0.05') };
      await append(hers('c', { keys, cost: '0.05', timeMs: later }), reading);
      expect((await ask({})).totals).toEqual([before + usd('0.05')]);
    });

    test('works while half a quarter of an hour is added up', async () => {
      const many = Array.from({ length: 300 }, (_, index) =>
        hers(`m${index}`, {
          user: index % 2 === 0 ? ALICE : ACCOUNT,
          dimensions: { model: `model-${index}`, user: index % 2 === 0 ? ALICE : ACCOUNT },
        }),
      );
      await receive(NOON, ...many);
      await receive(NOON + 3 * DAY, event({ id: 'later', user: 'bob@example.com', sessionId: 'bobs', timeMs: NOON + 3 * DAY }));
      const before = await figures();
      await erase();
      expect(await figures()).toEqual(before);
      await receive(NOON + 4 * DAY, event({ id: 'latest', user: 'bob@example.com', sessionId: 'bobs', timeMs: NOON + 3 * DAY }));
    });

    test('a trial says what would be, and changes nothing', async () => {
      await append(hers('a'), hers('b', { user: ACCOUNT }));
      const before = [await figures(), await by('user'), await namesIn()];
      const trial = await erase({ isTrial: true });
      expect([await figures(), await by('user'), await namesIn()]).toEqual(before);
      await append(hers('c'));
      expect(await by('user')).toEqual({ [ALICE]: usd('0.02'), [ACCOUNT]: usd('0.01') });
      expect({ ...(await erase()), combinations: 0 }).toEqual({ ...trial, combinations: 0, links: trial.links + 2 });
    });

    test('of somebody who is not there there is nothing to do', async () => {
      await append(hers('a'));
      expect(await erase({ names: ['nobody@example.com'] })).toMatchObject({ combinations: 0, sessions: 0, values: 0, links: 0 });
      expect(await by('user')).toEqual({ [ALICE]: usd('0.01') });
    });
  });
}
