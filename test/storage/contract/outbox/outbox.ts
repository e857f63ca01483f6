/** What every store of alerts and messages must do. A store's test file calls this with a way to open it. */
import { describe } from '@jest/globals';
import { usePlace } from '../places.ts';
import { describeDigests } from './digests.ts';
import { describeDue } from './due.ts';
import { describeForgetting } from './forgetting.ts';
import { describeOutcomes } from './outcomes.ts';
import { describeRecords } from './records.ts';
import type { OutboxPlace, OutboxSuite } from './suite.ts';
import { describeSummaries } from './summaries.ts';

export function describeOutbox(store: string, makePlace: () => OutboxPlace | Promise<OutboxPlace>): void {
  describe(`outbox contract: ${store}`, () => {
    const place = usePlace(makePlace);
    const suite: OutboxSuite = { ...place, enqueue: (...deliveries) => place.store().commit({ records: [], deliveries }) };
    describeRecords(suite);
    describeDue(suite);
    describeOutcomes(suite);
    describeSummaries(suite);
    describeDigests(suite);
    describeForgetting(suite);
  });
}
