/** Requests that an import has from elsewhere: what a store keeps of them. That no order matters is proved in test/ledger/stand-ins.test.ts. */
import { describe, expect, test } from '@jest/globals';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { requestKey, standInIdentity } from '../../../collector/ledger/stand-ins.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A day after the month has ended everywhere. */
const CLOSING = Date.parse('2026-12-02T00:07Z');

const request = requestKey({ id: 'req_1', model: 'claude-opus-5-5', input: 10, cacheRead: 0, cacheCreation: 0 });
const reported = event({ id: 'e', timeMs: NOON + 200, request });
const standIn: Entry = {
  ...event({ id: 's', cost: '0', request, dimensions: { origin: 'transcripts' } }),
  ...{ identity: standInIdentity('s'), listCost: usd('0.02'), isCostMissing: true, isStandIn: true },
};
const other: Entry = {
  ...standIn,
  identity: standInIdentity('t'),
  timeMs: NOON + MINUTE,
  request: requestKey({ id: 'req_2', model: '', input: 1, cacheRead: 0, cacheCreation: 0 }),
};

export function describeStandIns(open: OpenStore): void {
  describe('stand-ins', () => {
    const ledger = useLedger(open);
    const both = async () => (await ledger.ask({ measures: ['cost', 'cost_estimated'] })).totals;

    test('are covered by what comes after a restart, and known again after another', async () => {
      expect(await ledger.append(standIn, other)).toMatchObject({ appended: 2, standIns: { booked: 2, bookedCost: usd('0.04'), covered: 0 } });
      await ledger.reopen();
      await ledger.append(reported);
      expect(await both()).toEqual([usd('0.03'), usd('0.02')]);
      await ledger.reopen();
      expect(await ledger.append(standIn, other)).toMatchObject({ appended: 0, duplicates: 2 });
      expect(await both()).toEqual([usd('0.03'), usd('0.02')]);
    });

    test('that are covered are in no course, no session and no count of minutes', async () => {
      await ledger.append(reported, standIn, other);
      const course = await ledger.reader.course('session-1', { recordsMax: 10 });
      expect(course?.steps?.map(({ cost, dims }) => [cost, dims.origin])).toEqual([
        [usd('0.01'), ''],
        [usd('0.02'), 'transcripts'],
      ]);
      expect(await ledger.reader.session('session-1')).toMatchObject({ cost: usd('0.03'), firstSeenMs: NOON + 200, totals: { requests: 2n } });
      expect(await ledger.by('origin')).toEqual({ '': usd('0.01'), transcripts: usd('0.02') });
    });

    test('keep what they came to when their entries go', async () => {
      await ledger.append(reported, standIn, other);
      await ledger.writer.prune(NOON + HOUR);
      expect(await both()).toEqual([usd('0.03'), usd('0.02')]);
      expect(await ledger.append(standIn)).toMatchObject({ appended: 0, expired: 1 });
    });

    test('of a closed month are taken back in the open one', async () => {
      await ledger.append(standIn, other);
      await ledger.writer.closeMonth('2026-11', CLOSING);
      await ledger.receive(CLOSING, reported);
      const { rows } = await ledger.ask({ grain: 'month' });
      expect(rows.map(({ startMs = 0, values }) => [new Date(startMs).toISOString().slice(0, 7), ...values]).sort()).toEqual([
        ['2026-11', usd('0.04')],
        ['2026-12', usd('-0.01')],
      ]);
      expect(await both()).toEqual([usd('0.03'), usd('0.02')]);
    });

    test('are covered and known after a person was taken out, too', async () => {
      await ledger.append(standIn, other);
      await ledger.writer.erase({ names: ['alice@example.com'], pseudonym: 'erased-1', isRemembered: true, isTrial: false });
      await ledger.append(reported, standIn);
      expect(await both()).toEqual([usd('0.03'), usd('0.02')]);
      expect(await ledger.by('user')).toEqual({ 'erased-1': usd('0.03') });
    });
  });
}
