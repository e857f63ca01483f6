/** What every store of budgets, alerts and messages must do where a user is erased. A store's test file calls this with a way to open it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AlertRecord, Outbox } from '../../../../collector/alerts/outbox.ts';
import type { BudgetWriter } from '../../../../collector/budgets/journal.ts';
import { budgetSchema } from '../../../../collector/config/budgets.ts';
import type { GatewayRecords } from '../../../../collector/gateway/records.ts';
import { Eraser, type OperatorRecords, type PrivacyEntry } from '../../../../collector/ledger/erasure.ts';
import { MESSAGE } from '../../../alerts/message.ts';
import { waitFor } from '../../../support/wait.ts';
import { limitRecord } from '../gateway/suite.ts';
import { delivery, record } from '../outbox/suite.ts';

export interface OperatorPlace {
  open(): OperatorRecords;
  journal(): BudgetWriter;
  outbox(): Outbox;
  gateways(): GatewayRecords;
  /** Where bytes are kept that match. */
  holding(pattern: RegExp): Promise<readonly string[]>;
  destroy(): void | Promise<void>;
}

const ENTRY: PrivacyEntry = { atMs: 5, who: 'ops', what: 'erased', subject: 'erased-1' };
const eraser = new Eraser(['ada@example.com'], 'erased-1');
const LABELS = { user: 'Ada@Example.com', budget: 'people/ada@example.com' };
const BUDGET = budgetSchema.parse({
  name: 'people',
  per: 'user',
  scope: { user: ['ada@example.com', 'mary-ada@example.com'] },
  period: 'month',
  amount_usd: '1',
});
const alert = (id: string): AlertRecord => record(id, { labels: LABELS, notification: 'notified', firedMs: 1, message: MESSAGE, channels: ['ops'] });
const DELIVERY = delivery('d', { channel: 'ops', subject: 'budget/people/ada@example.com/2026', labels: LABELS, createdMs: 1 });

export function describeOperatorRecords(store: string, makePlace: () => OperatorPlace | Promise<OperatorPlace>): void {
  describe(`operator records contract: ${store}`, () => {
    let place: OperatorPlace;
    let journal: BudgetWriter;
    let outbox: Outbox;
    let records: OperatorRecords;
    beforeEach(async () => {
      place = await makePlace();
      [journal, outbox, records] = [place.journal(), place.outbox(), place.open()];
      await journal.set(BUDGET, { who: 'ada@example.com', atMs: 1 });
      const raise = { key: 'people/ada@example.com', amount: 7n, fromMs: 0, untilMs: 9, why: "for 'ada@example.com'" };
      await journal.raise(raise, { who: 'ops', atMs: 2 });
      await outbox.commit({ records: [alert('budget/people/ada@example.com/2026')], deliveries: [DELIVERY] });
      await outbox.failed('d', 'The mail server rejected it: ada@example.com is unknown.', 10);
    });
    afterEach(async () => {
      await Promise.all([journal.close(), outbox.close(), records.close()]);
      await place.destroy();
    });

    const wiped = () => waitFor('nobody reads an older state', () => records.wipe());

    test('a request for more is as if the pseudonym had made it', async () => {
      const amount = { amount: 1n, unit: 'usd', untilMs: 9, expiresMs: 9 } as const;
      const asked = { ...amount, key: 'people/ada@example.com', why: 'for ada@example.com', user: 'ada@example.com' };
      const { id } = await journal.request(asked, { who: 'ada@example.com', atMs: 3 });
      await records.erase(eraser, ENTRY, false);
      expect(await journal.findRequest(id)).toMatchObject({ user: 'erased-1', who: 'erased-1', key: 'people/erased-1', why: 'for erased-1' });
      expect(await journal.requests({ user: 'ada@example.com', limit: 9 })).toEqual([]);
      expect(await journal.requests({ user: 'erased-1', limit: 9 })).toMatchObject([{ id }]);
    });

    test('names become the pseudonym, while others have the store open', async () => {
      const before = await journal.revision();
      expect((await journal.budgets([]))[0]?.scope).toEqual({ user: ['ada@example.com', 'mary-ada@example.com'] });
      expect(await records.erase(eraser, ENTRY, false)).toEqual({ budgets: 2, alerts: 1, messages: 1 });
      await wiped();
      expect(await journal.revision()).not.toBe(before);
      expect((await journal.budgets([]))[0]).toMatchObject({
        scope: { user: ['erased-1', 'mary-ada@example.com'] },
        raises: [{ key: 'people/erased-1', amount: 7n }],
      });
      expect((await journal.audit('people')).map(({ who }) => who)).toEqual(['ops', 'erased-1']);
      expect(await outbox.known(['budget/people/erased-1/2026'])).toMatchObject([{ labels: { user: 'erased-1', budget: 'people/erased-1' } }]);
      expect(await outbox.due(10, 9)).toMatchObject([
        { subject: 'budget/people/erased-1/2026', error: 'The mail server rejected it: erased-1 is unknown.' },
      ]);
      expect(await place.holding(/(?<!mary-)ada@example/i)).toEqual([]);
      expect(await records.audit()).toEqual([ENTRY]);
    });

    test('of two alerts that become the same one, one stays', async () => {
      await outbox.commit({ records: [alert('budget/people/ADA@example.com/2026'), alert('budget/people/erased-1/2026')], deliveries: [] });
      expect(await records.erase(eraser, ENTRY, false)).toMatchObject({ alerts: 3 });
      expect((await outbox.records()).map(({ id }) => id)).toEqual(['budget/people/erased-1/2026']);
    });

    test('what was set at gateways, and who was exported before, have the pseudonym, too', async () => {
      const gateways = place.gateways();
      await gateways.append(limitRecord({ who: 'cli:ada@example.com', budgets: ['people/ada@example.com'] }));
      await records.note({ atMs: 3, who: 'ada@example.com', what: 'exported', subject: 'ada@example.com' });
      expect(await records.erase(eraser, ENTRY, false)).toEqual({ budgets: 3, alerts: 1, messages: 1 });
      expect(await gateways.records()).toMatchObject([{ who: 'cli:erased-1', budgets: ['people/erased-1'] }]);
      expect(await records.audit()).toEqual([ENTRY, { atMs: 3, who: 'erased-1', what: 'exported', subject: 'erased-1' }]);
      await gateways.close();
    });

    test('a trial counts, and changes nothing', async () => {
      expect(await records.erase(eraser, ENTRY, true)).toEqual({ budgets: 2, alerts: 1, messages: 1 });
      expect([await records.audit(), (await records.find(eraser)).budgets.length]).toEqual([[], 2]);
      expect((await journal.budgets([]))[0]?.scope).toEqual({ user: ['ada@example.com', 'mary-ada@example.com'] });
    });

    test('what is found of somebody says what is kept, with numbers as numbers', async () => {
      const { budgets, alerts, messages } = await records.find(eraser);
      expect(budgets).toMatchObject([
        { id: 1, at_ms: 1, who: 'ada@example.com', what: 'budget_set', name: 'people', body: { per: 'user' } },
        { id: 2, at_ms: 2, who: 'ops', what: 'budget_raised', body: { amount: '7' }, asker: null, request: null },
      ]);
      expect(alerts).toMatchObject([{ id: 'budget/people/ada@example.com/2026', state: 'firing', fired_ms: 1, body: { labels: LABELS } }]);
      expect(messages).toMatchObject([{ place: 1, id: 'd', attempts: 1, next_ms: 10, created_ms: 1, delivered_ms: null, body: { labels: LABELS } }]);
    });
  });
}
