import { describe, expect, test } from '@jest/globals';
import { delivery, idsOf, type OutboxSuite, record } from './suite.ts';

export function describeForgetting({ store, enqueue }: OutboxSuite): void {
  describe('what is over and old', () => {
    test('goes; what fires, is on its way or is younger stays', async () => {
      const over = (id: string, resolvedMs: number) => record(id, { state: 'resolved', resolvedMs });
      await store().commit({ records: [record('fires', { firedMs: 1 }), over('old', 50), over('young', 150)], deliveries: [] });
      await enqueue(delivery('delivered'), delivery('dead'), delivery('waiting'), delivery('young', { createdMs: 200 }), delivery('part'));
      await store().delivered('delivered', 110);
      await store().failed('dead', 'unknown address', undefined);
      await store().group(delivery('sum', { kind: 'summary', createdMs: 200 }), ['part']);
      await store().forget(120);
      expect((await store().records()).map(({ id }) => id)).toEqual(['fires', 'young']);
      expect(idsOf(await store().deliveries(undefined, 10)).toSorted()).toEqual(['part', 'sum', 'waiting', 'young']);
    });

    test('takes the parts of a delivered summary along', async () => {
      await enqueue(delivery('part'));
      await store().group(delivery('sum', { kind: 'summary' }), ['part']);
      await store().delivered('sum', 110);
      await store().forget(120);
      expect(await store().deliveries(undefined, 10)).toEqual([]);
      await enqueue(delivery('part'));
      expect(idsOf(await store().due(100, 10))).toEqual(['part']);
    });
  });
}
