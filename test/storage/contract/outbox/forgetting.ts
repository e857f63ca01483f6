import { describe, expect, test } from '@jest/globals';
import { delivery, idsOf, type OutboxSuite, record } from './suite.ts';

export function describeForgetting({ store, enqueue }: OutboxSuite): void {
  describe('what is over and old', () => {
    test('goes; what fires, is on its way or is younger stays', () => {
      const over = (id: string, resolvedMs: number) => record(id, { state: 'resolved', resolvedMs });
      store().commit({ records: [record('fires', { firedMs: 1 }), over('old', 50), over('young', 150)], deliveries: [] });
      enqueue(delivery('delivered'), delivery('dead'), delivery('waiting'), delivery('young', { createdMs: 200 }), delivery('part'));
      store().delivered('delivered', 110);
      store().failed('dead', 'unknown address', undefined);
      store().group(delivery('sum', { kind: 'summary', createdMs: 200 }), ['part']);
      store().forget(120);
      expect(
        store()
          .records()
          .map(({ id }) => id),
      ).toEqual(['fires', 'young']);
      expect(idsOf(store().deliveries(undefined, 10)).toSorted()).toEqual(['part', 'sum', 'waiting', 'young']);
    });

    test('takes the parts of a delivered summary along', () => {
      enqueue(delivery('part'));
      store().group(delivery('sum', { kind: 'summary' }), ['part']);
      store().delivered('sum', 110);
      store().forget(120);
      expect(store().deliveries(undefined, 10)).toEqual([]);
      enqueue(delivery('part'));
      expect(idsOf(store().due(100, 10))).toEqual(['part']);
    });
  });
}
