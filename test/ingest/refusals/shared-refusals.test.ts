import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RefusalTotal } from '../../../collector/catalog/refusals.ts';
import { addedRefusals, keptRefusals, shareRefusals } from '../../../collector/ingest/refusals/shared-refusals.ts';
import { openKeptFiles } from '../../../collector/storage/sqlite/kept-files.ts';

const total = (count: number, lastMs: number, address = '10.0.0.1', detail = 'none'): RefusalTotal => ({
  ...{ kind: 'limit', detail, count, firstMs: lastMs - 5, lastMs, senders: [{ address, count, lastMs }], hasMoreSenders: false },
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-refusals-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('refusals of several replicas should be added up by kind and detail, with the latest senders', () => {
  expect(addedRefusals([[total(2, 10)], [total(3, 30, '10.0.0.2'), total(1, 20, '', 'other')], [total(4, 40)]])).toEqual([
    {
      ...{ kind: 'limit', detail: 'none', count: 9, firstMs: 5, lastMs: 40, hasMoreSenders: false },
      senders: [
        { address: '10.0.0.1', count: 6, lastMs: 40 },
        { address: '10.0.0.2', count: 3, lastMs: 30 },
      ],
    },
    total(1, 20, '', 'other'),
  ]);
  const [many] = addedRefusals([Array.from({ length: 7 }, (_, index) => total(1, index, `10.0.0.${index}`))]);
  expect([many?.senders.length, many?.senders[0]?.address, many?.hasMoreSenders]).toEqual([5, '10.0.0.6', true]);
});

test('each replica should see its own as they are now, and what the others have written', async () => {
  const [one, two] = [shareRefusals(openKeptFiles(folder), Date.now), shareRefusals(openKeptFiles(folder), Date.now)];
  await one.write([total(2, 10)]);
  await two.write([total(3, 20)]);
  expect(await one.all([total(5, 30)])).toMatchObject([{ count: 8, lastMs: 30 }]);
  expect(await keptRefusals(openKeptFiles(folder))).toMatchObject([{ count: 5 }]);
  await Promise.all([one.close(), two.close()]);
});

test('what a replica refused that is gone should be over after a week', async () => {
  await shareRefusals(openKeptFiles(folder), Date.now).write([total(2, 10)]);
  const later = shareRefusals(openKeptFiles(folder), () => Date.now() + 9 * 86_400_000);
  await later.write([total(1, 20)]);
  expect((await keptRefusals(openKeptFiles(folder))).length).toBeLessThanOrEqual(1);
  expect(await later.all([total(1, 20)])).toMatchObject([{ count: 1 }]);
});
