/** Answers that agree: a snapshot is about one instant, whatever is written meanwhile, and it ends. */
import { describe, expect, test } from '@jest/globals';
import type { LedgerSnapshot } from '../../../collector/ledger/ledger.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const COST = { measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 } as const;
const costIn = async (ledger: LedgerSnapshot): Promise<bigint | undefined> => (await ledger.query(COST)).totals[0];

export function describeSnapshots(open: OpenStore): void {
  describe('snapshots', () => {
    const ledger = useLedger(open);

    test('answers within one agree while a writer commits, and outside of it the newer state is seen meanwhile', async () => {
      await ledger.append(event({ id: 'a' }));
      const seen = await ledger.reader.snapshot(async (held) => {
        const before = await costIn(held);
        await ledger.append(event({ id: 'b', cost: '0.02', timeMs: NOON + 1 }), event({ id: 'c', sessionId: 'session-2' }));
        const outside = await costIn(ledger.reader);
        const { entries } = await held.status();
        return { before, after: await costIn(held), outside, entries, session: await held.session('session-2') };
      });
      expect(seen).toEqual({ before: usd('0.01'), after: usd('0.01'), outside: usd('0.04'), entries: 1, session: undefined });
      expect(await ledger.total()).toBe(usd('0.04'));
    });

    test('one is about the instant at which it begins, also when its first question comes later', async () => {
      await ledger.append(event({ id: 'a' }));
      const cost = await ledger.reader.snapshot(async (held) => {
        await ledger.append(event({ id: 'b', timeMs: NOON + 1 }));
        return costIn(held);
      });
      expect(cost).toBe(usd('0.01'));
    });

    test('two at once are about an instant of their own each', async () => {
      await ledger.append(event({ id: 'a' }));
      const seen = await ledger.reader.snapshot(async (first) => {
        await ledger.append(event({ id: 'b', timeMs: NOON + 1 }));
        const inner = await ledger.reader.snapshot((second) => costIn(second));
        return [await costIn(first), inner];
      });
      expect(seen).toEqual([usd('0.01'), usd('0.02')]);
    });

    test('an error within it comes out, and lets the next ones begin', async () => {
      for (let round = 0; round < 20; round++) {
        const failing = ledger.reader.snapshot(async (held) => {
          await held.status();
          throw new Error(`round ${round}`);
        });
        await expect(failing).rejects.toThrow(`round ${round}`);
      }
      expect(await ledger.reader.snapshot((held) => costIn(held))).toBe(0n);
    });

    test('nothing is answered in one that is over', async () => {
      const kept = await ledger.reader.snapshot(async (held) => held);
      await expect(kept.status()).rejects.toMatchObject({ code: 'unavailable' });
    });
  });

  describe('snapshots beyond their limits', () => {
    const ledger = useLedger(open, { snapshotsMax: 1, snapshotMaxMs: 500 });

    test('one that never ends is cut off, and whoever waited for it goes on', async () => {
      await ledger.append(event({ id: 'a' }));
      const endless = Promise.withResolvers<never>();
      let held: LedgerSnapshot | undefined;
      const first = ledger.reader.snapshot((snapshot) => {
        held = snapshot;
        return endless.promise;
      });
      const second = ledger.reader.snapshot((snapshot) => costIn(snapshot));
      await expect(first).rejects.toMatchObject({ code: 'unavailable', message: 'Reading the ledger at one instant took longer than 0.5 s.' });
      await expect(held?.status()).rejects.toMatchObject({ code: 'unavailable' });
      expect(await second).toBe(usd('0.01'));
    });

    test('a question outside of it waits for none', async () => {
      const endless = Promise.withResolvers<bigint | undefined>();
      const held = ledger.reader.snapshot(() => endless.promise);
      expect(await costIn(ledger.reader)).toBe(0n);
      endless.resolve(1n);
      expect(await held).toBe(1n);
    });
  });

  describe('snapshots in a queue', () => {
    const ledger = useLedger(open, { snapshotsMax: 1 });

    test('those that wait have their turn one after the other', async () => {
      const order: number[] = [];
      const one = (number: number) =>
        ledger.reader.snapshot(async (held) => {
          order.push(number);
          await held.status();
          order.push(number);
        });
      await Promise.all([one(1), one(2), one(3)]);
      expect(order).toEqual([1, 1, 2, 2, 3, 3]);
    });
  });
}
