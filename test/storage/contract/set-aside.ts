/** Entries that are dated outside the window. */
import { describe, expect, test } from '@jest/globals';
import type { MeasureName } from '../../../collector/catalog/measures.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { asideIdentity } from '../../../collector/ledger/set-aside.ts';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { seededRandom } from '../../support/random.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const DAY = 24 * 3_600_000;
const ARRIVAL = NOON + DAY;
const LONG_AGO = NOON - 500 * DAY;

/** As it comes where it is dated outside; `arrivedMs` after ARRIVAL. */
const aside = (entry: Entry, arrivedMs = 0): Entry => {
  const { startMs: _, ...rest } = entry;
  return { ...rest, identity: asideIdentity(entry.identity), timeMs: ARRIVAL + arrivedMs, isSetAside: true, isTimeUncertain: true };
};

export function describeSetAside(open: OpenStore): void {
  describe('what is dated outside the window', () => {
    const ledger = useLedger(open);
    const first = event({ id: 'a', timeMs: LONG_AGO, cost: '2' });
    const money = async (...names: MeasureName[]) => (await ledger.ask({ measures: names })).totals;
    const both = () => money('cost', 'cost_set_aside');

    test('books nothing but what is set aside, at the time of its arrival', async () => {
      await ledger.append(aside(first), event({ id: 'b', cost: '0.5' }));
      expect(await both()).toEqual([usd('0.5'), usd('2')]);
      const others: MeasureName[] = ['cost_events', 'cost_list', 'requests', 'input_tokens'];
      expect(await money(...others)).toEqual([usd('0.5'), usd('0.5'), 1n, 10n]);
      expect((await ledger.ask({ measures: ['cost_set_aside'], toMs: ARRIVAL - 1 })).totals).toEqual([0n]);
      const session = await ledger.reader.session('session-1');
      expect([session?.cost, session?.totals.cost_set_aside, session?.lastSeenMs]).toEqual([usd('0.5'), usd('2'), ARRIVAL]);
    });

    test('is recognized when it is delivered again, also with other content', async () => {
      await ledger.append(aside(first));
      expect(await ledger.append(aside(first, 60_000))).toMatchObject({ appended: 0, duplicates: 1 });
      expect(await ledger.append(aside({ ...first, cost: usd('3') }, 60_000))).toMatchObject({ appended: 0, conflicts: 1 });
      expect(await both()).toEqual([0n, usd('2')]);
    });

    test('is booked at its own time once it comes within the window, and is set aside no more', async () => {
      await ledger.append(aside(first), aside(event({ id: 'b', cost: '1' })));
      expect(await ledger.append(first)).toMatchObject({ appended: 1 });
      expect(await both()).toEqual([usd('2'), usd('1')]);
      expect((await ledger.ask({ toMs: LONG_AGO + 1 })).totals).toEqual([usd('2')]);
      await ledger.reopen();
      await ledger.append(event({ id: 'b', cost: '1' }));
      expect(await both()).toEqual([usd('3'), 0n]);
    });

    test('is a duplicate where it is booked already', async () => {
      await ledger.append(first);
      expect(await ledger.append(aside(first))).toMatchObject({ appended: 0, duplicates: 1 });
      expect(await both()).toEqual([usd('2'), 0n]);
    });

    test('is no event among the numbered ones until it is booked', async () => {
      const early = { ...first, sequence: 3 };
      const gaps = async () => (await ledger.reader.gaps(0)).map(({ events, missing }) => [events, missing]);
      await ledger.append(event({ id: 'b', sequence: 7 }), aside(early));
      expect(await gaps()).toEqual([[1, 0]]);
      expect(await ledger.reader.check()).toEqual([]);
      await ledger.append(early);
      expect(await gaps()).toEqual([[2, 3]]);
    });

    test('is the same money from both sources, and what is booked takes no notice of it', async () => {
      const reading = metric({ id: 'm', timeMs: LONG_AGO, cost: '3' });
      await ledger.append(aside(first), event({ id: 'b', cost: '0.5' }), metric({ id: 'n', cost: '0.75', startMs: NOON - 1_000 }));
      await ledger.append(aside(reading, 60_000), aside(event({ id: 'c', cost: '1' }), 61_000));
      expect(await both()).toEqual([usd('0.75'), usd('3')]);
      await ledger.reopen();
      await ledger.append(aside(event({ id: 'd', cost: '1' }), 62_000));
      expect(await both()).toEqual([usd('0.75'), usd('4')]);
    });

    test('adds to a cumulative series nothing that its readings within the window would count from', async () => {
      const reading = (cost: string, timeMs: number) =>
        metric({ id: `m ${cost}`, cost, timeMs, cumulative: { series: 'series', startMs: NOON - 1_000 } });
      await ledger.append(aside(reading('100', 0)), aside(reading('101', 0), 1_000), reading('5', NOON), reading('6', NOON + 1));
      expect(await both()).toEqual([usd('6'), usd('101')]);
    });

    test('counts against no rate, and joins no records without a session with others', async () => {
      const lost = metric({ id: 'm', sessionId: 'no-session:alice:2026-11-21', cost: '4', keys: ['alice'] });
      await ledger.append(aside(event({ id: 'a', keys: ['alice'] })), aside(lost), event({ id: 'b', cost: '4', keys: ['alice'], timeMs: ARRIVAL }));
      expect(await both()).toEqual([usd('4'), usd('4.01')]);
      const minutes = await ledger.reader.minutes({ fromMs: ARRIVAL - 60_000, toMs: ARRIVAL + 60_000 });
      expect(minutes.map(({ requests }) => requests)).toEqual([1]);
    });

    test('is set aside exactly until it is booked, in whatever order and company it comes', async () => {
      const random = seededRandom('set aside');
      const records = Array.from({ length: 40 }, (_, index) => event({ id: `${index}`, cost: String(index + 1), timeMs: LONG_AGO + index * 90_000 }));
      const deliveries = random.shuffle([...records, ...records.map((record) => aside(record, random.below(10) * 1_000)), ...records.slice(20)]);
      const isBooked = new Set<string>();
      const isAside = new Set<string>();
      for (let at = 0; at < deliveries.length; at += 7) {
        const batch = deliveries.slice(at, at + 7);
        await ledger.append(...batch);
        for (const { identity, isSetAside } of batch) (isSetAside ? isAside : isBooked).add(isSetAside ? identity : asideIdentity(identity));
        const costOf = (is: (identity: string) => boolean) =>
          records.reduce((sum, { identity, cost }) => (is(asideIdentity(identity)) ? sum + cost : sum), 0n);
        const expected = [costOf((one) => isBooked.has(one)), costOf((one) => isAside.has(one) && !isBooked.has(one))];
        expect([at, ...(await both())]).toEqual([at, ...expected]);
      }
    });

    test('outlives its entries', async () => {
      await ledger.append(aside(first));
      await ledger.writer.prune(ARRIVAL + 2 * DAY);
      expect(await both()).toEqual([0n, usd('2')]);
      expect(await ledger.append(first)).toMatchObject({ appended: 0, expired: 1 });
    });
  });
}
