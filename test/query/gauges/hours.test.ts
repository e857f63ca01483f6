import { afterEach, describe, expect, test } from '@jest/globals';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, only, read } from './gauge-context.ts';

let ledger: TestLedger;
afterEach(() => ledger.destroy());

const at = (instant: string, team = 'platform') =>
  event({ id: `${instant} ${team}`, team, timeMs: Date.parse(instant), sessionId: `${instant} ${team}` });
const busy = (samples: readonly string[]): string[] => samples.filter((sample) => !sample.endsWith(': 0'));

describe('requests by hour', () => {
  test('should fill a week, with the hours nobody worked as zero', async () => {
    ledger = await openTestLedger();
    // 2026-11-20 is a Friday (5), 2026-11-16 a Monday (1), 2026-10-24 the first of the 28 days (a Saturday, 6), 2026-10-23 too early.
    await append(
      ledger,
      ['2026-10-23T23:59:00Z', '2026-10-24T00:00:00Z', '2026-11-13T09:30:00Z', '2026-11-16T07:00:00Z', '2026-11-20T09:59:59Z'].map((time) =>
        at(time),
      ),
    );
    const samples = await read(ledger, 'requests_by_hour');
    expect(samples).toHaveLength(7 * 24);
    expect(busy(samples)).toEqual(['1, 07: 1', '5, 09: 2', '6, 00: 1']);
  });

  test('should be hours of the local clock, also across the end of summer time', async () => {
    ledger = await openTestLedger({ timeZone: 'Europe/Berlin' });
    // Sunday 2026-10-25: 00:30 UTC is 02:30 in summer time, 01:30 UTC is 02:30 again in winter time. On Monday 07:00 UTC is 08:00.
    const nowMs = Date.parse('2026-10-26T12:00:00Z');
    await append(
      ledger,
      ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-26T07:00:00Z'].map((time) => at(time)),
    );
    expect(busy(await read(ledger, 'requests_by_hour', { nowMs, timeZone: 'Europe/Berlin' }))).toEqual(['1, 08: 1', '7, 02: 2']);
  });

  test('should be of 28 local days also where one of them has 23 hours', async () => {
    ledger = await openTestLedger({ timeZone: 'Europe/Berlin' });
    // Summer time begins on 2026-03-29. The first of the 28 days before and with 2026-04-10 is 2026-03-14, which begins at 23:00 UTC.
    const nowMs = Date.parse('2026-04-10T10:00:00Z');
    await append(
      ledger,
      ['2026-03-13T22:59:00Z', '2026-03-13T23:00:00Z', '2026-03-29T01:00:00Z'].map((time) => at(time)),
    );
    expect(busy(await read(ledger, 'requests_by_hour', { nowMs, timeZone: 'Europe/Berlin' }))).toEqual(['6, 00: 1', '7, 03: 1']);
  });

  test('should be narrowed by whatever the ledger can filter', async () => {
    ledger = await openTestLedger();
    await append(ledger, [at('2026-11-20T09:00:00Z'), at('2026-11-20T09:00:00Z', 'search')]);
    expect(busy(await read(ledger, 'requests_by_hour', { where: only('team', 'search') }))).toEqual(['5, 09: 1']);
    expect(await read(ledger, 'requests_by_hour', { where: only('skill', 'review') })).toEqual([]);
  });

  test('should be silent after 28 days of silence', async () => {
    ledger = await openTestLedger();
    await append(ledger, [at('2026-11-20T09:00:00Z')]);
    expect(await read(ledger, 'requests_by_hour', { nowMs: NOON + 29 * DAY_MS })).toEqual([]);
  });
});
