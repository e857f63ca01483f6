/** An export has what who asks may see: the same as the report under that scope, in every format, and nobody else's name. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FORMAT_NAMES } from '../../collector/catalog/export-formats.ts';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import { scopedReader } from '../../collector/query/scoped-reader.ts';
import { seededRandom } from '../support/random.ts';
import type { TestLedger } from '../support/sqlite-ledger.ts';
import { randomLedger } from './random-ledger.ts';
import { contextOver, exported } from './reading.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await randomLedger(seededRandom('scopes of exports'), 400);
});
afterAll(() => ledger.destroy());

const SCOPES: readonly Exclude<ReadScope, 'all'>[] = [
  [{ dimension: 'team', values: ['platform'] }],
  [{ dimension: 'user', values: ['bob@example.com'] }],
  [
    { dimension: 'team', values: ['platform', 'search'] },
    { dimension: 'workspace', values: ['space-1'] },
  ],
];

test.each(FORMAT_NAMES)('%s', async (format) => {
  for (const scope of SCOPES) {
    const scoped = await exported(`format=${format}`, contextOver(scopedReader(ledger.reader, scope)));
    const where = scope.flatMap(({ dimension, values }) => values.map((value) => `where=${dimension}:${encodeURIComponent(value)}`)).join('&');
    const filtered = await exported(`format=${format}&${where}`, contextOver(ledger.reader));
    expect(scoped.tally.cost).not.toBe(0n);
    expect(scoped.bytes.equals(filtered.bytes)).toBe(true);
  }
});

test('a hint names nobody outside', async () => {
  const [scope] = SCOPES;
  if (scope === undefined) throw new Error('no scope');
  const { hints } = await exported('where=team:serch', contextOver(scopedReader(ledger.reader, scope)));
  expect(hints.map(({ nearest }) => nearest)).toEqual([null]);
});
