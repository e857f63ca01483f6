/** What every store of what was set at gateways must do. A store's test file calls this with a way to open it. */
import { describe, expect, test } from '@jest/globals';
import type { SpendLimit } from '../../../../collector/gateway/limits.ts';
import type { GatewayLock, GatewayRecords } from '../../../../collector/gateway/records.ts';
import { type StorePlace, usePlace } from '../places.ts';
import { limitRecord } from './suite.ts';

export interface GatewayPlace extends StorePlace<GatewayRecords> {
  /** As every run does before it changes anything. */
  lock(): Promise<GatewayLock>;
}

export function describeGatewayRecords(store: string, makePlace: () => GatewayPlace | Promise<GatewayPlace>): void {
  describe(`gateway records contract: ${store}`, () => {
    let place: GatewayPlace;
    const { store: records, open } = usePlace(async () => {
      place = await makePlace();
      return place;
    });

    test('come back as they were written, the oldest first, of one gateway or of all', async () => {
      const limit: SpendLimit = { scope: { type: 'user', id: 'ada' }, period: 'monthly', cents: 10n ** 20n + 1n, pool: undefined };
      const pooled: SpendLimit = { ...limit, cents: null, pool: { cents: 5n, isPaused: true } };
      const written = [
        limitRecord({ outcome: 'begun', limitId: undefined, after: limit }),
        limitRecord({ atMs: 2, before: limit, after: pooled }),
        limitRecord({ atMs: 3, gateway: 'https://other.example.com', what: 'removed', outcome: 'failed', before: pooled, error: 'no' }),
      ];
      for (const record of written) await records().append(record);
      expect(await records().records()).toEqual(written);
      expect(await open().records('https://gateway.example.com')).toEqual(written.slice(0, 2));
      expect(await open().records('https://nowhere.example.com')).toEqual([]);
    });

    test('are changed by one run at a time', async () => {
      const runs = await Promise.allSettled([place.lock(), place.lock(), place.lock()]);
      const [got, ...more] = runs.filter((run) => run.status === 'fulfilled').map(({ value }) => value);
      expect([got !== undefined, more]).toEqual([true, []]);
      await got?.confirm();
      await expect(place.lock()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('by another run') });
      await got?.release();
      const next = await place.lock();
      await next.confirm();
      await next.release();
    });
  });
}
