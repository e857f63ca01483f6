/** What every store of alerts and messages must do. A store's test file calls this with a way to open it. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import type { Outbox } from '../../../../collector/alerts/outbox.ts';
import { describeDigests } from './digests.ts';
import { describeDue } from './due.ts';
import { describeForgetting } from './forgetting.ts';
import { describeOutcomes } from './outcomes.ts';
import { describeRecords } from './records.ts';
import type { OutboxPlace, OutboxSuite } from './suite.ts';
import { describeSummaries } from './summaries.ts';

export function describeOutbox(store: string, makePlace: () => OutboxPlace): void {
  describe(`outbox contract: ${store}`, () => {
    let place: OutboxPlace;
    let opened: Outbox[];
    const open = (): Outbox => {
      const one = place.open();
      opened.push(one);
      return one;
    };
    beforeEach(() => {
      place = makePlace();
      opened = [];
      open();
    });
    afterEach(() => {
      for (const one of opened) one.close();
      place.destroy();
    });
    const current = (): Outbox => opened[0] ?? open();
    const suite: OutboxSuite = { store: current, open, enqueue: (...deliveries) => current().commit({ records: [], deliveries }) };
    describeRecords(suite);
    describeDue(suite);
    describeOutcomes(suite);
    describeSummaries(suite);
    describeDigests(suite);
    describeForgetting(suite);
  });
}
