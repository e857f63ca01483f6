/** What is appended: once in effect, whatever comes again, beside others or too large. */
import { describe, expect, test } from '@jest/globals';
import { event, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function describeAppend(open: OpenStore): void {
  describe('what is appended', () => {
    const ledger = useLedger(open);
    const { append, receive, ask, total, by } = ledger;

    test('an empty ledger has no sessions, totals of zero and no age', async () => {
      expect(await total()).toBe(0n);
      expect((await ask({})).asOfMs).toBeUndefined();
      expect(await ledger.reader.session('nobody')).toBeUndefined();
      expect(await ledger.reader.status()).toMatchObject({ entries: 0, sessions: 0 });
    });

    test('what is appended can be read at once, by dimension', async () => {
      const outcome = await append(event({ id: 'a', cost: '0.02' }), event({ id: 'b', cost: '0.03', team: 'data', timeMs: NOON + 1 }));
      expect(outcome).toEqual({ appended: 2, duplicates: 0, conflicts: 0, expired: 0 });
      expect(await total()).toBe(usd('0.05'));
      expect(await by('team')).toEqual({ platform: usd('0.02'), data: usd('0.03') });
      expect(await total('requests')).toBe(2n);
      expect((await ask({})).asOfMs).toBe(NOON + DAY);
    });

    test('the same entry again leaves totals unchanged and is counted', async () => {
      const entry = event({ id: 'a' });
      await append(entry, entry);
      const outcome = await append(entry);
      expect(outcome).toEqual({ appended: 0, duplicates: 1, conflicts: 0, expired: 0 });
      expect(await total()).toBe(usd('0.01'));
      expect((await ledger.reader.status()).counters).toEqual({ appended: 1, duplicates: 2, conflicts: 0, expired: 0, late: 1 });
    });

    test('an entry that its export repeats counts as often as it came: as duplicates when it is new or known, as conflicts when it differs', async () => {
      const entry = { ...event({ id: 'a' }), repeats: 3 };
      expect(await append(entry, event({ id: 'b' }))).toEqual({ appended: 2, duplicates: 3, conflicts: 0, expired: 0 });
      expect(await append(entry)).toEqual({ appended: 0, duplicates: 4, conflicts: 0, expired: 0 });
      expect(await append({ ...event({ id: 'a', cost: '0.99' }), repeats: 1 })).toEqual({ appended: 0, duplicates: 0, conflicts: 2, expired: 0 });
      expect(await total()).toBe(usd('0.02'));
      expect((await ledger.reader.status()).counters).toMatchObject({ appended: 2, duplicates: 7, conflicts: 2 });
    });

    test.each([
      ['cost', event({ id: 'a', cost: '0.99' })],
      ['amounts', event({ id: 'a', amounts: { requests: 1, input_tokens: 99 } })],
      ['model', event({ id: 'a', model: 'claude-haiku-5-5' })],
    ])('the same identity with another %s is a conflict and never overwrites', async (_, changed) => {
      await append(event({ id: 'a' }));
      expect(await append(changed)).toEqual({ appended: 0, duplicates: 0, conflicts: 1, expired: 0 });
      expect(await total()).toBe(usd('0.01'));
      expect(await by('model')).toEqual({ 'claude-opus-5-5': usd('0.01') });
    });

    test('the same record is a repeat after prices have changed, too', async () => {
      const priced = { requests: 1, input_tokens: 9, cost_list_uncached: 7, cost_contracted: 6, cost_list_uncertain: 5, cache_creation_1h_tokens: 4 };
      await append(event({ id: 'a', amounts: { requests: 1, input_tokens: 9, unpriced_tokens: 9 } }));
      const again = { ...event({ id: 'a', amounts: priced }), listCost: usd('0.02') };
      expect(await append(again)).toEqual({ appended: 0, duplicates: 1, conflicts: 0, expired: 0 });
      expect([await total('cost_list'), await total('cost_contracted')]).toEqual([usd('0.01'), 0n]);
      expect((await append(event({ id: 'a', amounts: { ...priced, input_tokens: 8 } }))).conflicts).toBe(1);
    });

    test('the same identity in another session is another entry', async () => {
      await append(event({ id: 'a' }), event({ id: 'a', sessionId: 'session-2' }));
      expect(await total()).toBe(usd('0.02'));
    });

    test('an amount that no store holds is refused with its export alone, and nothing of it stays', async () => {
      const good = append(event({ id: 'good', sessionId: 'session-2' }));
      await expect(append(event({ id: 'a' }), event({ id: 'b', cost: '10000000' }))).rejects.toMatchObject({ code: 'invalid' });
      expect((await good).appended).toBe(1);
      expect(await total()).toBe(usd('0.01'));
      expect(await ledger.reader.session('session-1')).toBeUndefined();
    });

    test('appends that run side by side are all counted once', async () => {
      const batches = Array.from({ length: 200 }, (_, index) => append(event({ id: String(index % 100), timeMs: NOON + (index % 100) })));
      const outcomes = await Promise.all(batches);
      expect(outcomes.reduce((sum, outcome) => sum + outcome.appended, 0)).toBe(100);
      expect(await total()).toBe(usd('1.00'));
    });
    test('entries that come more than an hour after their time are counted as late, once', async () => {
      const old = event({ id: 'a', timeMs: NOON - HOUR - 1 });
      await receive(NOON, old, event({ id: 'b', timeMs: NOON - HOUR }), event({ id: 'c' }));
      await receive(NOON, old);
      expect((await ledger.reader.status()).counters).toMatchObject({ appended: 3, duplicates: 1, late: 1 });
    });
  });
}
